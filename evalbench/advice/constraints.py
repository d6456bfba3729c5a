"""What a tier has to show, one part at a time; here its quality, overall and by slice."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evalbench.advice.arrays import Arrays
from evalbench.advice.rules import Rules
from evalbench.advice.tier_scores import chosen_rows, kept_items, scores_of
from evalbench.core.evalset import Criticality
from evalbench.stats.exact import MOST_ITEMS, exact_unconditional_p
from evalbench.stats.jackknife import CorpusEvidence, corpus_evidence
from evalbench.stats.paired import PairedEvidence, paired_evidence
from evalbench.stats.power import items_needed
from evalbench.stats.sequence import SequenceEvidence, sequence_evidence
from evalbench.stats.student import quantile

Evidence: TypeAlias = PairedEvidence | CorpusEvidence | SequenceEvidence


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

    evidence: Evidence
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
        if isinstance(found, SequenceEvidence):
            wanted = found.items_needed(self.margin, theta, alpha, rules.power)
            return None if wanted is None else math.ceil(wanted / self.share)
        error = found.guarded_error(self.margin)
        if math.isnan(error):
            return None
        reach = (quantile(1 - alpha) + quantile(rules.power)) * error / (theta + self.margin)
        return math.ceil(reach**2 * found.items / self.share)


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


def _evidence(arrays: Arrays, tier: int, mask: NDArray[np.bool_], *, lose_missing: bool) -> Evidence | None:
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
    if arrays.asked is not None:  # Missing answers are counted as lost there in any case.
        return sequence_evidence(
            (scores[tier] - scores[reference])[mask],
            None if arrays.clusters is None else arrays.clusters[mask],
            arrays.asked.largest,
        )
    if not lose_missing:
        return paired_evidence(scores[tier, kept] - scores[reference, kept], clusters)
    clusters = None if arrays.clusters is None else arrays.clusters[mask]
    return paired_evidence(np.where(kept, scores[tier] - scores[reference], -1.0)[mask], clusters)


def _is_exact(rules: Rules, evidence: Evidence) -> bool:
    """Whether the exact test applies: critical tasks, right or wrong answers, few items, no clusters."""
    if rules.criticality is not Criticality.CRITICAL or not isinstance(evidence, PairedEvidence):
        return False
    is_whole = math.isinf(evidence.degrees_of_freedom)
    return is_whole and evidence.groups is None and evidence.items <= MOST_ITEMS
