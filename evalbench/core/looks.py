"""Looks: how often a question was asked before, and how they share the risk of a wrong answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from evalbench.core.enough import FEWEST_ITEMS

_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
)


class Spending(StrEnum):
    """How the risk is spent while items add up: next to nothing at first, or nearly evenly."""

    OBF = "obf"
    POCOCK = "pocock"


@dataclass(frozen=True, slots=True)
class LookPlan:
    """How a task's looks share the risk of a wrong recommendation.

    Either `planned` looks, each at its share, or looks at a growing number of items, the last
    one at `items`, with the risk spent as `spending` says.
    """

    planned: int | None = None
    items: int | None = None
    spending: Spending = Spending.OBF


@dataclass(frozen=True, slots=True)
class Look:
    """An earlier run's answer to the same question, with the terms that it was asked on.

    `number` counts from 1; a run that brought no new evidence has the number of the one it
    repeats. `item_set` is the digest of the items.
    """

    run: str
    created: str
    number: int
    items: int
    item_set: str
    grader: str
    repeats: int
    max_drop: float
    confidence: float
    plan: LookPlan | None = None

    @property
    def is_counted(self) -> bool:
        """Whether it could have recommended anything: on fewer items no run can."""
        return self.items >= FEWEST_ITEMS


@dataclass(frozen=True, slots=True)
class Looks:
    """Which look at its question a run is, and the runs that asked it before, oldest first.

    A run for the gate (`is_gate`) asks another question, whether what is deployed is still as good as
    what was accepted. It is no look of its own: it has the number of the latest one.
    """

    number: int = 1
    before: tuple[Look, ...] = ()
    is_gate: bool = False

    @property
    def earlier(self) -> tuple[Look, ...]:
        """One run for each earlier look that counts."""
        first: dict[int, Look] = {}
        for look in self.before:
            if look.number < self.number and look.is_counted:
                first.setdefault(look.number, look)
        return tuple(first[number] for number in sorted(first))


FIRST_LOOK = Looks()
"""The look of a question that nobody asked before."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much of a task's risk a look may use.

    `alpha` is the whole risk, `used` what this look tests at, `left` what a next one may test at,
    0 where none may. `bar` is why this look can prove nothing, as a reason's code.
    """

    alpha: float
    used: float
    left: float
    bar: str | None = None

    @property
    def tested_at(self) -> float:
        """The level of the tests shown; where nothing can be proven, it is that of a single look."""
        return self.alpha if self.bar is not None else self.used


@dataclass(frozen=True, slots=True)
class LookTaken:
    """The look that a finding is, with what it was allowed."""

    looks: Looks
    plan: LookPlan | None
    allowance: Allowance


def ordinal(number: int) -> str:
    """`first` to `tenth`, then `11th`."""
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
