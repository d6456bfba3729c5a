"""One verdict per tier: the evidence of all parts, adjusted for the number of tiers tested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evalbench.advice.arrays import Arrays
from evalbench.advice.constraints import Part, QualityPart
from evalbench.advice.decision import Candidate
from evalbench.advice.evidence import TierEvidence, gather, in_order
from evalbench.advice.rules import Rules
from evalbench.core.comparison import Verdict
from evalbench.stats.jackknife import CorpusEvidence
from evalbench.stats.multiple import fixed_sequence, holm

_HALVINGS = 40


def judge_cheaper(arrays: Arrays, rules: Rules, family: Sequence[TierEvidence]) -> dict[int, Candidate]:
    """The verdicts of all tiers cheaper than the reference, dearest first in `family`."""
    adjusted = _adjust(rules, [found.p_value for found in family])
    pessimistic = _adjust(rules, [found.p_pessimistic for found in family])
    weights = _weights(rules, [found.p_value for found in family])
    judged = {}
    for place, found in enumerate(family):
        blocked = rules.multiplicity == "fixed" and any(p > rules.alpha for p in adjusted[:place])
        standing = _Standing(adjusted[place], pessimistic[place], weights[place], blocked)
        drop = _proven_drop(rules, family, place)
        judged[found.tier] = _candidate(arrays, rules, found, standing, (len(family), drop))
    return judged


def judge_dearer(arrays: Arrays, rules: Rules, tiers: Sequence[int]) -> dict[int, Candidate]:
    """Whether tiers that are not cheaper are better: H0 says that they are not, Holm over them."""
    family = [gather(arrays, rules, tier) for tier in tiers]
    p_values = [_p_better(found.quality) for found in family]
    adjusted = holm([1.0 if p is None else p for p in p_values])
    return {
        found.tier: _dearer(rules, found, p_value, p_adjusted)
        for found, p_value, p_adjusted in zip(family, p_values, adjusted, strict=True)
    }


@dataclass(frozen=True, slots=True)
class _Standing:
    """A tier among the others: its adjusted p-values, Holm's factor, and whether it was reached."""

    p_adjusted: float
    p_pessimistic: float
    weight: int
    is_blocked: bool


def _candidate(
    arrays: Arrays, rules: Rules, found: TierEvidence, standing: _Standing, extra: tuple[int, float | None]
) -> Candidate:
    tests, drop = extra
    judged = tuple(zip(found.parts, found.part_p_values, strict=True))
    violated = [part for part in found.parts if part.p_violated <= rules.alpha]
    unproven = [
        part
        for part, p_value in judged
        if p_value * standing.weight > rules.alpha and part.p_violated > rules.alpha
    ]
    blocking = _blocking(arrays, rules, found, standing)
    reasons = in_order(
        [
            *blocking,
            *(part.violated_reason for part in violated if part.violated_reason),
            *(part.unproven_reason for part in unproven if part.unproven_reason),
            *(["budget"] if found.is_over_budget else []),
        ]
    )
    if violated or found.is_over_budget:
        verdict = Verdict.NOT_GOOD_ENOUGH
    elif found.quality is not None and standing.p_adjusted <= rules.alpha and not blocking:
        verdict = Verdict.GOOD_ENOUGH
    else:
        verdict = Verdict.UNKNOWN
    needs: tuple[int | None, int | None] = (None, None)
    if verdict is Verdict.UNKNOWN and found.quality is not None:
        needs = (
            _need(rules, found, unproven, standing, tests),
            found.quality.need_items_if_equal(rules, tests),
        )
    return _measured(rules, found, verdict, reasons, (standing.p_adjusted, drop, *needs))


def _measured(
    rules: Rules,
    found: TierEvidence,
    verdict: Verdict,
    reasons: tuple[str, ...],
    figures: tuple[float, float | None, int | None, int | None],
) -> Candidate:
    p_adjusted, drop, need, need_if_equal = figures
    if found.quality is None:
        return Candidate(
            verdict, None, None, None, None, None, None, reasons, 0.0, 0.0, 0, None, found.missing
        )
    low, high = _bounds(rules, found.quality)
    return Candidate(
        verdict=verdict,
        p_quality=found.part_p_values[0],
        p_value=found.p_value,
        p_adjusted=p_adjusted,
        difference=found.quality.evidence.difference,
        low=low,
        high=high,
        reasons=reasons,
        wins=found.wins,
        losses=found.losses,
        items=found.items,
        groups=found.quality.evidence.groups,
        missing=found.missing,
        proven_drop=drop,
        need_items=need,
        need_items_if_equal=need_if_equal,
        scores=found.scores,
    )


def _dearer(rules: Rules, found: TierEvidence, p_value: float | None, p_adjusted: float) -> Candidate:
    reasons = in_order((*found.obstacles, *rules.barring(found.tier)))
    if found.quality is None or p_value is None:
        return _measured(rules, found, Verdict.UNKNOWN, reasons, (p_adjusted, None, None, None))
    low, high = _bounds(rules, found.quality)
    verdict = Verdict.UNKNOWN
    if p_adjusted <= rules.alpha and not reasons:
        verdict = Verdict.BETTER
    elif high is not None and high <= 0 and not reasons:
        verdict = Verdict.NOT_BETTER
    evidence = found.quality.evidence
    return Candidate(
        verdict,
        p_value,
        p_value,
        p_adjusted,
        evidence.difference,
        low,
        high,
        reasons,
        found.wins,
        found.losses,
        found.items,
        evidence.groups,
        found.missing,
        scores=found.scores,
    )


def _blocking(arrays: Arrays, rules: Rules, found: TierEvidence, standing: _Standing) -> list[str]:
    reasons = list(found.obstacles)
    if found.missing and found.quality is not None:
        held, lost = standing.p_adjusted <= rules.alpha, standing.p_pessimistic > rules.alpha
        reasons += ["missing_sensitive"] if held and lost else []
    reasons += ["blocked_by_sequence"] if standing.is_blocked else []
    reasons += ["critical_locked"] if rules.is_locked else []
    reasons += rules.barring(found.tier)
    costs_usd = arrays.costs_usd[[found.tier, arrays.reference]]
    reasons += ["cost_unknown"] if np.isnan(costs_usd).any() else []
    return reasons


def _need(
    rules: Rules, found: TierEvidence, unproven: Sequence[Part], standing: _Standing, tests: int
) -> int | None:
    """Total items for everything unproven; None where nothing is, or where items cannot help."""
    open_parts = list(unproven)
    if not open_parts and standing.p_adjusted > rules.alpha and not standing.is_blocked:
        # Held back by a tier that did better and still failed: its own weakest part has to improve.
        open_parts = [found.parts[int(np.argmax(found.part_p_values))]]
    needs = [part.need_items(rules, tests) for part in open_parts]
    if None in needs:
        return None
    return max((need for need in (*needs, found.scarce) if need), default=None)


def _proven_drop(rules: Rules, family: Sequence[TierEvidence], place: int) -> float | None:
    """The smallest margin at which this tier's quality would pass, all tiers tested at that margin.

    By the score test, also where the exact test decides.
    """
    own = family[place].quality
    if own is None or own.evidence.items <= 1 or own.evidence.groups == 1:
        return None
    others = [max((part.p_value for part in found.limits), default=0.0) for found in family]

    def passes(margin: float) -> bool:
        p_values = [
            1.0 if found.quality is None else max(found.quality.evidence.p_value(margin), limit)
            for found, limit in zip(family, others, strict=True)
        ]
        p_values[place] = own.evidence.p_value(margin)
        return _adjust(rules, p_values)[place] <= rules.alpha

    low, high = 0.0, 1.0
    if not passes(high) or own.evidence.difference <= -1:
        return None
    if passes(2.0**-_HALVINGS):
        return 0.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if passes(middle) else (middle, high)
    return high


def _p_better(quality: QualityPart | None) -> float | None:
    if quality is None:
        return None
    if isinstance(quality.evidence, CorpusEvidence):
        return quality.evidence.p_value(0.0, quality.margin)
    return quality.evidence.p_value(0.0)


def _bounds(rules: Rules, quality: QualityPart) -> tuple[float | None, float | None]:
    if isinstance(quality.evidence, CorpusEvidence):
        return quality.evidence.bounds(rules.alpha, quality.margin)
    return quality.evidence.bounds(rules.alpha)


def _adjust(rules: Rules, p_values: Sequence[float]) -> tuple[float, ...]:
    return holm(p_values) if rules.multiplicity == "holm" else fixed_sequence(p_values)


def _weights(rules: Rules, p_values: Sequence[float]) -> dict[int, int]:
    """The factor that multiplies each p-value: Holm's falls with the rank, a fixed order has none."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    is_holm = rules.multiplicity == "holm"
    return {place: len(order) - rank if is_holm else 1 for rank, place in enumerate(order)}
