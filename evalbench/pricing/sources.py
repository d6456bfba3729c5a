"""Where a model's price comes from: the user's own figure, a declared default, or the published list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson

from evalbench.core.models import Model, Price

LOCAL_USD_PER_HOUR = 0.10
"""What an hour of one small server is taken to cost, where nobody said otherwise."""

_PRICE_FILE = "model_prices_and_context_window_backup.json"


def with_price(model: Model) -> Model:
    """The model with the price that its answers are costed at, or None where nobody knows one.

    A price in the configuration wins; classical models in this process get the declared default
    per busy hour; everything else is looked up in the published list by its model id.
    """
    if model.price is not None:
        return model
    if model.is_classical:
        return replace(model, price=_local_price())
    return replace(model, price=list_price(model.id.rsplit("#", 1)[-1]))


def list_price(model_id: str) -> Price | None:
    """The list price of a published model in USD per million tokens, or None if it is not listed."""
    listed = _price_list()
    entry = listed.get(model_id) or listed.get(model_id.partition("/")[2])
    if entry is None or entry.get("input_cost_per_token") is None:
        return None
    return Price(
        input=_usd_per_million(entry, "input_cost_per_token"),
        output=_usd_per_million(entry, "output_cost_per_token"),
        cache_read=_usd_per_million(entry, "cache_read_input_token_cost"),
        cache_write=_usd_per_million(entry, "cache_creation_input_token_cost"),
        source=f"list price, litellm {_list_version()}",
    )


def _usd_per_million(entry: Mapping[str, Any], key: str) -> float | None:
    return None if entry.get(key) is None else float(entry[key]) * 1_000_000


def _local_price() -> Price:
    return Price(
        per_hour=LOCAL_USD_PER_HOUR,
        source=f"assumed: ${LOCAL_USD_PER_HOUR:.2f} per busy hour",
        is_assumed=True,
    )


@cache
def _price_file() -> Path | None:
    # The package is only located, never imported: its import takes seconds, the file milliseconds.
    spec = find_spec("litellm")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(next(iter(spec.submodule_search_locations))) / _PRICE_FILE
    return path if path.is_file() else None


@cache
def _price_list() -> Mapping[str, Mapping[str, Any]]:
    path = _price_file()
    found: Mapping[str, Mapping[str, Any]] = orjson.loads(path.read_bytes()) if path else {}
    return found


@cache
def _list_version() -> str:
    try:
        return version("litellm")
    except PackageNotFoundError:  # a vendored copy carries no metadata
        return "of unknown version"
