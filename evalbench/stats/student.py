"""Tails and quantiles of Student's t, which is the normal distribution at infinite degrees of freedom."""

from __future__ import annotations

import math


def upper_tail(z: float, degrees_of_freedom: float = math.inf) -> float:
    """P(T >= z)."""
    from scipy.special import ndtr, stdtr

    if math.isinf(degrees_of_freedom):
        return float(ndtr(-z))
    return float(stdtr(degrees_of_freedom, -z))


def quantile(probability: float, degrees_of_freedom: float = math.inf) -> float:
    """The z with P(T <= z) = probability."""
    from scipy.special import ndtri, stdtrit

    if math.isinf(degrees_of_freedom):
        return float(ndtri(probability))
    return float(stdtrit(degrees_of_freedom, probability))
