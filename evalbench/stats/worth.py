"""What quality is worth in money: net benefit, the price of one more point, and of knowing more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from evalbench.core.estimate import Estimate
from evalbench.stats.clusters import Floats, Labels, grouping, mean_variance
from evalbench.stats.costs import fieller_interval
from evalbench.stats.student import quantile

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class NetBenefit:
    """USD gained by using the candidate in place of the reference, and how sure that is.

    `missed_usd` is the expected loss of choosing now by the sign of `usd`, which is also the most
    that perfect information can be worth.
    """

    usd: float
    standard_error_usd: float
    missed_usd: float


def value_of_information(mean: float, standard_deviation: float) -> float:
    """Expected value of perfect information about a gain of this mean, in the gain's unit.

    sd (phi(u) - u (1 - Phi(u))) with u = |mean| / sd (Raiffa and Schlaifer 1961): what choosing by
    the sign of the mean is expected to lose. It treats the estimate's error as the uncertainty
    about the truth, normal and without other knowledge; it says nothing about how many items
    would be enough.
    """
    if standard_deviation < 0:
        raise ValueError(f"standard_deviation must be 0 or more, not {standard_deviation!r}")
    if standard_deviation == 0:
        return 0.0
    u = abs(mean) / standard_deviation
    return standard_deviation * (_NORMAL.pdf(u) - u * _NORMAL.cdf(-u))


def net_benefit(
    differences: Floats,
    saved_usd: Floats,
    value_usd: float,
    calls: float,
    clusters: Labels | None = None,
) -> NetBenefit:
    """Net benefit of the candidate: calls (value_usd mean(differences) + mean(saved_usd)).

    Both arrays are (items,). `value_usd` is what a score of 1 instead of 0 is worth on one call,
    `saved_usd` the reference's cost less the candidate's, `calls` the traffic decided about. Linear
    in quality: the worth of a point must not depend on how many there are.
    """
    scores, saved = _pairs(differences, saved_usd)
    gains = value_usd * scores + saved
    mean, error = float(gains.mean()), math.sqrt(mean_variance(gains, grouping(clusters, len(gains))))
    missed = math.nan if math.isnan(error) else value_of_information(mean, error)
    return NetBenefit(calls * mean, calls * error, calls * missed)


def net_benefit_interval(
    gains_usd: Floats, calls: float, clusters: Labels | None = None, level: float = 0.95
) -> Estimate:
    """The net benefit calls mean(gains_usd), (items,), with the interval of Student's t.

    n - 1 degrees of freedom, with clusters (sum size)^2 / sum size^2 - 1. No bounds where a single
    unit says nothing about spread. It covers the choice of items, not whether the value put on a
    right answer holds.
    """
    gains, none = _pairs(gains_usd, np.zeros(len(gains_usd)))
    groups = grouping(clusters, len(gains))
    units = len(gains) if groups is None else groups.count
    freedom = (len(gains) if groups is None else groups.effective) - 1
    found = net_benefit(none, gains, 0.0, calls, clusters)
    if math.isnan(found.standard_error_usd) or freedom <= 0:
        return Estimate(found.usd, None, None, level, "student", units)
    half = quantile((1 + level) / 2, freedom) * found.standard_error_usd
    return Estimate(found.usd, found.usd - half, found.usd + half, level, "student", units)


def usd_per_point(
    differences: Floats, extra_usd: Floats, level: float = 0.95, clusters: Labels | None = None
) -> Estimate | None:
    """Incremental cost-effectiveness ratio: mean extra USD over mean extra score, both (items,).

    With Fieller's interval; None where the mean difference is exactly 0. A negative ratio means that
    one tier is both better and cheaper, and does not say which: look at the signs. Where the
    interval has no bounds, the difference may be 0 and the ratio says little.
    """
    scores, extra = _pairs(differences, extra_usd)
    return fieller_interval(extra, scores, level, clusters) if scores.mean() != 0 else None


def acceptability_curve(
    differences: Floats,
    saved_usd: Floats,
    values_usd: Sequence[float],
    clusters: Labels | None = None,
) -> tuple[float, ...]:
    """How surely the candidate's net benefit is positive at each worth of a score point.

    Phi(mean / standard error) of the net benefit per call (van Hout et al. 1994; the curve of
    cost-effectiveness acceptability). It is one minus a one-sided p-value, not the probability that
    the candidate is worth it.
    """
    curve = []
    for value_usd in values_usd:
        found = net_benefit(differences, saved_usd, value_usd, 1.0, clusters)
        if math.isnan(found.standard_error_usd):
            curve.append(math.nan)
        elif found.standard_error_usd == 0:
            curve.append(0.5 * (1 + float(np.sign(found.usd))))
        else:
            curve.append(_NORMAL.cdf(found.usd / found.standard_error_usd))
    return tuple(curve)


def _pairs(differences: Floats, usd: Floats) -> tuple[Floats, Floats]:
    scores, money = np.asarray(differences, dtype=np.float64), np.asarray(usd, dtype=np.float64)
    if scores.ndim != 1 or scores.shape != money.shape or not len(scores):
        raise ValueError(f"scores and USD must be pairs, at least one, not {scores.shape} and {money.shape}")
    if np.isnan(scores).any() or np.isnan(money).any():
        raise ValueError("scores and USD must be known for every item; drop the items that lack one")
    return scores, money
