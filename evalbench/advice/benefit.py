"""What each tier is worth in a month, at a stated value of a right answer, and what knowing more is worth."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from evalbench.advice.conclusion import Conclusion, Need
from evalbench.advice.observations import (
    Floats,
    item_costs_usd,
    item_scores,
    labelled,
    observe,
)
from evalbench.advice.words import amount, how_many
from evalbench.core.estimate import Estimate, TierEstimate
from evalbench.core.models import Tier
from evalbench.core.money import stated
from evalbench.core.recommendation import Benefit
from evalbench.core.run import TaskRun
from evalbench.core.score import CORPUS_METRICS
from evalbench.stats.clusters import Labels
from evalbench.stats.worth import net_benefit, net_benefit_interval

MORE_ITEMS = 200
"""How many more items are priced where nothing says how many would settle the question."""


def benefit_of(run: TaskRun, estimates: Mapping[Tier, TierEstimate], need: Need | None) -> Benefit | None:
    """Every tier's gain over the current one in USD a month, and the most that perfect knowledge is worth.

    None where no value or no traffic is stated, a cost is unknown, or the metric is no mean over items.
    Advisory: no verdict rests on it.
    """
    value_usd, requests = run.task.value_usd, _requests(run, estimates)
    if value_usd is None or requests is None or run.task.metric in CORPUS_METRICS:
        return None
    tiers = [tier for tier, found in estimates.items() if found.cost.per_item_usd is not None]
    if run.models.current not in tiers or len(tiers) == 1:
        return None
    seen = observe(run, tuple(tiers))
    worth_usd = value_usd * item_scores(seen) - item_costs_usd(run, tuple(tiers))[:, labelled(run)]
    own = worth_usd[tiers.index(run.models.current)]
    gains = {
        tier: gain
        for row, tier in enumerate(tiers)
        if tier != run.models.current and (gain := _gain(worth_usd[row] - own, requests, seen.clusters))
    }
    more_items = MORE_ITEMS if need is None else need.lacking
    return Benefit(
        value_usd=value_usd,
        requests=requests,
        gains=gains,
        perfect_usd=_perfect_usd(worth_usd, requests, seen.clusters),
        more_items=more_items,
        more_usd=_more_usd(run, estimates, more_items),
    )


def net_benefits(found: Conclusion) -> tuple[str, ...]:
    """The gains in words, one line a tier, and what knowing for certain would be worth."""
    benefit = found.benefit
    if benefit is None or not benefit.gains:
        return ()
    terms = f"at {stated(benefit.value_usd)} a right answer and {benefit.requests:,.0f} requests a month, "
    lines = [
        f"{terms if number == 0 else ''}{found.name(tier)} {_gained(gain, found.label(found.current))}"
        for number, (tier, gain) in enumerate(benefit.gains.items())
    ]
    return (*lines, *_other_than_verdict(found, benefit), *_worth_knowing(benefit))


def lacks_terms(found: Conclusion) -> tuple[str, ...]:
    """Why a stated value of a right answer says nothing yet."""
    task = found.run.task
    if task.value_usd is None or found.benefit is not None:
        return ()
    if task.metric in CORPUS_METRICS:
        return (f"`value_usd` is left aside: {task.metric} is no mean over items, so no answer has a value",)
    if task.traffic.requests is None and task.traffic.usd is None:
        return ("`value_usd` is left aside: state `monthly: {requests: N}` to see what each tier is worth",)
    return ("`value_usd` is left aside: what a tier or the current one costs is unknown",)


def _requests(run: TaskRun, estimates: Mapping[Tier, TierEstimate]) -> float | None:
    """Requests a month, as stated or as today's bill pays for."""
    traffic, cost_usd = run.task.traffic, estimates[run.models.current].cost.per_item_usd
    if traffic.requests is not None:
        return traffic.requests
    return traffic.usd / cost_usd if traffic.usd is not None and cost_usd else None


def _gain(more_usd: Floats, requests: float, clusters: Labels | None) -> Estimate | None:
    known = ~np.isnan(more_usd)
    if not known.any():
        return None
    return net_benefit_interval(more_usd[known], requests, None if clusters is None else clusters[known])


def _perfect_usd(worth_usd: Floats, requests: float, clusters: Labels | None) -> float | None:
    """At most what choosing the best-looking tier now is expected to lose against knowing the best one.

    The expected best of several tiers less that of the chosen one is at most the sum of what each
    other tier may turn out better by.
    """
    known = ~np.isnan(worth_usd).any(axis=0)
    if not known.any():
        return None
    kept = worth_usd[:, known]
    groups = None if clusters is None else clusters[known]
    best = int(kept.mean(axis=1).argmax())
    others = [row for row in range(len(kept)) if row != best]
    nothing = np.zeros(kept.shape[1])
    missed_usd = [
        net_benefit(nothing, kept[row] - kept[best], 0.0, requests, groups).missed_usd for row in others
    ]
    return None if any(map(math.isnan, missed_usd)) else math.fsum(missed_usd)


def _more_usd(run: TaskRun, estimates: Mapping[Tier, TierEstimate], items: int) -> float | None:
    costs_usd = [found.cost.per_item_usd for found in estimates.values()]
    known = [cost_usd for cost_usd in costs_usd if cost_usd is not None]
    return math.fsum(known) * run.repeats * items if len(known) == len(costs_usd) else None


def _gained(gain: Estimate, current: str) -> str:
    verb, over = ("gains", "over") if gain.value >= 0 else ("loses", "against")
    return f"{verb} {amount(abs(gain.value))} a month {over} {current}{_between(gain)}"


def _between(gain: Estimate) -> str:
    if gain.low is None or gain.high is None:
        return ""
    if gain.low < 0 < gain.high:
        return f" (from a loss of {amount(-gain.low)} to a gain of {amount(gain.high)})"
    near, far = sorted((abs(gain.low), abs(gain.high)))
    return f" ({amount(near)} to {amount(far)})"


def _other_than_verdict(found: Conclusion, benefit: Benefit) -> tuple[str, ...]:
    """A word where money speaks against the verdict, since that rests on the largest drop allowed."""
    chosen = benefit.gains.get(found.tier or "")
    is_against = chosen is not None and chosen.value < 0
    is_missed = found.keeps_current and any((gain.low or 0.0) > 0 for gain in benefit.gains.values())
    if not is_against and not is_missed:
        return ()
    return ("the verdict goes by the largest drop allowed, and not by what an answer is worth",)


def _worth_knowing(benefit: Benefit) -> tuple[str, ...]:
    if benefit.perfect_usd is None:
        return ()
    worth = amount(benefit.perfect_usd)
    line = f"knowing for certain which tier pays most would be worth at most {worth} a month"
    if benefit.more_usd is None:
        return (line,)
    return (f"{line}; another {how_many(benefit.more_items, 'item')} cost {amount(benefit.more_usd)}",)
