"""What a reader should know about the costs behind a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from evalbench.advice.breakeven import about_machines
from evalbench.advice.conclusion import Conclusion
from evalbench.advice.words import how_many, listed, percent
from evalbench.advice.words import price as unit_price
from evalbench.core.models import Model, Tier

WORTH_SAYING = 0.01
"""The share of a cost below which a difference is left unsaid."""

RETIRING_SOON = timedelta(days=90)
"""How long before its retirement a model comes with a warning."""


def about_money(found: Conclusion) -> tuple[str, ...]:
    """Unknown and assumed prices, bills for nothing, caches, second opinions, machines, retirement."""
    return (
        *_unknown(found),
        *_assumed(found),
        *(line for tier in found.estimates for line in _about_bills(found, tier)),
        *about_machines(found),
        *_retiring(found),
    )


def retirement(model: Model, today: date) -> str | None:
    """A warning that a model is retired or soon will be; None when nobody says so."""
    day = None if model.listing is None else _day(model.listing.retires_on)
    if day is None or model.id.startswith("recorded/") or day - today > RETIRING_SOON:
        return None
    return f"{model.label} {'retires' if day > today else 'was to retire'} on {day}"


def _unknown(found: Conclusion) -> Iterator[str]:
    unknown = [tier for tier, known in found.estimates.items() if known.cost.per_item_usd is None]
    answered = [tier for tier in unknown if found.is_answered(tier)]
    monthly = [tier for tier in answered if found.lacks_traffic(tier)]
    if monthly:
        yield f"cost unknown for {listed(monthly)}: state `monthly: {{requests: …}}` in the eval set"
    recorded = [tier for tier in answered if found.is_recorded(tier) and tier not in monthly]
    if recorded:
        yield f"cost unknown for {listed(recorded)}: add `cost_usd` to the lines of the recording"
    unpriced = [tier for tier in answered if tier not in monthly and tier not in recorded]
    if unpriced:
        yield f"cost unknown for {listed(unpriced)}: give `price:` in evalbench.yaml"


def _assumed(found: Conclusion) -> Iterator[str]:
    assumed = [tier for tier in found.estimates if _is_assumed(found, tier)]
    if assumed:
        note = found.estimates[assumed[0]].price_note or ""
        plain = note.removeprefix("assumed: ")
        what = f"an assumed price ({note})" if plain == note else f"an assumed {plain}"
        yield f"the cost of {listed(assumed)} rests on {what}; give `price:` to change it"


def _about_bills(found: Conclusion, tier: Tier) -> Iterator[str]:
    estimate = found.estimates[tier]
    cost, other = estimate.cost, estimate.second_opinion
    if estimate.unknown_bills:
        bills = how_many(estimate.unknown_bills, "failed attempt")
        are = "it is" if estimate.unknown_bills == 1 else "they are"
        yield f"{bills} may have been billed; {are} not in the cost of {tier}"
    if cost.total_usd and cost.lost_usd and cost.lost_usd > WORTH_SAYING * cost.total_usd:
        yield f"failed attempts of {tier} were billed {unit_price(cost.lost_usd)}, which its cost includes"
    uncached = cost.as_if_uncached_usd
    if cost.total_usd and uncached and abs(uncached - cost.total_usd) > WORTH_SAYING * cost.total_usd:
        yield (
            f"the bill of {tier} is {unit_price(cost.total_usd)} with prompt caching as it happened, "
            f"{unit_price(uncached)} as if nothing had been cached"
        )
    if other and abs(other.other_usd - other.own_usd) > WORTH_SAYING * max(other.own_usd, other.other_usd):
        share = abs(other.other_usd - other.own_usd) / (other.own_usd or other.other_usd)
        more = "more" if other.other_usd > other.own_usd else "less"
        yield (
            f"litellm's own figure for {tier} is {percent(share)} {more}: {unit_price(other.other_usd)} "
            f"instead of {unit_price(other.own_usd)}; check the bill, or give `price:`"
        )


def _retiring(found: Conclusion) -> Iterator[str]:
    for number, (tier, model) in enumerate(found.run.models.models.items()):
        # A report does not look at the clock: the newest answer says when this was measured.
        newest = found.run.figures.newest.get(number)
        today = None if newest is None else _day(newest[:10])
        warning = None if today is None else retirement(model, today)
        if warning is not None:
            yield f"{warning} (tier {tier})"


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        return None


def _is_assumed(found: Conclusion, tier: Tier) -> bool:
    price = found.run.models.models[tier].price
    return price is not None and price.is_assumed and found.estimates[tier].price_note == price.source
