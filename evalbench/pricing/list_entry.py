"""One entry of the published list as a price and as what else is known of a model."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from evalbench.core.models import Listing, Price, PriceStep
from evalbench.pricing.price_list import Entry, published_on, source

_ABOVE = re.compile(r"_above_(\d+)(k?)_tokens")
_BEYOND_TOKENS = ("input_cost_per_request", "citation_cost_per_token")
_SEARCHES_ALWAYS = "perplexity"
_FROM_THE_THRESHOLD_ON = "xai"
_SUPPORTS = ("prompt_caching", "reasoning", "response_schema", "function_calling", "system_messages")


def price_of(entry: Entry, service_tier: str | None = None) -> Price | None:
    """The price of a listed model, or None where the four token classes do not tell its cost.

    That is so for models that are billed by the second, the character or the search, and for
    those listed at $0, which the list writes of machines that somebody else pays for.
    `service_tier` is what the call asks for, such as `flex`: rates of its own, or unknown.
    """
    suffix = "" if service_tier in {None, "auto", "default"} else f"_{service_tier}"
    if _is_billed_otherwise(entry):
        return None
    rows = entry.get("tiered_pricing")
    price = _table(rows) if rows and not suffix else _flat(entry, suffix)
    if price is None or not (price.input or price.output):
        return None
    words = source() + (f", {service_tier}" if suffix else "")
    if entry.get("off_peak_pricing"):
        words += ", without its discount off peak"
    stamped = replace(price, source=words, as_of=published_on(), digest=digest_of(entry))
    batch = None if suffix else _flat(entry, "_batches")
    if batch is None:
        return stamped
    return replace(stamped, batch=replace(batch, source=f"{words}, batch", as_of=stamped.as_of))


def listing_of(entry: Entry) -> Listing:
    """What the list says of a model besides its price."""
    most = _count(entry.get("max_output_tokens"))
    return Listing(
        max_input_tokens=_count(entry.get("max_input_tokens")),
        # The older key holds the same where the newer one is missing, or a larger number.
        max_output_tokens=_count(entry.get("max_tokens")) if most is None else most,
        supports=tuple(word for word in _SUPPORTS if entry.get(f"supports_{word}") is True),
        retires_on=entry.get("deprecation_date"),
    )


def digest_of(entry: Entry) -> str:
    """The sha256 of an entry as canonical JSON: another figure in it gives another digest."""
    return hashlib.sha256(orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _is_billed_otherwise(entry: Entry) -> bool:
    searches = entry.get("litellm_provider") == _SEARCHES_ALWAYS and "search_context_cost_per_query" in entry
    return searches or any(entry.get(key) for key in _BEYOND_TOKENS)


def _flat(entry: Entry, suffix: str) -> Price | None:
    """The rates under the list's plain keys, with the dearer ones of long prompts."""
    infixes = {found.group() for key in entry if (found := _ABOVE.search(key))}
    steps = [
        _rates(entry, _threshold(infix, entry), f"{infix}{suffix}")
        for infix in sorted(infixes, key=lambda infix: _threshold(infix, entry))
    ]
    return _priced(_rates(entry, 0, suffix), [step for step in steps if step != PriceStep(step.above_tokens)])


def _threshold(infix: str, entry: Entry) -> int:
    found = _ABOVE.fullmatch(infix)
    if found is None:
        raise AssertionError(infix)
    tokens = int(found[1]) * (1000 if found[2] else 1)
    return tokens - 1 if entry.get("litellm_provider") == _FROM_THE_THRESHOLD_ON else tokens


def _table(rows: Sequence[Mapping[str, Any]]) -> Price | None:
    """The rates of a table by prompt length, whose rows leave nothing to the row above them."""
    ranged = sorted((row for row in rows if "range" in row), key=lambda row: float(row["range"][0]))
    whole = [_whole(_rates(row, int(row["range"][0]), "")) for row in ranged]
    return _priced(whole[0], whole[1:]) if whole else None


def _whole(row: PriceStep) -> PriceStep:
    return replace(
        row,
        cache_read=row.input if row.cache_read is None else row.cache_read,
        cache_write=row.input if row.cache_write is None else row.cache_write,
        reasoning=row.output if row.reasoning is None else row.reasoning,
    )


def _rates(entry: Entry, above_tokens: int, suffix: str) -> PriceStep:
    return PriceStep(
        above_tokens,
        input=_usd_per_million(entry.get(f"input_cost_per_token{suffix}")),
        output=_usd_per_million(entry.get(f"output_cost_per_token{suffix}")),
        cache_read=_usd_per_million(entry.get(f"cache_read_input_token_cost{suffix}")),
        cache_write=_usd_per_million(entry.get(f"cache_creation_input_token_cost{suffix}")),
        reasoning=_usd_per_million(entry.get(f"output_cost_per_reasoning_token{suffix}")),
    )


def _priced(base: PriceStep, steps: Sequence[PriceStep]) -> Price | None:
    if base.input is None or base.output is None:
        return None
    # Reasoning at the rate of other output has no price of its own, also where a step changes both.
    is_apart = any(step.reasoning not in {None, step.output} for step in (base, *steps))
    return Price(
        input=base.input,
        output=base.output,
        cache_read=base.cache_read,
        cache_write=base.cache_write,
        reasoning=base.reasoning if is_apart else None,
        steps=tuple(step if is_apart else replace(step, reasoning=None) for step in steps),
    )


def _usd_per_million(value: Any) -> float | None:
    # Ten digits are more than any price has; what lies beyond is left over from the multiplication.
    return None if value is None else round(float(value) * 1_000_000, 10)


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
