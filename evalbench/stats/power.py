"""Planning: how many items a claim needs, and how small a drop the items at hand can show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evalbench.stats.score_test import loss_probability
from evalbench.stats.student import quantile

POWERS = (0.8, 0.9)
"""The powers that a plan is made for."""

_STEPS = 60


@dataclass(frozen=True, slots=True)
class PlannedItems:
    """How many items show "no worse than the margin" with this power, were this the true difference."""

    theta: float
    power: float
    items: int


def items_needed(
    margin: float,
    discordance: float,
    theta: float = 0.0,
    alpha: float = 0.05,
    power: float = 0.8,
    dispersion: float = 1.0,
) -> int:
    """Total items with which the score test shows "no worse than `margin`", with that power.

    `discordance` is the share of items on which the tiers differ, `theta` the true difference,
    `dispersion` the design effect of clusters or graded scores. The variance under the
    hypothesis is that of the score test, so rare losses are charged for (statistic of Tango
    1998, sample size in the manner of Farrington and Manning 1990).
    """
    _check(margin, discordance, theta)
    return math.ceil(_items(margin, discordance, theta, (alpha, power), dispersion))


def planned_items(
    margin: float,
    discordance: float,
    alpha: float = 0.05,
    dispersion: float = 1.0,
    powers: Sequence[float] = POWERS,
) -> tuple[PlannedItems, ...]:
    """`items_needed` were the tiers equal, and were the truth a quarter or half of the margin lost.

    The discordance is a guess before a run (0.10 for similar tiers, 0.25 for two tiers apart) and
    the counts are in proportion to it. A loss of so many points takes at least as many items that
    differ, so a smaller discordance is raised to it, row by row. The table says nothing about which
    row is true.
    """
    return tuple(
        PlannedItems(
            theta,
            power,
            items_needed(margin, max(discordance, abs(theta)), theta, alpha, power, dispersion),
        )
        for theta in (0.0, -margin / 4, -margin / 2)
        for power in powers
    )


def items_needed_simple(
    margin: float,
    discordance: float,
    theta: float = 0.0,
    alpha: float = 0.05,
    power: float = 0.8,
    dispersion: float = 1.0,
) -> int:
    """The textbook count, with one variance for both hypotheses; 2 to 12 % too small here."""
    _check(margin, discordance, theta)
    reach = quantile(1 - alpha) + quantile(power)
    return math.ceil(dispersion * (discordance - theta**2) * (reach / (theta + margin)) ** 2)


def detectable_drop(
    items: int,
    discordance: float,
    alpha: float = 0.05,
    power: float = 0.8,
    dispersion: float = 1.0,
    degrees_of_freedom: float = math.inf,
) -> float:
    """The drop that a test for "it got worse" on `items` items detects with that power.

    (t_{1-alpha} + t_power) sqrt(dispersion discordance / items), which are normal quantiles where
    nothing but 0/1 items is averaged; of few clusters the dispersion is an estimate, and the
    quantiles are those of Student's t. `discordance` is the share of items that differ, the drop
    included: what comes on top of it must be larger to be seen. A smaller drop goes unseen more
    often than not.
    """
    if items < 1:
        raise ValueError(f"items must be 1 or more, not {items!r}")
    reach = quantile(1 - alpha, degrees_of_freedom) + quantile(power, degrees_of_freedom)
    return reach * math.sqrt(dispersion * discordance / items)


def provable_margin(
    items: int, discordance: float, alpha: float = 0.05, power: float = 0.8, dispersion: float = 1.0
) -> float:
    """The smallest margin that `items` items prove with that power when the tiers are truly equal.

    1.0 where no smaller one is provable.
    """
    _check(1.0, discordance, 0.0)
    low, high = 0.0, 1.0
    if items < 1 or _items(high, discordance, 0.0, (alpha, power), dispersion) > items:
        return 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if middle > 0 and _items(middle, discordance, 0.0, (alpha, power), dispersion) <= items:
            high = middle
        else:
            low = middle
    return high


def items_for_equivalence(
    margin: float, discordance: float, alpha: float = 0.05, power: float = 0.8, dispersion: float = 1.0
) -> int:
    """Items with which truly equal tiers are shown to differ by less than `margin` either way.

    (z_{1-alpha} + z_{(1+power)/2})^2 dispersion discordance / margin^2, for two one-sided tests
    (Schuirmann 1987).
    """
    _check(margin, discordance, 0.0)
    reach = quantile(1 - alpha) + quantile((1 + power) / 2)
    return math.ceil(dispersion * discordance * (reach / margin) ** 2)


def cluster_inflation(size: float, correlation: float) -> float:
    """The design effect 1 + (size - 1) correlation of clusters of `size` items (Kish 1965).

    `correlation` is that of two item differences within a cluster, not of two scores. It is the
    `dispersion` of the other functions here; for clusters of unequal size take sum size^2 / sum
    size as the size.
    """
    if size < 1 or not 0 <= correlation <= 1:
        raise ValueError(f"size must be 1 or more and correlation from 0 to 1, not {size!r}, {correlation!r}")
    return 1 + (size - 1) * correlation


def _items(
    margin: float, discordance: float, theta: float, errors: tuple[float, float], dispersion: float
) -> float:
    alpha, power = errors
    wins, losses = (discordance + theta) / 2, (discordance - theta) / 2
    lost = loss_probability(wins, losses, 1.0, -margin)
    hypothesis = max(0.0, 2 * lost - margin * (1 + margin))
    truth = max(0.0, discordance - theta**2)
    reach = quantile(1 - alpha) * math.sqrt(hypothesis) + quantile(power) * math.sqrt(truth)
    return dispersion * (reach / (theta + margin)) ** 2


def _check(margin: float, discordance: float, theta: float) -> None:
    if not 0 < margin <= 1 or theta <= -margin:
        raise ValueError(f"margin must be in (0, 1] and theta above -margin, not {margin!r} and {theta!r}")
    if not abs(theta) <= discordance <= 1:
        raise ValueError(f"discordance must be from |theta| to 1, not {discordance!r}")
