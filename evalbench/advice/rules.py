"""What counts as good enough: the margin, how sure to be, and the limits besides quality."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from evalbench.core.evalset import Criticality
from evalbench.stats.score_test import check_test

_ALPHA_PROVISIONAL = {Criticality.LOW: 0.30, Criticality.STANDARD: 0.20}
POWER = 0.8
"""How often the number of items that is asked for should settle the question."""

_MULTIPLICITIES = ("holm", "fixed")


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one decision, checked.

    `alpha_provisional` is the level at which a tier is likely good enough, None where criticality
    allows no such answer. `next_alpha` is what a further look may test at, where that is not alpha.
    `bar` is a reason against recommending a cheaper tier that no result can lift, `bars` the same
    for single tiers.
    """

    margin: float
    alpha: float
    max_p95_s: float | None
    floor: float | None
    max_cost_usd: float | None
    multiplicity: str
    criticality: Criticality
    power: float
    alpha_provisional: float | None
    allow_downgrade: bool
    next_alpha: float | None = None
    bar: str | None = None
    bars: Mapping[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_test(self.margin, self.alpha)
        if self.next_alpha is not None:
            check_test(self.margin, self.next_alpha)
        _between("power", self.power, 0.0, 1.0)
        if self.multiplicity not in _MULTIPLICITIES:
            raise ValueError(f"multiplicity must be 'holm' or 'fixed', not {self.multiplicity!r}")
        if self.alpha_provisional is not None:
            _between("alpha_prov", self.alpha_provisional, 0.0, 1.0)
        if self.floor is not None and not 0 <= self.floor <= 1:
            raise ValueError(f"floor must be from 0 to 1, not {self.floor!r}")
        for name, limit in (("max_p95_s", self.max_p95_s), ("max_cost_usd", self.max_cost_usd)):
            if limit is not None and not (math.isfinite(limit) and limit >= 0):
                raise ValueError(f"{name} must be a number from 0 up, not {limit!r}")

    @property
    def is_locked(self) -> bool:
        """Whether no cheaper tier may be recommended whatever is proven."""
        return self.criticality is Criticality.CRITICAL and not self.allow_downgrade

    def barring(self, tier: int) -> tuple[str, ...]:
        """The reasons against recommending a tier that no result can lift."""
        return tuple(reason for reason in (self.bar, self.bars.get(tier)) if reason is not None)

    @property
    def planned_alpha(self) -> float:
        """The level at which more items would be tested."""
        return self.alpha if self.next_alpha is None else self.next_alpha

    def share_of_alpha(self, tests: int) -> float:
        """The level that planning assumes for one of `tests` tiers: the first step of Holm."""
        return self.planned_alpha / tests if self.multiplicity == "holm" and tests else self.planned_alpha


def provisional_level(criticality: Criticality, alpha_prov: float | None) -> float | None:
    """The level of a provisional answer; None for criticalities that allow none."""
    default = _ALPHA_PROVISIONAL.get(criticality)
    return default if default is None or alpha_prov is None else alpha_prov


def _between(name: str, value: float, low: float, high: float) -> None:
    if not low < value < high:
        raise ValueError(f"{name} must be between {low:g} and {high:g}, not {value!r}")
