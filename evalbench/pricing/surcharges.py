"""What the place of service, or its speed, adds to a list price."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlsplit

from evalbench.core.models import Model, Price, PriceStep
from evalbench.pricing.bounds import sent_params
from evalbench.pricing.price_list import Entry

Rates = TypeVar("Rates", Price, PriceStep)

_REGIONAL_HOST = re.compile(r"(eu|us)\.api\.openai\.com")
_VERTEX = "vertex_ai/"
_ANYWHERE = ("global", "not_available")


def with_surcharges(price: Price | None, model: Model, entry: Entry) -> Price | None:
    """The list price with all that is added to it; None where a faster service has no price in the list.

    The list has factors: for the regional hosts of OpenAI, `inference_geo` and `speed` of Anthropic, and
    the places of Vertex that are not global, of which the one that is not named is one.
    """
    for words, factor in _surcharges(model, entry):
        if price is None or factor is None:
            return None
        if factor != 1.0:
            price = _times(price, factor, f"{words}: {factor:g} times")
    return price


def _surcharges(model: Model, entry: Entry) -> Iterator[tuple[str, float | None]]:
    sent, listed = sent_params(model), entry.get("provider_specific_entry") or {}
    region = _REGIONAL_HOST.fullmatch(urlsplit(model.api_base or "").hostname or "")
    if region is not None:
        factor = entry.get(f"regional_processing_uplift_multiplier_{region[1]}", 1.0)
        yield f"at {region.group()}", float(factor)
    if model.id.startswith(_VERTEX) and sent.get("vertex_location") != _ANYWHERE[0]:
        yield "at a place that is not global", float(entry.get("regional_endpoint_uplift_multiplier", 1.0))
    place = str(sent.get("inference_geo") or _ANYWHERE[0]).lower()
    if place not in _ANYWHERE:
        yield f"served in {place}", float(listed.get(place, 1.0))
    speed = str(sent.get("speed") or "standard").lower()
    if speed != "standard":
        factor = listed.get(speed)
        yield f"at speed {speed}", None if factor is None else float(factor)


def _times(price: Price, factor: float, words: str) -> Price:
    dearer = replace(
        price,
        steps=tuple(_rates_times(step, factor) for step in price.steps),
        batch=None if price.batch is None else _times(price.batch, factor, words),
        source=f"{price.source}, {words}",
    )
    return _rates_times(dearer, factor)


def _rates_times(rates: Rates, factor: float) -> Rates:
    return replace(
        rates,
        input=_product(rates.input, factor),
        output=_product(rates.output, factor),
        cache_read=_product(rates.cache_read, factor),
        cache_write=_product(rates.cache_write, factor),
        reasoning=_product(rates.reasoning, factor),
    )


def _product(usd: float | None, factor: float) -> float | None:
    return None if usd is None else round(usd * factor, 10)
