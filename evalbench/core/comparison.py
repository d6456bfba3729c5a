"""Comparisons: one tier against the one in use today, item by item."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from evalbench.core.estimate import Estimate
from evalbench.core.models import Tier


class Verdict(StrEnum):
    """One tier against `current`: the first three for cheaper tiers, the rest for dearer ones."""

    GOOD_ENOUGH = "good_enough"
    NOT_GOOD_ENOUGH = "not_good_enough"
    UNKNOWN = "unknown"
    BETTER = "better"
    NOT_BETTER = "not_better"


@dataclass(frozen=True, slots=True)
class PositionBias:
    """What it does to a judge's verdict on two answers to swap them.

    `flips` is the share of `pairs` asked in both orders on which the verdict was not the same. `lean` is
    the share on which whichever came first was preferred, less that on which the second was, a
    preference in one order alone counting half; `p_value` that of "neither place is preferred".
    """

    pairs: int
    flips: Estimate
    lean: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The paired difference `tier - reference`, and what it proves.

    `difference`, `low` and `high` are in score points from -1 to 1; `level` is 1 - 2 alpha,
    a one-sided claim shown two-sided. `scores` are those of the tier and of the reference on the `items`
    that both answered, which need not be all that either did. `wins` and `losses` are summed positive and
    negative item differences. `proven_drop` is the smallest largest-drop-allowed at which the tier
    would pass. `cost_ratio` is the tier's cost over the reference's, with its interval.
    `extra_correct_usd` is what one more right answer costs with the dearer of the two, where that
    is the better one; `usd_per_extra_correct` the same for a tier dearer than the reference.
    `acceptability` pairs what a right answer is worth in USD with how surely the tier then pays
    off. `losses_to_fail` is how many missing answers must go against a tier for it to fail.
    `is_sequential` says that interval and p-values hold at any time, as those of a run that may stop
    early have to; otherwise they are those of one test of all items.
    `position` is None unless a judge was asked which answer is better; then all differences are shares
    won less shares lost.
    """

    tier: Tier
    reference: Tier
    difference: float | None
    low: float | None
    high: float | None
    level: float
    wins: float
    losses: float
    items: int
    p_value: float | None
    p_adjusted: float | None
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    proven_drop: float | None = None
    cost_ratio: Estimate | None = None
    groups: int | None = None
    missing: int = 0
    usd_per_extra_correct: float | None = None
    extra_correct_usd: Estimate | None = None
    acceptability: tuple[tuple[float, float], ...] = ()
    losses_to_fail: int | None = None
    is_sequential: bool = False
    position: PositionBias | None = None
    scores: tuple[float, float] | None = None
