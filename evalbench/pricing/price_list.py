"""The published list of models and prices, read from the file that litellm brings, without importing it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

import orjson

Entry: TypeAlias = Mapping[str, Any]
"""One model of the list, with USD per single token."""

RELEASED: Mapping[str, str] = {"1.106.2": "2026-10-21"}
"""When a version of the list was published.

Neither the list nor its package says so: the times of installed files are those of the
installation. A version that is not here has no date, and its number stands for it.
"""

_FILE = "model_prices_and_context_window_backup.json"


def entry_of(model_id: str) -> Entry | None:
    """What the list knows of a model, or None.

    A model is listed under its whole id, or under its name alone where the list says that it
    belongs to the provider the id names: `my_server/gpt-4o` is not OpenAI's gpt-4o.
    """
    listed = _entries()
    if model_id in listed:
        return listed[model_id]
    provider, mark, name = model_id.partition("/")
    entry = listed.get(name) if mark else None
    return entry if entry is not None and _belongs_to(entry, provider) else None


def source() -> str:
    """The list and its version, in words fit for a report."""
    return f"list price, litellm {list_version()}"


def published_on() -> str | None:
    """The ISO date of the list that is installed, or None where nobody wrote it down."""
    return RELEASED.get(list_version())


def let_go() -> None:
    """Stop holding the list, which takes megabytes, until somebody asks again."""
    _entries.cache_clear()


@cache
def list_version() -> str:
    """The version of the package that brings the list."""
    try:
        return version("litellm")
    except PackageNotFoundError:  # a vendored copy carries no metadata
        return "of unknown version"


def _belongs_to(entry: Entry, provider: str) -> bool:
    # The list splits some providers by kind: `vertex_ai-language-models`, `bedrock_converse`.
    owner = str(entry.get("litellm_provider", ""))
    return owner in {provider, f"text-completion-{provider}"} or owner.startswith(
        (f"{provider}-", f"{provider}_")
    )


@cache
def _entries() -> Mapping[str, Entry]:
    path = price_file()
    found: Mapping[str, Entry] = orjson.loads(path.read_bytes()) if path else {}
    return found


@cache
def price_file() -> Path | None:
    """The file of the installed list, or None where it is not installed."""
    # The package is only located, never imported: its import takes seconds, the file milliseconds.
    spec = find_spec("litellm")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(next(iter(spec.submodule_search_locations))) / _FILE
    return path if path.is_file() else None
