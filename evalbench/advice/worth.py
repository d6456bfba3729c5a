"""What quality is worth: the price of one more right answer, the frontier, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray

from evalbench.advice.observations import (
    Floats,
    Observations,
    item_costs_usd,
    item_scores,
    labelled,
    observe,
)
from evalbench.core.comparison import Comparison
from evalbench.core.estimate import TierEstimate
from evalbench.core.evalset import Criticality
from evalbench.core.models import Tier
from evalbench.core.run import TaskRun
from evalbench.core.score import CORPUS_METRICS
from evalbench.stats.frontier import frontier_membership, standings
from evalbench.stats.missing import losses_to_fail
from evalbench.stats.worth import acceptability_curve, usd_per_point

RESAMPLES = 200
"""Enough to show a share to within a few percent, and quick on many items."""

_SEED = 20_240_229
_VALUES = 25
_LEAST_TIMES, _MOST_TIMES = 0.1, 1000.0
_PAIR = 2


@dataclass(frozen=True, slots=True)
class _Pairs:
    """What a tier scored more and cost more than the current one, item by item, both known."""

    scores: Floats
    usd: Floats
    clusters: NDArray[np.int64] | None


def with_standings(run: TaskRun, estimates: Mapping[Tier, TierEstimate]) -> dict[Tier, TierEstimate]:
    """The estimates with each tier's place among those whose score and cost are known.

    None has one where each was only compared with the current tier.
    """
    scores = {tier: found.score.value for tier, found in estimates.items() if found.score is not None}
    costs_usd = {tier: found.cost.per_item_usd for tier, found in estimates.items()}
    placed = {tier: cost for tier, cost in costs_usd.items() if cost is not None and tier in scores}
    if len(placed) < _PAIR or run.is_pairwise:
        return dict(estimates)
    found = standings([scores[tier] for tier in placed], list(placed.values()))
    shares = _frontier_shares(run, tuple(placed))
    places = dict(zip(placed, found, strict=True))
    return {
        tier: replace(estimate, standing=places.get(tier), frontier_share=shares.get(tier))
        for tier, estimate in estimates.items()
    }


def with_worth(
    run: TaskRun, comparisons: Sequence[Comparison], estimates: Mapping[Tier, TierEstimate]
) -> dict[Tier, Comparison]:
    """The comparisons with what a right answer more costs, and how surely a tier pays off.

    Items of a group count together. Nothing is added for metrics that are no mean over items, or
    where a cost is unknown; no price where no answer is right or wrong, but preferred or not.
    """
    found = {comparison.tier: comparison for comparison in comparisons}
    if run.task.metric in CORPUS_METRICS or not found:
        return found
    tiers = (*found, run.models.current)
    seen = observe(run, tiers)
    scores, costs_usd = item_scores(seen), item_costs_usd(run, tiers)[:, labelled(run)]
    top_usd = max((each.cost.per_item_usd or 0.0 for each in estimates.values()), default=0.0)
    for row, (tier, comparison) in enumerate(found.items()):
        added = replace(comparison, losses_to_fail=_losses_to_fail(run, comparison, scores[[row, -1]], seen))
        is_priced = not run.is_pairwise and all(
            estimates[each].cost.per_item_usd is not None for each in (tier, run.models.current)
        )
        pairs = _pairs(scores[[row, -1]], costs_usd[[row, -1]], seen.clusters)
        found[tier] = _priced(added, pairs, top_usd) if is_priced and len(pairs.scores) else added
    return found


def _priced(comparison: Comparison, pairs: _Pairs, top_usd: float) -> Comparison:
    added = comparison
    if pairs.scores.mean() * pairs.usd.mean() > 0:  # The dearer of the two is the better one.
        each = usd_per_point(pairs.scores, pairs.usd, clusters=pairs.clusters)
        added = replace(added, extra_correct_usd=each)
    if len(pairs.scores) < _PAIR or not top_usd:
        return added
    values_usd = np.geomspace(_LEAST_TIMES * top_usd, _MOST_TIMES * top_usd, _VALUES).tolist()
    curve = acceptability_curve(pairs.scores, -pairs.usd, values_usd, pairs.clusters)
    return replace(added, acceptability=tuple(zip(values_usd, curve, strict=True)))


def _pairs(scores: Floats, costs_usd: Floats, clusters: NDArray[np.int64] | None) -> _Pairs:
    known = ~np.isnan(scores).any(axis=0) & ~np.isnan(costs_usd).any(axis=0)
    more, more_usd = scores[0] - scores[1], costs_usd[0] - costs_usd[1]
    return _Pairs(more[known], more_usd[known], None if clusters is None else clusters[known])


def _losses_to_fail(run: TaskRun, comparison: Comparison, scores: Floats, seen: Observations) -> int | None:
    """The tipping point of a tier that would pass, were it not for what is missing."""
    is_exact = run.task.criticality is Criticality.CRITICAL
    p_value, p_adjusted = comparison.p_value, comparison.p_adjusted
    if "missing_sensitive" not in comparison.reasons or is_exact or not p_value or not p_adjusted:
        return None
    differences = (scores[0] - scores[1]) * (2 if run.is_pairwise else 1)
    order = np.argsort(np.isnan(differences), kind="stable")  # The missing ones last.
    clusters = None if seen.clusters is None else seen.clusters[order]
    known = differences[~np.isnan(differences)]
    # Testing several tiers at once has made the p-value larger; that is the same as a smaller alpha.
    alpha = (1 - comparison.level) / 2 * p_value / p_adjusted
    missing = len(differences) - len(known)
    return losses_to_fail(known, missing, run.task.max_drop, alpha, clusters) or None


def _frontier_shares(run: TaskRun, tiers: tuple[Tier, ...]) -> dict[Tier, float]:
    if run.task.metric in CORPUS_METRICS:
        return {}
    scores = item_scores(observe(run, tiers))
    costs_usd = item_costs_usd(run, tiers)[:, labelled(run)]
    known = ~np.isnan(scores).any(axis=0) & ~np.isnan(costs_usd).any(axis=0)
    if known.sum() < _PAIR:
        return {}
    shares = frontier_membership(
        scores[:, known], costs_usd[:, known], None, default_rng(_SEED), resamples=RESAMPLES
    )
    return dict(zip(tiers, shares, strict=True))
