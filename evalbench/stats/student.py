"""Tails and quantiles of Student's t, which is the normal distribution at infinite degrees of freedom."""

from __future__ import annotations

import math
from statistics import NormalDist


def upper_tail(z: float, degrees_of_freedom: float = math.inf) -> float:
    """P(T >= z)."""
    from scipy.special import ndtr, stdtr

    if math.isinf(degrees_of_freedom):
        return float(ndtr(-z))
    return float(stdtr(degrees_of_freedom, -z))


def quantile(probability: float, degrees_of_freedom: float = math.inf) -> float:
    """The z with P(T <= z) = probability."""
    if math.isinf(degrees_of_freedom):
        if not 0.0 < probability < 1.0:
            return math.copysign(math.inf, probability - 0.5)
        return NormalDist().inv_cdf(probability)
    from scipy.special import stdtrit

    return float(stdtrit(degrees_of_freedom, probability))
