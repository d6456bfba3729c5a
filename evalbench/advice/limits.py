"""The limits a tier has to keep besides its quality: on late answers, and on how low its score may be."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evalbench.advice.arrays import Arrays
from evalbench.advice.rules import Rules
from evalbench.advice.tier_scores import scores_of, tier_score
from evalbench.stats.clusters import Floats
from evalbench.stats.jackknife import corpus_standard_error
from evalbench.stats.tails import (
    LATE_SHARE,
    effective_size,
    floor_p,
    floor_violated_p,
    items_for_rate,
    over_limit_p,
    over_limit_violated_p,
)


@dataclass(frozen=True, slots=True)
class LimitPart:
    """A limit on how often something bad happens: a late answer, or a point of score lost.

    `bad_share` is how often it was seen, None if it never was looked for; `limit_share` how often
    it may be. `inflation` is the number of items that are worth one independent item.
    """

    p_value: float
    p_violated: float
    violated_reason: str
    unproven_reason: str
    bad_share: float | None
    limit_share: float
    inflation: float = 1.0

    def need_items(self, rules: Rules, tests: int) -> int | None:
        """Total items at the share seen, at the whole of alpha however many `tests` there are."""
        if self.bad_share is None or not tests:
            return None
        needed = items_for_rate(self.limit_share, self.bad_share, rules.planned_alpha, rules.power)
        return None if needed is None else math.ceil(needed * self.inflation)


def limit_parts(arrays: Arrays, rules: Rules, tier: int) -> tuple[LimitPart, ...]:
    """Latency and floor, where the rules set them."""
    parts = []
    if rules.max_p95_s is not None and arrays.latency_s is not None:
        parts.append(_latency_part(arrays.latency_s[tier], rules.max_p95_s))
    if rules.floor is not None:
        parts.append(_floor_part(arrays, tier, rules.floor))
    return tuple(parts)


def untested(rules: Rules) -> tuple[LimitPart, ...]:
    """The limits that the rules set, of a tier that was not asked about every item.

    Their tests are for a number of items fixed beforehand, so they say nothing before the end.
    """
    parts = []
    if rules.max_p95_s is not None:
        parts.append(LimitPart(1.0, 1.0, "p95_latency", "p95_latency_unproven", None, LATE_SHARE))
    if rules.floor is not None:
        parts.append(LimitPart(1.0, 1.0, "floor", "floor_unproven", None, 1 - rules.floor))
    return tuple(parts)


def _latency_part(seconds: Floats, limit_s: float) -> LimitPart:
    timed = seconds[~np.isnan(seconds)]
    calls, over = len(timed), int((timed > limit_s).sum())
    return LimitPart(
        p_value=over_limit_p(over, calls),
        p_violated=over_limit_violated_p(over, calls),
        violated_reason="p95_latency",
        unproven_reason="p95_latency_unproven",
        bad_share=over / calls if calls else None,
        limit_share=LATE_SHARE,
    )


def _floor_part(arrays: Arrays, tier: int, floor: float) -> LimitPart:
    part = LimitPart(1.0, 1.0, "floor", "floor_unproven", None, 1 - floor)
    score = tier_score(arrays, tier)
    if score is None:
        return part
    mean = min(1.0, max(0.0, score))
    kept = ~arrays.is_missing[tier]
    items, size = int(kept.sum()), _effective_items(arrays, tier, kept, mean)
    # Nothing right at all is below any floor, though a tiny floor could never be shown missed.
    p_violated = 0.0 if mean == 0 and floor > 0 else floor_violated_p(mean, size, floor)
    return replace(
        part,
        p_value=floor_p(mean, size, floor),
        p_violated=p_violated,
        bad_share=1 - mean,
        inflation=items / size,
    )


def _effective_items(arrays: Arrays, tier: int, kept: NDArray[np.bool_], mean: float) -> float:
    items = int(kept.sum())
    clusters = None if arrays.clusters is None else arrays.clusters[kept]
    if arrays.metric is None or arrays.statistics is None:
        return effective_size(scores_of(arrays)[tier, kept], clusters)
    error = corpus_standard_error(arrays.statistics[tier, kept], arrays.metric, clusters)
    if math.isnan(error):
        return 1.0
    return float(items) if error == 0 else max(1.0, min(float(items), mean * (1 - mean) / error**2))
