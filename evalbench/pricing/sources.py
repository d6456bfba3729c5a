"""Where a model's price comes from: the user's own figure, a declared default, or the published list."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from evalbench.core.models import Model, Price
from evalbench.pricing.bounds import sent_params
from evalbench.pricing.list_entry import listing_of, price_of
from evalbench.pricing.price_list import entry_of
from evalbench.pricing.surcharges import with_surcharges

LOCAL_USD_PER_HOUR = 0.10
"""What an hour of one small server is taken to cost, where nobody said otherwise."""


def with_price(model: Model) -> Model:
    """The model with the price that its answers are costed at, or None where nobody knows one.

    A price in the configuration wins; classical models in this process get the declared default
    per busy hour; everything else is looked up in the published list by its model id. What the
    list knows besides the price, such as the longest answer, comes along in any case.
    """
    if model.is_classical:
        return model if model.price is not None else replace(model, price=_local_price())
    entry = entry_of(_listed_name(model))
    if entry is None:
        return model
    tier = sent_params(model).get("service_tier")
    listed = with_surcharges(price_of(entry, None if tier is None else str(tier)), model, entry)
    price = model.price or _elsewhere(model, listed)
    return replace(model, price=price, listing=listing_of(entry))


def list_price(model_id: str) -> Price | None:
    """The list price of a published model in USD per million tokens, or None if it is not listed."""
    entry = entry_of(model_id)
    return None if entry is None else price_of(entry)


def _listed_name(model: Model) -> str:
    return model.id.rsplit("#", 1)[-1]


def _elsewhere(model: Model, price: Price | None) -> Price | None:
    """A list price is an assumption when the model is asked at somebody else's address."""
    provider = model.id.partition("/")[0].replace("_", "")
    host = urlsplit(model.api_base or "").hostname
    if price is None or host is None or provider in host:
        return price
    return replace(price, source=f"{price.source}, though it is asked at {host}", is_assumed=True)


def _local_price() -> Price:
    return Price(
        per_hour=LOCAL_USD_PER_HOUR,
        source=f"assumed: ${LOCAL_USD_PER_HOUR:.2f} per busy hour",
        is_assumed=True,
    )
