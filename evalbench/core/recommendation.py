"""Recommendations: what to use for a task, with reasons, caveats and what would settle the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from evalbench.core.comparison import Comparison
from evalbench.core.estimate import Confusion, Estimate, TierEstimate
from evalbench.core.looks import LookTaken
from evalbench.core.models import Tier
from evalbench.core.money import Batch, batch_of
from evalbench.core.run import TaskRun


class Outcome(StrEnum):
    """The answer for a task, spoken as USE, LIKELY, CANNOT TELL YET, NONE QUALIFIES."""

    RECOMMENDED = "recommended"
    PROVISIONAL = "provisional"
    INCONCLUSIVE = "inconclusive"
    NO_TIER_QUALIFIES = "no_tier_qualifies"


@dataclass(frozen=True, slots=True)
class MonthlyBill:
    """USD a month today and as recommended, with the interval of the latter."""

    current_usd: float
    recommended_usd: float
    low_usd: float | None
    high_usd: float | None


@dataclass(frozen=True, slots=True)
class Benefit:
    """What the tiers are worth against the current one at a stated value of a right answer.

    `value_usd` is that value, `requests` those of a month. `gains` are USD a month by tier, right
    answers and costs together. `perfect_usd` is the most that knowing for certain which tier pays
    most is worth in a month, `more_usd` what asking all tiers about `more_items` more items costs.
    """

    value_usd: float
    requests: float
    gains: Mapping[Tier, Estimate]
    perfect_usd: float | None
    more_items: int
    more_usd: float | None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to use for one task.

    `need_items` is the total number of items that would settle the cheapest open question,
    `need_usd` what the items still lacking would cost to run; both are None when nothing is
    open or more items cannot help. `saving_share` is relative to the current tier's cost.
    `headline` is the first line of the verdict in plain words, `evidence` the lines below it,
    `sentence` the whole in one sentence. `next_commands` can be pasted.
    """

    outcome: Outcome
    tier: Tier | None
    model: str | None
    headline: str
    evidence: tuple[str, ...]
    sentence: str
    need_items: int | None = None
    need_items_if_equal: int | None = None
    need_usd: float | None = None
    saving_share: float | None = None
    saving_usd_per_1k: float | None = None
    saving_usd_per_month: float | None = None
    monthly: MonthlyBill | None = None
    caveats: tuple[str, ...] = ()
    next_commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """All that was concluded for one task of a run, computed once and rendered many times."""

    run: TaskRun
    unlabelled: int
    estimates: tuple[TierEstimate, ...]
    comparisons: tuple[Comparison, ...]
    recommendation: Recommendation
    confusions: tuple[Confusion, ...] = ()
    look: LookTaken | None = None
    benefit: Benefit | None = None

    @property
    def batch(self) -> Batch:
        """How many items the costs of this task are stated for."""
        return batch_of(found.cost.per_item_usd for found in self.estimates)

    def estimate(self, tier: Tier) -> TierEstimate:
        """The estimate of one tier."""
        return next(found for found in self.estimates if found.tier == tier)
