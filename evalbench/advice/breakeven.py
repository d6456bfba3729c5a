"""From how many requests a month on a machine of one's own is cheaper than paying by the token."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evalbench.advice.conclusion import Conclusion
from evalbench.advice.words import how_many, listed, roughly
from evalbench.core import money
from evalbench.core.models import Price, Tier
from evalbench.pricing.cost import SECONDS_PER_MONTH, machines_for


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Where a monthly price meets another tier's price per answer.

    `requests` is None when even a machine that is always busy costs more per answer.
    """

    other: Tier
    requests: int | None


def break_even(price: Price, per_month: float, other: Tier, other_usd: float) -> BreakEven:
    """The fewest requests a month at which one machine costs no more than the other tier.

    One machine cannot answer more than it can take: where the lines meet beyond that, a second
    machine is needed, and then a third, so they never meet.
    """
    requests = per_month / other_usd
    most = capacity(price)
    return BreakEven(other, None if most is not None and requests > most else round(requests))


def capacity(price: Price) -> float | None:
    """The most requests that one machine takes in a month; None where nobody says."""
    return None if price.max_rps is None else price.max_rps * SECONDS_PER_MONTH


def about_machines(found: Conclusion) -> tuple[str, ...]:
    """A sentence or two on every tier that is paid by the month."""
    return tuple(line for tier in found.estimates for line in _about_machine(found, tier))


def _about_machine(found: Conclusion, tier: Tier) -> Iterator[str]:
    price = found.run.models.models[tier].price
    if price is None or price.per_month is None:
        return
    points = [
        break_even(price, price.per_month, other, other_usd)
        for other, other_usd in _token_costs_usd(found).items()
        if other_usd > 0
    ]
    met = [
        f"{found.label(point.other)} from about {roughly(point.requests)} requests a month on"
        for point in points
        if point.requests is not None
    ]
    monthly = f"{found.name(tier)} at {money.stated(price.per_month)} a month"
    if met:
        yield f"{monthly} is cheaper than {listed(met)}{_most_words(price)}"
    never = [found.label(point.other) for point in points if point.requests is None]
    if never:
        yield f"{monthly} is never cheaper than {listed(never)}, even when always busy{_most_words(price)}"
    requests = found.run.task.traffic.requests
    machines = machines_for(requests, price) if requests else 1
    if machines > 1:
        yield (
            f"{roughly(round(requests or 0))} requests a month need {how_many(machines, 'machine')} of "
            f"{price.max_rps:g} requests a second at an even load, and more at peaks; all are in its cost"
        )


def _token_costs_usd(found: Conclusion) -> dict[Tier, float]:
    """What an answer costs at the tiers that are paid by the token, or that state their cost."""
    costs: dict[Tier, float] = {}
    for tier, estimate in found.estimates.items():
        price, cost_usd = found.run.models.models[tier].price, estimate.cost.per_item_usd
        is_by_time = price is not None and (price.per_month is not None or price.per_hour is not None)
        if cost_usd is not None and (estimate.is_cost_stated or not is_by_time):
            costs[tier] = cost_usd
    return costs


def _most_words(price: Price) -> str:
    most = capacity(price)
    return "" if most is None else f" (one machine takes at most {roughly(round(most))})"
