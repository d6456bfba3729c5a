"""How small a drop an exact test of signs can show at all, however little else varies."""

from __future__ import annotations

import math


def fewest_losses(alpha: float, *, is_mid_p: bool = False) -> int:
    """How many items must be lost, and none won, before a one-sided test of signs is below `alpha`.

    Half a chance a time: 2^-k is at most `alpha`; the mid-p value needs one item less.
    """
    return math.ceil(-math.log2(alpha)) - is_mid_p


def drop_of_losses(fewest: int, units: int, power: float = 0.8) -> float:
    """The share lost at which at least `fewest` of `units` are lost with that power (binomial, exact).

    Infinite where there are not so many units: no drop could be shown.
    """
    from scipy.special import betaincinv

    if fewest < 1 or fewest > units:
        return 0.0 if fewest < 1 else math.inf
    return float(betaincinv(fewest, units - fewest + 1, power))
