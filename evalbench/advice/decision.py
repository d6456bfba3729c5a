"""The decision for one task as plain data: a tier, and what was found about every other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evalbench.core.comparison import Verdict
from evalbench.core.recommendation import Outcome


@dataclass(frozen=True, slots=True)
class Candidate:
    """One tier against the reference.

    `p_quality` is the one-sided p-value of "no worse than the margin" (for a dearer tier, of
    "better"), `p_value` includes every constraint, `p_adjusted` the number of tiers tested.
    `difference`, `low` and `high` are in score points from -1 to 1 at level 1 - 2 alpha; None
    where nothing is known. `wins` and `losses` are summed positive and negative item differences,
    `missing` counts the items that lack an answer of either tier, `groups` the clusters. `scores` are
    those of the tier and of the reference on the `items` that both answered.

    `proven_drop` is the smallest margin at which the quality test would pass, the other tiers
    being tested at the same margin. `need_items` is the total number of items that would settle
    what is unproven, None where nothing is or where items cannot; `need_items_if_equal` is the
    count for the quality test alone, were the tiers truly equal. Both only for unknown verdicts.
    """

    verdict: Verdict
    p_quality: float | None
    p_value: float | None
    p_adjusted: float | None
    difference: float | None
    low: float | None
    high: float | None
    reasons: tuple[str, ...]
    wins: float
    losses: float
    items: int
    groups: int | None
    missing: int
    proven_drop: float | None = None
    need_items: int | None = None
    need_items_if_equal: int | None = None
    scores: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What to use for one task. Tiers are indices; `candidates` are those cheaper than the reference.

    `tier` is the reference when inconclusive and None only when no tier qualifies. `need_items`
    and `need_items_if_equal` are those of the cheapest candidate still unknown. `dearer` holds
    the tiers that are not cheaper, tested for being better.

    `notes` are remarks for people to be told, some with an index or a count after a colon:
    `reference_scores_zero`; `margin_below_one_item` (the margin is less than one item's worth);
    `cheaper_tier_unresolved:TIER` (cheaper than the recommended tier, and still unknown);
    `not_cheaper:TIER` (comes before the reference but does not cost less); `exact_test` (small
    critical task); `class_too_small:CLASS:ITEMS`; `reference_fails:REASON` and
    `reference_unproven:REASON` for limits that the reference itself breaks or does not prove.
    """

    outcome: Outcome
    tier: int | None
    candidates: Mapping[int, Candidate]
    dearer: Mapping[int, Candidate] = field(default_factory=dict)
    need_items: int | None = None
    need_items_if_equal: int | None = None
    notes: tuple[str, ...] = ()
