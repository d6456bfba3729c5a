"""What a comparison of two runs finds: by task, by tier, and item by item."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from evalbench.advice.setup_changes import SetupChange
from evalbench.advice.shared_items import SharedItems
from evalbench.core.estimate import Estimate
from evalbench.core.models import Model, Tier
from evalbench.core.run import TaskRun


class ChangeVerdict(StrEnum):
    """What is shown about the newer run; no difference shown is no proof that there is none."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no_difference_shown"
    NOTHING = "nothing_to_compare"


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """One figure in both runs; None where it is unknown."""

    older: float | None
    newer: float | None


@dataclass(frozen=True, slots=True)
class ItemChange:
    """An item that scored otherwise, repeats averaged, with its place among the items of each run."""

    item_id: str
    older: float
    newer: float
    older_place: int
    newer_place: int

    @property
    def difference(self) -> float:
        """Newer minus older, from -1 to 1."""
        return self.newer - self.older


@dataclass(frozen=True, slots=True)
class TierChange:
    """One tier of one task in both runs: newer minus older on the items that both scored.

    `wins` and `losses` are summed positive and negative item differences. `p_value` is two-sided:
    twice the one-sided value of the regression gate, in the direction seen; `p_adjusted` is
    adjusted for all lines compared at once. `detectable_drop` is the smallest drop that would have
    been shown with power 0.8, None where no drop could have been. `missing_older` and
    `missing_newer` are shared items without a score on one side, `not_asked_older` and
    `not_asked_newer` those that a run that stopped early never asked. `changes` are sorted by size.
    `is_missing_sensitive` says whether the verdict would fall had every missing pair spoken
    against it; None where none is missing or nothing is shown.
    """

    tier: Tier
    older_model: Model
    newer_model: Model
    is_share: bool
    level: float
    items: int
    missing_older: int
    missing_newer: int
    cost_usd: BeforeAfter
    cost_ratio: Estimate | None
    p95_s: BeforeAfter
    changes: tuple[ItemChange, ...]
    score: BeforeAfter = BeforeAfter(None, None)
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    wins: float = 0.0
    losses: float = 0.0
    groups: int | None = None
    test: str | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    verdict: ChangeVerdict = ChangeVerdict.NOTHING
    detectable_drop: float | None = None
    not_asked_older: int = 0
    not_asked_newer: int = 0
    is_missing_sensitive: bool | None = None


@dataclass(frozen=True, slots=True)
class TaskChange:
    """One task in both runs."""

    name: str
    metric: str
    older: TaskRun
    newer: TaskRun
    shared: SharedItems
    setup: tuple[SetupChange, ...]
    only_older_tiers: tuple[Tier, ...]
    only_newer_tiers: tuple[Tier, ...]
    lines: tuple[TierChange, ...]
