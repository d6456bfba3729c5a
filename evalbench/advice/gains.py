"""What quality costs, which tiers nothing speaks for, and what missing answers could change, in words."""

from __future__ import annotations

from evalbench.advice.conclusion import Conclusion
from evalbench.advice.words import points, price
from evalbench.core.comparison import Comparison, Verdict
from evalbench.core.estimate import Estimate, Standing
from evalbench.core.models import Tier
from evalbench.core.money import CENT_USD, batch_of


def better(found: Conclusion) -> tuple[str, ...]:
    """Dearer tiers that are shown better, with what each right answer more costs."""
    return tuple(
        f"{found.name(tier)} is dearer and better, by about {points(comparison.difference or 0.0)}"
        f"{_price_of_better(found, comparison)}"
        for tier, comparison in found.dearer.items()
        if comparison.verdict is Verdict.BETTER
    )


def price_of_current(found: Conclusion, comparison: Comparison) -> tuple[str, ...]:
    """What the right answers cost that the current tier gives and a cheaper one does not.

    Nothing is said where they may be equally good, so that the price has no bounds.
    """
    each = comparison.extra_correct_usd
    if each is None or each.low is None:
        return ()
    dearer, cheaper = found.label(comparison.reference), found.label(comparison.tier)
    return (f"{dearer} instead of {cheaper} costs {_priced(found, each)}",)


def dominated(found: Conclusion) -> tuple[str, ...]:
    """Tiers that nothing speaks for: another one scored no less in this run, and cost no more.

    Neither the current tier nor the recommended one is among them: those have a line of their own.
    """
    pairs = [(tier, _dominating(found, tier)) for tier in found.estimates]
    return tuple(
        f"{found.name(tier)} is outdone: {found.name(other)} scored no less and cost no more"
        for tier, other in pairs
        if other is not None and tier not in {found.tier, found.current}
    )


def about_missing(found: Conclusion, comparison: Comparison) -> tuple[str, ...]:
    """How many of the answers that are missing would have to go against a tier to change its verdict."""
    missing, lost = comparison.missing, comparison.losses_to_fail
    lacking = "the item" if missing == 1 else f"all {missing:,} items"
    if comparison.verdict is Verdict.GOOD_ENOUGH and missing:
        return (
            f"this holds even if {lacking} without an answer went against {found.label(comparison.tier)}",
        )
    if lost is None:
        return ()
    items = "the item" if missing == 1 else f"{lost:,} of the {missing:,} items"
    return (f"{found.label(comparison.tier)} would pass unless {items} without an answer went against it",)


def _price_of_better(found: Conclusion, comparison: Comparison) -> str:
    price_usd, each = comparison.usd_per_extra_correct, comparison.extra_correct_usd
    if each is not None:
        return f": {_priced(found, each)}"
    return "" if price_usd is None else f": {price(price_usd)} per {_unit(found)}"


def _priced(found: Conclusion, each: Estimate) -> str:
    """The price of one more right answer with its interval, or of many where one costs next to nothing."""
    batch = batch_of([each.value])
    count, per = (
        (1, _unit(found))
        if each.value >= CENT_USD
        else (batch.items, f"{batch.name.removesuffix(' items')} {_unit(found)}s")
    )
    value = f"{price(each.value * count)} per {per}"
    if each.low is None or each.high is None:
        return value
    low, high = price(each.low * count), price(each.high * count)
    return f"{value} ({low} to {high})" if low != high else value


def _unit(found: Conclusion) -> str:
    return "extra right answer" if found.is_share else "extra full score"


def _dominating(found: Conclusion, tier: Tier) -> Tier | None:
    """The first undominated tier that scored no less and cost no more; None for a tier with its own place."""
    own = found.estimates[tier]
    own_usd = own.cost.per_item_usd
    if own.standing is not Standing.DOMINATED or own.score is None or own_usd is None:
        return None
    for other, estimate in found.estimates.items():
        other_usd = estimate.cost.per_item_usd
        if estimate.standing in {None, Standing.DOMINATED} or estimate.score is None or other_usd is None:
            continue
        if estimate.score.value >= own.score.value and other_usd <= own_usd:
            return other
    return None
