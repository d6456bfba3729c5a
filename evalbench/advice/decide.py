"""Decide which tier is good enough for a task, from its scores, costs and limits alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from evalbench.advice.arrays import (
    Arrays,
    MetricName,
    Slices,
    checked_arrays,
    checked_clusters,
    checked_costs,
    checked_reference,
    checked_slices,
)
from evalbench.advice.decision import Candidate, Decision
from evalbench.advice.evidence import gather
from evalbench.advice.outcome import by_cost, conclude
from evalbench.advice.rules import POWER, Rules, provisional_level
from evalbench.advice.verdicts import judge_cheaper, judge_dearer
from evalbench.core.evalset import Criticality
from evalbench.core.score import NET_WIN_RATE

__all__ = ["Candidate", "Decision", "decide"]


def decide(
    scores: ArrayLike | None,
    costs: ArrayLike,
    *,
    status: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    latency: ArrayLike | None = None,
    reference: int | None = None,
    margin: float = 0.05,
    alpha: float = 0.05,
    metric: MetricName = "mean",
    statistics: ArrayLike | None = None,
    max_p95_s: float | None = None,
    floor: float | None = None,
    max_cost_usd: float | None = None,
    slices: Slices | None = None,
    multiplicity: str = "holm",
    criticality: str = "standard",
    power: float = POWER,
    alpha_prov: float | None = None,
    allow_downgrade: bool = False,
    next_alpha: float | None = None,
    bar: str | None = None,
    bars: Mapping[int, str] | None = None,
) -> Decision:
    """The cheapest tier shown to be no worse than the reference by more than `margin`.

    A tier is recommended when a non-inferiority test on paired items passes at `alpha`, every
    limit passes its own test at `alpha`, and both hold after adjusting for the number of tiers
    tested (Holm 1979). So a tier that is not good enough is recommended for at most about `alpha`
    of all eval sets that could have been drawn; this is no statement about the one at hand.

    `scores` has the shape (tiers, items, repeats), from 0 to 1, NaN where there is none; repeats
    are averaged first. `costs` are mean USD per item by tier, NaN unknown. `status` is 0 ok, 1
    model failure (scores 0), 2 missing. `clusters` labels the items that belong together.
    `latency` is in seconds; the test of `max_p95_s` uses the first repeat, and a model failure
    without a time counts as too late. `metric` is "mean", "micro_f1" or "macro_f1" with
    `statistics` (tiers, items, k), or a callable from summed statistics to a number; or "net_win_rate", where
    a score is how far an answer was preferred to the reference's (1, 0.5 a tie, 0; the reference's own are
    0.5), and differences and `margin` are shares won less shares lost. `slices`
    maps names to boolean masks, or to pairs of mask and margin. `next_alpha` is the level at which
    more items would be tested, if not `alpha`; `bar` a reason for which no cheaper tier may be
    recommended whatever the scores say, `bars` such reasons for single tiers.

    Raises ValueError for arguments that cannot be used. Pure: the order of the items and the
    unit of the costs do not matter.
    """
    level = Criticality(criticality)
    rules = Rules(
        margin=margin,
        alpha=alpha,
        max_p95_s=max_p95_s,
        floor=floor,
        max_cost_usd=max_cost_usd,
        multiplicity=multiplicity,
        criticality=level,
        power=power,
        alpha_provisional=provisional_level(level, alpha_prov),
        allow_downgrade=allow_downgrade,
        next_alpha=next_alpha,
        bar=bar,
        bars=bars or {},
    )
    if floor is not None and metric == NET_WIN_RATE:
        raise ValueError("a floor needs scores of a tier alone, and a net win rate compares two")
    if max_p95_s is not None and latency is None:
        raise ValueError("max_p95_s needs latency, in seconds, of the shape of scores")
    item_scores, sums, counted, missing, seconds = checked_arrays(scores, statistics, metric, status, latency)
    tiers, items = missing.shape
    arrays = Arrays(
        scores=item_scores,
        statistics=sums,
        metric=counted,
        is_missing=missing,
        costs_usd=checked_costs(costs, tiers),
        clusters=checked_clusters(clusters, items),
        latency_s=seconds,
        slices=checked_slices(slices, items),
        reference=checked_reference(reference, tiers),
    )
    return decided(arrays, rules)


def decided(arrays: Arrays, rules: Rules) -> Decision:
    """The decision on data and rules that were checked."""
    cheaper = cheaper_tiers(arrays)
    others = [tier for tier in range(arrays.tiers) if tier != arrays.reference and tier not in cheaper]
    family = [gather(arrays, rules, tier) for tier in reversed(by_cost(arrays, cheaper))]
    candidates = judge_cheaper(arrays, rules, family)
    return conclude(arrays, rules, candidates, judge_dearer(arrays, rules, others))


def cheaper_tiers(arrays: Arrays) -> Sequence[int]:
    """The tiers that cost less than the reference; where a cost is unknown, those before it."""
    reference = arrays.reference
    cost_usd = arrays.costs_usd[reference]
    return [
        tier
        for tier in range(arrays.tiers)
        if tier != reference
        and (
            tier < reference
            if np.isnan(arrays.costs_usd[tier] + cost_usd)
            else arrays.costs_usd[tier] < cost_usd
        )
    ]
