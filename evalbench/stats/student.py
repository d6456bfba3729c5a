"""Tails and quantiles of Student's t, which is the normal distribution at infinite degrees of freedom.

Every report needs them, and scipy's take a fifth of a second to load.
"""

from __future__ import annotations

import math
from statistics import NormalDist

_TERMS = 20_000
_LEAST = 1e-300
_CLOSE = 1e-15
_LARGE = 60.0
_RATIO_SERIES = (1.0, -1 / 8, 1 / 128, 5 / 1024, -21 / 32768, -399 / 262144, 869 / 4194304)


def upper_tail(z: float, degrees_of_freedom: float = math.inf) -> float:
    """P(T >= z), also where it is tiny; degrees of freedom need not be a whole number.

    I_x(df / 2, 1 / 2) / 2 with x = df / (df + z^2), the regularised incomplete beta function, by
    the continued fraction of Abramowitz and Stegun 26.5.8; the complementary error function at
    infinite degrees of freedom. NaN where z is NaN or there is no degree of freedom.
    """
    if math.isinf(degrees_of_freedom):
        return math.erfc(z / math.sqrt(2)) / 2
    if math.isnan(z) or not degrees_of_freedom > 0:
        return math.nan
    if math.isinf(z):
        return 0.0 if z > 0 else 1.0
    tail = _two_tails(abs(z), degrees_of_freedom) / 2
    return tail if z >= 0 else 1.0 - tail


def quantile(probability: float, degrees_of_freedom: float = math.inf) -> float:
    """The z with P(T <= z) = probability, by Newton's method from the normal quantile.

    The tail is convex and heavier than the normal one, so every step goes towards the solution.
    """
    if math.isnan(probability) or not degrees_of_freedom > 0:
        return math.nan
    if not 0.0 < probability < 1.0:
        return math.copysign(math.inf, probability - 0.5)
    tail = min(probability, 1.0 - probability)
    z = -NormalDist().inv_cdf(tail)
    if math.isfinite(degrees_of_freedom):
        z = _solved(tail, z, degrees_of_freedom)
    return math.copysign(z, probability - 0.5)


def _solved(tail: float, z: float, freedom: float) -> float:
    ratio = _gamma_ratio(freedom / 2) / math.sqrt(freedom * math.pi)
    for _ in range(_TERMS):
        density = ratio * math.exp(-(freedom + 1) / 2 * math.log1p(z * z / freedom))
        step = (upper_tail(z, freedom) - tail) / density
        z += step
        if step <= _CLOSE * z:
            break
    return z


def _two_tails(z: float, freedom: float) -> float:
    """P(|T| >= z) for z >= 0."""
    square = z * z
    inner = square / (freedom + square)
    a, b = freedom / 2, 0.5
    front = math.exp(-a * math.log1p(square / freedom)) * z / math.sqrt(freedom + square)
    front *= _gamma_ratio(a) / math.sqrt(math.pi)
    if 1.0 - inner < (a + 1) / (a + b + 2):
        return front * _fraction(1.0 - inner, a, b) / a
    return 1.0 - front * _fraction(inner, b, a) / b


def _gamma_ratio(a: float) -> float:
    """Gamma(a + 1/2) / Gamma(a), for large `a`, where both are beyond any float, by its series."""
    if a < _LARGE:
        return math.gamma(a + 0.5) / math.gamma(a)
    return math.sqrt(a) * math.fsum(term / a**power for power, term in enumerate(_RATIO_SERIES))


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function (Lentz's method, modified)."""
    numerator, denominator = 1.0, 1.0 - (a + b) * x / (a + 1)
    denominator = 1.0 / _kept_off_zero(denominator)
    value = change = denominator
    for term in range(1, _TERMS):
        for coefficient in (
            term * (b - term) * x / ((a + 2 * term - 1) * (a + 2 * term)),
            -(a + term) * (a + b + term) * x / ((a + 2 * term) * (a + 2 * term + 1)),
        ):
            denominator = 1.0 / _kept_off_zero(1.0 + coefficient * denominator)
            numerator = _kept_off_zero(1.0 + coefficient / numerator)
            change = numerator * denominator
            value *= change
        if abs(change - 1.0) < _CLOSE:
            return value
    raise ArithmeticError(f"the incomplete beta function does not converge at {x!r}, {a!r}, {b!r}")


def _kept_off_zero(value: float) -> float:
    return _LEAST if abs(value) < _LEAST else value
