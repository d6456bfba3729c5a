"""The score test of a mean paired difference, from counts alone."""

from __future__ import annotations

import math

_FAR = 1e9


def tango_z(wins: float, losses: float, items: float, difference: float) -> float:
    """Score statistic of "the mean paired difference is `difference`" (Tango 1998, closed form).

    The loss probability is its maximum-likelihood estimate under the hypothesis (Yang, Sun and
    Hardin 2012), and the variance has the factor n/(n - 1) (Laud). Wins and losses may be
    fractions: summed positive and negative differences. 0 for a single item, which tells nothing.
    """
    if items <= 1:
        return 0.0
    excess = wins - losses - items * difference
    lost = loss_probability(wins, losses, items, difference)
    variance = items * (2 * lost + difference * (1 - difference)) * items / (items - 1)
    if variance <= 0:
        return 0.0 if excess == 0 else math.copysign(_FAR, excess)
    return excess / math.sqrt(variance)


def loss_probability(wins: float, losses: float, items: float, difference: float) -> float:
    """Most likely probability of losing an item if the mean difference were `difference`.

    Never below -difference: losses that the hypothesis implies are charged for, seen or not.
    """
    leading = 2 * items
    linear = -wins - losses + (2 * items - wins + losses) * difference
    constant = -losses * difference * (1 - difference)
    discriminant = max(0.0, linear * linear - 4 * leading * constant)
    return max((-linear + math.sqrt(discriminant)) / (2 * leading), 0.0, -difference)


def check_test(margin: float, alpha: float) -> None:
    """Refuse a margin or an alpha that asks nothing."""
    if not 0 < margin <= 1:
        raise ValueError(f"margin must be above 0 and at most 1, not {margin!r}")
    if not 0 < alpha < 0.5:  # noqa: PLR2004 -- at one half a coin would decide
        raise ValueError(f"alpha must be between 0 and 0.5, not {alpha!r}")
