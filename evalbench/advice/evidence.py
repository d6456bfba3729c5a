"""Everything that bears on one tier: what it has to show, and what stands against any verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from evalbench.advice.arrays import Arrays
from evalbench.advice.constraints import (
    Part,
    QualityPart,
    quality_part,
    slice_parts,
)
from evalbench.advice.in_order import beginning
from evalbench.advice.limits import LimitPart, limit_parts, untested
from evalbench.advice.rules import Rules
from evalbench.advice.tier_scores import chosen_rows, item_differences, kept_items, shared_scores
from evalbench.core.enough import FEWEST_GROUPS, FEWEST_ITEMS, MOST_MISSING
from evalbench.stats.metrics import COUNTS, macro_f1

FEWEST_PER_CLASS = 10

_CONTRACT_ORDER = (
    "no_items",
    "too_few_items",
    "too_few_clusters",
    "too_many_missing",
    "missing_sensitive",
    "blocked_by_sequence",
    "p95_latency",
    "p95_latency_unproven",
    "floor",
    "floor_unproven",
    "budget",
    "class_too_small",
    "critical_locked",
    "cost_unknown",
    "looks_used_up",
    "look_too_early",
    "judge_unsteady",
)


@dataclass(frozen=True)
class TierEvidence:
    """Everything that bears on one tier, before it is compared with the other tiers' evidence.

    `pessimistic` are the quality parts with every missing pair counted as lost. `obstacles` are
    the reasons that stand against a verdict whatever the p-values. `scarce` is the number of items
    from which on there would be no obstacle for lack of them, 0 if there is none. `scores` are those of
    the tier and of the reference on the items that both answered.
    """

    tier: int
    quality: QualityPart | None
    slices: tuple[QualityPart | None, ...]
    limits: tuple[LimitPart, ...]
    pessimistic: tuple[QualityPart | None, ...]
    wins: float
    losses: float
    items: int
    missing: int
    obstacles: tuple[str, ...]
    scarce: int
    is_over_budget: bool
    scores: tuple[float, float] | None

    @property
    def parts(self) -> tuple[Part, ...]:
        """All that has to be shown, as far as there is any evidence on it."""
        return tuple(part for part in (self.quality, *self.slices, *self.limits) if part is not None)

    @cached_property
    def part_p_values(self) -> tuple[float, ...]:
        """The p-values of `parts`, in their order."""
        return tuple(part.p_value for part in self.parts)

    @cached_property
    def p_value(self) -> float:
        """Intersection-union: as weak as the weakest part."""
        return max((*self.part_p_values, *_nothing_known(self.quality, *self.slices)))

    @cached_property
    def p_pessimistic(self) -> float:
        """The same, had every missing pair been lost."""
        if not self.missing:
            return self.p_value
        known = (part.p_value for part in (*self.pessimistic, *self.limits) if part is not None)
        return max((*known, *_nothing_known(*self.pessimistic)))


def gather(arrays: Arrays, rules: Rules, tier: int) -> TierEvidence:
    """The evidence about one tier cheaper than the reference."""
    whole = arrays.items
    arrays = beginning(arrays, tier)
    quality = quality_part(arrays, rules, tier)
    slices = slice_parts(arrays, rules, tier)
    items = int(kept_items(arrays, tier).sum())
    missing = arrays.items - items
    pessimistic: tuple[QualityPart | None, ...] = ()
    if missing:
        pessimistic = (
            quality_part(arrays, rules, tier, lose_missing=True),
            *slice_parts(arrays, rules, tier, lose_missing=True),
        )
    differences = item_differences(arrays, tier)
    obstacles, scarce = _obstacles(arrays, tier, quality)
    cost_usd = arrays.costs_usd[tier]
    return TierEvidence(
        tier=tier,
        quality=quality,
        slices=slices,
        limits=limit_parts(arrays, rules, tier) if arrays.items == whole else untested(rules),
        pessimistic=pessimistic,
        wins=float(differences[differences > 0].sum()),
        losses=float(np.abs(differences[differences < 0]).sum()),
        items=items,
        missing=missing,
        obstacles=obstacles if None not in slices else ("no_items", *obstacles),
        scarce=scarce,
        is_over_budget=rules.max_cost_usd is not None and bool(cost_usd > rules.max_cost_usd),
        scores=shared_scores(arrays, tier),
    )


def class_items(arrays: Arrays, tier: int) -> tuple[int, ...]:
    """How many items of each class both tiers have an answer to; empty unless macro F1 decides."""
    if arrays.metric is not macro_f1 or arrays.statistics is None:
        return ()
    kept = chosen_rows(arrays.statistics[arrays.reference], kept_items(arrays, tier))
    in_targets = kept[:, 0::COUNTS] + kept[:, 2::COUNTS] > 0
    return tuple(int(number) for number in np.count_nonzero(in_targets, axis=0))


def in_order(reasons: Sequence[str]) -> tuple[str, ...]:
    """Each reason once, the known ones in the order of the contract, slices last."""
    known = [reason for reason in _CONTRACT_ORDER if reason in reasons]
    return (*known, *(reason for reason in dict.fromkeys(reasons) if reason not in _CONTRACT_ORDER))


def _obstacles(arrays: Arrays, tier: int, quality: QualityPart | None) -> tuple[tuple[str, ...], int]:
    """Reasons against a verdict that no p-value can lift, and the items it would take to lift them."""
    if quality is None:
        return ("no_items",), 0
    items, groups = quality.evidence.items, quality.evidence.groups
    classes = class_items(arrays, tier)
    wanted = {
        "too_few_items": FEWEST_ITEMS if items < FEWEST_ITEMS or groups == 1 else 0,
        "too_few_clusters": 0
        if groups is None or groups >= FEWEST_GROUPS
        else math.ceil(items * FEWEST_GROUPS / groups),
        "class_too_small": 0
        if not classes or min(classes) >= FEWEST_PER_CLASS
        else math.ceil(items * FEWEST_PER_CLASS / max(1, min(classes))),
    }
    reasons = [reason for reason, count in wanted.items() if count]
    if arrays.items - items > MOST_MISSING * arrays.items:
        reasons.append("too_many_missing")
    return in_order(reasons), max(wanted.values())


def _nothing_known(*parts: QualityPart | None) -> tuple[float, ...]:
    return (1.0,) if None in parts or not parts else (0.0,)
