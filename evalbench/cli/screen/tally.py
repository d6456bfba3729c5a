"""How far a run is, counted as its answers are stored."""

from __future__ import annotations

from dataclasses import dataclass

from evalbench.assembly.progress import Stored
from evalbench.core.plan import TierPlan
from evalbench.reports import numbers

_FAST = 10.0


@dataclass(slots=True)
class Tally:
    """How far one tier of one task is.

    `spent_usd` counts new answers whose price is known, `unpriced` the others.
    """

    total: int
    done: int = 0
    reused: int = 0
    missing: int = 0
    unpriced: int = 0
    spent_usd: float = 0.0

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to ask."""
        return self.done >= self.total

    @property
    def spent(self) -> str:
        """What was spent, in words; unknown is never $0."""
        return "cost unknown" if self.unpriced and not self.spent_usd else numbers.price(self.spent_usd)

    def count(self, event: Stored) -> None:
        """Take one stored trial in."""
        self.done += 1
        self.reused += event.is_reused
        self.missing += event.is_missing
        self.unpriced += event.cost_usd is None and not event.is_reused and not event.is_missing
        self.spent_usd += event.cost_usd or 0.0

    def add(self, other: Tally) -> None:
        """Take another tier in."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def total_of(tier: TierPlan) -> int:
    """How many answers a tier comes to, stored ones included."""
    return tier.calls + tier.stored + tier.duplicates


def rate_words(answers_a_second: float) -> str:
    """A rate as a progress line or a bar has it."""
    return f"{answers_a_second:,.0f}/s" if answers_a_second >= _FAST else f"{answers_a_second:.2g}/s"
