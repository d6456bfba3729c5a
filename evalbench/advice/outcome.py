"""From the verdicts of all tiers to one answer for the task, and what is worth remarking on it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evalbench.advice.arrays import Arrays
from evalbench.advice.constraints import quality_part
from evalbench.advice.decision import Candidate, Decision
from evalbench.advice.evidence import FEWEST_PER_CLASS, class_items
from evalbench.advice.limits import limit_parts
from evalbench.advice.rules import Rules
from evalbench.advice.tier_scores import tier_score
from evalbench.core.comparison import Verdict
from evalbench.core.evalset import Criticality
from evalbench.core.recommendation import Outcome

_NEVER_PROVISIONAL = frozenset(
    {
        "no_items",
        "too_few_items",
        "too_few_clusters",
        "too_many_missing",
        "blocked_by_sequence",
        "class_too_small",
        "critical_locked",
        "cost_unknown",
        "looks_used_up",
        "judge_unsteady",
    }
)


@dataclass(frozen=True, slots=True)
class ReferenceState:
    """Which of its own limits the reference breaks, and which it does not prove to keep."""

    fails: tuple[str, ...]
    unproven: tuple[str, ...]


def conclude(
    arrays: Arrays, rules: Rules, candidates: Mapping[int, Candidate], dearer: Mapping[int, Candidate]
) -> Decision:
    """The outcome, with the tier to use, what is still open, and remarks."""
    state = _reference_state(arrays, rules)
    order = by_cost(arrays, candidates)
    outcome, tier = _outcome(arrays, rules, candidates, state)
    unknown = next((index for index in order if candidates[index].verdict is Verdict.UNKNOWN), None)
    return Decision(
        outcome=outcome,
        tier=tier,
        candidates=dict(sorted(candidates.items())),
        dearer=dict(sorted(dearer.items())),
        need_items=None if unknown is None else candidates[unknown].need_items,
        need_items_if_equal=None if unknown is None else candidates[unknown].need_items_if_equal,
        notes=_notes(arrays, rules, candidates, state, tier),
    )


def by_cost(arrays: Arrays, tiers: Mapping[int, Candidate] | Sequence[int]) -> list[int]:
    """Tiers cheapest first; in their own order as soon as one cost is unknown."""
    indices = sorted(tiers)
    if np.isnan(arrays.costs_usd[indices]).any():
        return indices
    return sorted(indices, key=lambda index: arrays.costs_usd[index])


def _outcome(
    arrays: Arrays, rules: Rules, candidates: Mapping[int, Candidate], state: ReferenceState
) -> tuple[Outcome, int | None]:
    reference = arrays.reference
    good = [index for index, found in candidates.items() if found.verdict is Verdict.GOOD_ENOUGH]
    if good:
        return Outcome.RECOMMENDED, _cheapest(arrays, candidates, good)
    if np.isnan(arrays.costs_usd[reference]) or arrays.is_missing[reference].all():
        return Outcome.INCONCLUSIVE, reference
    if all(found.verdict is Verdict.NOT_GOOD_ENOUGH for found in candidates.values()):
        return _outcome_of_reference(rules, state, reference)
    likely = [index for index, found in candidates.items() if _is_likely(rules, found)]
    if likely:
        return Outcome.PROVISIONAL, _cheapest(arrays, candidates, likely)
    return Outcome.INCONCLUSIVE, reference


def _outcome_of_reference(rules: Rules, state: ReferenceState, reference: int) -> tuple[Outcome, int | None]:
    """What remains when no cheaper tier will do."""
    if state.fails:
        return Outcome.NO_TIER_QUALIFIES, None
    if not state.unproven:
        return Outcome.RECOMMENDED, reference
    is_allowed = rules.alpha_provisional is not None
    return (Outcome.PROVISIONAL if is_allowed else Outcome.INCONCLUSIVE), reference


def _is_likely(rules: Rules, found: Candidate) -> bool:
    if found.verdict is not Verdict.UNKNOWN or rules.alpha_provisional is None or found.p_adjusted is None:
        return False
    return found.p_adjusted <= rules.alpha_provisional and not _NEVER_PROVISIONAL.intersection(found.reasons)


def _cheapest(arrays: Arrays, candidates: Mapping[int, Candidate], among: Sequence[int]) -> int:
    """The cheapest tier; at one price the better, then the faster, then the first."""

    def rank(index: int) -> tuple[float, float, float, int]:
        difference = candidates[index].difference
        better = math.inf if difference is None else -difference
        return float(arrays.costs_usd[index]), better, _p95_s(arrays, index), index

    return min(among, key=rank)


def _p95_s(arrays: Arrays, tier: int) -> float:
    if arrays.latency_s is None:
        return math.inf
    timed = np.sort(arrays.latency_s[tier][~np.isnan(arrays.latency_s[tier])])
    return float(timed[math.ceil(0.95 * len(timed)) - 1]) if len(timed) else math.inf


def _reference_state(arrays: Arrays, rules: Rules) -> ReferenceState:
    parts = limit_parts(arrays, rules, arrays.reference)
    fails = [part.violated_reason for part in parts if part.p_violated <= rules.alpha]
    unproven = [
        part.unproven_reason for part in parts if part.p_violated > rules.alpha and part.p_value > rules.alpha
    ]
    if rules.max_cost_usd is not None and arrays.costs_usd[arrays.reference] > rules.max_cost_usd:
        fails.append("budget")
    return ReferenceState(tuple(fails), tuple(unproven))


def _notes(
    arrays: Arrays,
    rules: Rules,
    candidates: Mapping[int, Candidate],
    state: ReferenceState,
    tier: int | None,
) -> tuple[str, ...]:
    notes = []
    if tier_score(arrays, arrays.reference) == 0:
        notes.append("reference_scores_zero")
    if arrays.items and rules.margin * arrays.items < 1:
        notes.append("margin_below_one_item")
    if rules.criticality is Criticality.CRITICAL:
        parts = [quality_part(arrays, rules, index) for index in candidates]
        notes += ["exact_test"] if any(part is not None and part.is_exact for part in parts) else []
    notes += [f"cheaper_tier_unresolved:{index}" for index in _unresolved(arrays, candidates, tier)]
    notes += [f"not_cheaper:{index}" for index in range(arrays.reference) if index not in candidates]
    notes += [f"reference_fails:{reason}" for reason in state.fails]
    notes += [f"reference_unproven:{reason}" for reason in state.unproven]
    return (*notes, *_small_classes(arrays, candidates))


def _unresolved(arrays: Arrays, candidates: Mapping[int, Candidate], tier: int | None) -> list[int]:
    """Candidates cheaper than the tier to use that are still unknown."""
    if tier is None or tier not in candidates:
        return []
    order = by_cost(arrays, candidates)
    cheaper = order[: order.index(tier)]
    return [index for index in cheaper if candidates[index].verdict is Verdict.UNKNOWN]


def _small_classes(arrays: Arrays, candidates: Mapping[int, Candidate]) -> list[str]:
    tiers = [index for index, found in candidates.items() if "class_too_small" in found.reasons]
    counts = [class_items(arrays, index) for index in tiers]
    fewest = np.min(counts, axis=0) if counts else np.zeros(0)
    return [
        f"class_too_small:{number}:{count}" for number, count in enumerate(fewest) if count < FEWEST_PER_CLASS
    ]
