"""More than one look at the same question: how much of alpha each look may use."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np

from evalbench.stats.attempts import LEAST_STEP
from evalbench.stats.clusters import Floats
from evalbench.stats.student import quantile, upper_tail

Spending: TypeAlias = Literal["obf", "pocock"]


_NODES = 400
_FAR = 9.0
_FURTHEST = 12.0


def alpha_spent(information: float, alpha: float, spending: Spending = "obf") -> float:
    """How much of alpha may be used up to this share of the planned items (Lan and DeMets 1983).

    "obf", in the manner of O'Brien and Fleming: 2 - 2 Phi(z_{1 - alpha/2} / sqrt t), next to
    nothing at first. "pocock": alpha ln(1 + (e - 1) t), nearly even.
    """
    if not 0 < information <= 1:
        raise ValueError(f"information must be above 0 and at most 1, not {information!r}")
    if spending == "obf":
        return 2 * upper_tail(quantile(1 - alpha / 2) / math.sqrt(information))
    return alpha * math.log(1 + (math.e - 1) * information)


def group_sequential_bounds(
    information: Sequence[float], alpha: float, spending: Spending = "obf"
) -> tuple[float, ...]:
    """One-sided bounds on the z statistic at planned looks, in order (Lan and DeMets 1983).

    `information` are the shares of the planned items at each look, rising to at most 1. The chance
    of crossing any bound under the hypothesis is alpha, by numerical integration over the paths
    that crossed none before (Armitage, McPherson and Rowe 1969). The estimate at an early stop is
    too favourable: the bounds correct the error rate, not the difference shown.
    """
    shares = [*information]
    if not shares or any(late <= early for early, late in zip([0.0, *shares], shares, strict=False)):
        raise ValueError(f"information must be rising shares above 0, not {information!r}")
    bounds: list[float] = []
    places, density, spent = np.zeros(1), np.ones(1), 0.0
    before = 0.0
    for share in shares:
        allowed = alpha_spent(share, alpha, spending)
        bound = _crossed_with(allowed - spent, places, density, (before, share))
        bounds.append(bound / math.sqrt(share))
        places, density = _uncrossed(places, density, (before, share), bound)
        before, spent = share, allowed
    return tuple(bounds)


def look_level(
    information: Sequence[float], alpha: float, spending: Spending = "obf", tests: int = 1
) -> float:
    """The level to test at, at the last of these looks, so that all of them together err at most at alpha.

    The tail beyond the group-sequential bound. With several `tests` adjusted by Holm's method, the
    smallest of count times the level of alpha / count, so that every step of Holm stays within
    the bound of its own share. 0 where a look adds less than `LEAST_STEP`.
    """
    if any(late - early < LEAST_STEP for early, late in zip([0.0, *information], information, strict=False)):
        return 0.0
    return min(
        count * upper_tail(group_sequential_bounds(information, alpha / count, spending)[-1])
        for count in range(1, max(1, tests) + 1)
    )


def _crossed_with(chance: float, places: Floats, density: Floats, step: tuple[float, float]) -> float:
    """The bound, on the scale of the sum, that the paths cross at this look with this probability."""
    from scipy.optimize import brentq
    from scipy.special import ndtr

    before, share = step
    spread = math.sqrt(share - before)

    def excess(bound: float) -> float:
        return float((density * ndtr((places - bound) / spread)).sum()) - chance

    far = _FURTHEST * math.sqrt(share)
    if excess(far) >= 0:
        return far  # So little may be spent that no result would do.
    return float(brentq(excess, -far, far, xtol=1e-12))


def _uncrossed(
    places: Floats, density: Floats, step: tuple[float, float], bound: float
) -> tuple[Floats, Floats]:
    """Where the paths are that did not cross, as quadrature nodes and the probability at each."""
    before, share = step
    spread = math.sqrt(share - before)
    low = -_FAR * math.sqrt(share)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    reached = low + (nodes + 1) * (bound - low) / 2
    steps = (reached[:, None] - places[None, :]) / spread
    normal = np.exp(-np.square(steps) / 2) / math.sqrt(2 * math.pi) / spread
    return reached, normal @ density * weights * (bound - low) / 2
