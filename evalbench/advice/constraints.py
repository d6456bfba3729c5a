"""What a tier has to show, one part at a time: quality, overall and by slice, latency, and a floor."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from evalbench.advice.arrays import Arrays
from evalbench.advice.rules import Rules
from evalbench.advice.tier_scores import chosen_rows, kept_items, scores_of, tier_score
from evalbench.core.evalset import Criticality
from evalbench.stats.clusters import Floats
from evalbench.stats.exact import MOST_ITEMS, exact_unconditional_p
from evalbench.stats.jackknife import CorpusEvidence, corpus_evidence, corpus_standard_error
from evalbench.stats.paired import PairedEvidence, paired_evidence
from evalbench.stats.power import items_needed
from evalbench.stats.student import quantile
from evalbench.stats.tails import (
    LATE_SHARE,
    effective_size,
    floor_p,
    floor_violated_p,
    items_for_rate,
    over_limit_p,
    over_limit_violated_p,
)


class Part(Protocol):
    """One thing to be shown; all parts together make a tier good enough."""

    @property
    def p_value(self) -> float:
        """One-sided p-value of "it holds"."""
        ...

    @property
    def p_violated(self) -> float:
        """One-sided p-value of "it does not hold"."""
        ...

    @property
    def violated_reason(self) -> str | None:
        """The code to give when it is shown not to hold; None for quality, which is the verdict."""
        ...

    @property
    def unproven_reason(self) -> str | None:
        """The code to give when it is not shown to hold."""
        ...

    def need_items(self, rules: Rules, tests: int) -> int | None:
        """Total items that would show it, with the planned power; None where items cannot."""
        ...


@dataclass(frozen=True, slots=True)
class QualityPart:
    """No worse than the reference by more than `margin`, on all items or on a slice of them.

    `share` is the slice's share of all items.
    """

    evidence: PairedEvidence | CorpusEvidence
    margin: float
    is_exact: bool = False
    share: float = 1.0
    slice_name: str | None = None

    @property
    def p_value(self) -> float:
        """One-sided p-value of "no worse than the margin"."""
        if self.is_exact and isinstance(self.evidence, PairedEvidence):
            found = self.evidence
            return exact_unconditional_p(round(found.wins), round(found.losses), found.items, self.margin)
        return self.evidence.p_value(self.margin)

    @property
    def p_violated(self) -> float:
        """One-sided p-value of "worse than the margin"."""
        return self.evidence.p_worse(self.margin)

    @property
    def violated_reason(self) -> str | None:
        """Names the slice; None for quality overall."""
        return None if self.slice_name is None else f"slice:{self.slice_name}"

    @property
    def unproven_reason(self) -> str | None:
        """Names the slice; None for quality overall."""
        return None if self.slice_name is None else f"slice_unproven:{self.slice_name}"

    def need_items(self, rules: Rules, tests: int) -> int | None:
        """Total items at the difference seen, taken as at most half the margin and never as a gain."""
        theta = min(0.0, max(-self.margin / 2, self.evidence.difference))
        return self._planned(rules, tests, theta)

    def need_items_if_equal(self, rules: Rules, tests: int) -> int | None:
        """Total items if the tiers were truly equal."""
        return self._planned(rules, tests, 0.0)

    def _planned(self, rules: Rules, tests: int, theta: float) -> int | None:
        alpha, found = rules.share_of_alpha(tests), self.evidence
        if isinstance(found, PairedEvidence):
            # Two more differing items than seen: none seen does not mean that there are none.
            discordance = (found.wins + found.losses + 2) / (found.items + 2)
            needed = items_needed(self.margin, discordance, theta, alpha, rules.power, found.dispersion)
            return math.ceil(needed / self.share)
        error = found.guarded_error(self.margin)
        if math.isnan(error):
            return None
        reach = (quantile(1 - alpha) + quantile(rules.power)) * error / (theta + self.margin)
        return math.ceil(reach**2 * found.items / self.share)


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
        needed = items_for_rate(self.limit_share, self.bad_share, rules.alpha, rules.power)
        return None if needed is None else math.ceil(needed * self.inflation)


def quality_part(
    arrays: Arrays, rules: Rules, tier: int, *, lose_missing: bool = False
) -> QualityPart | None:
    """Quality on all items; `lose_missing` scores every missing pair as the worst difference."""
    everything = np.ones(arrays.items, dtype=np.bool_)
    evidence = _evidence(arrays, tier, everything, lose_missing=lose_missing)
    return None if evidence is None else QualityPart(evidence, rules.margin, _is_exact(rules, evidence))


def slice_parts(
    arrays: Arrays, rules: Rules, tier: int, *, lose_missing: bool = False
) -> tuple[QualityPart | None, ...]:
    """Quality on each declared slice; None for a slice without a pair of answers."""
    parts: list[QualityPart | None] = []
    for chosen in arrays.slices:
        evidence = _evidence(arrays, tier, chosen.mask, lose_missing=lose_missing)
        margin = rules.margin if chosen.margin is None else chosen.margin
        share = float(chosen.mask.mean())
        parts.append(
            None
            if evidence is None
            else QualityPart(evidence, margin, _is_exact(rules, evidence), share, chosen.name)
        )
    return tuple(parts)


def limit_parts(arrays: Arrays, rules: Rules, tier: int) -> tuple[LimitPart, ...]:
    """Latency and floor, where the rules set them."""
    parts = []
    if rules.max_p95_s is not None and arrays.latency_s is not None:
        parts.append(_latency_part(arrays.latency_s[tier], rules.max_p95_s))
    if rules.floor is not None:
        parts.append(_floor_part(arrays, tier, rules.floor))
    return tuple(parts)


def _evidence(
    arrays: Arrays, tier: int, mask: NDArray[np.bool_], *, lose_missing: bool
) -> PairedEvidence | CorpusEvidence | None:
    kept = kept_items(arrays, tier) & mask
    if not kept.any():
        return None
    reference = arrays.reference
    clusters = None if arrays.clusters is None else arrays.clusters[kept]
    if arrays.metric is not None and arrays.statistics is not None:
        own, other = (chosen_rows(arrays.statistics[row], kept) for row in (tier, reference))
        found = corpus_evidence(own, other, arrays.metric, clusters)
        return found.with_losses(int((mask & ~kept).sum())) if lose_missing else found
    scores = scores_of(arrays)
    if not lose_missing:
        return paired_evidence(scores[tier, kept] - scores[reference, kept], clusters)
    clusters = None if arrays.clusters is None else arrays.clusters[mask]
    return paired_evidence(np.where(kept, scores[tier] - scores[reference], -1.0)[mask], clusters)


def _is_exact(rules: Rules, evidence: PairedEvidence | CorpusEvidence) -> bool:
    """Whether the exact test applies: critical tasks, right or wrong answers, few items, no clusters."""
    if rules.criticality is not Criticality.CRITICAL or not isinstance(evidence, PairedEvidence):
        return False
    is_whole = math.isinf(evidence.degrees_of_freedom)
    return is_whole and evidence.groups is None and evidence.items <= MOST_ITEMS


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
