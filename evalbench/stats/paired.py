"""Two tiers on the same items: is one no worse than the other by more than a margin?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evalbench.stats.clusters import Floats, Grouping, Labels, grouping, mean_variance
from evalbench.stats.score_test import check_test, tango_z
from evalbench.stats.student import quantile, upper_tail

_WHOLE = 1e-12
"""Differences this close to -1, 0 or 1 are that number: averaging repeats leaves such crumbs."""

_SHRINKAGE = 4.0
_EDGE = 1e-12
_HALVINGS = 50


@dataclass(frozen=True, slots=True)
class PairedEvidence:
    """What paired differences say about their mean, at any margin.

    `wins` and `losses` are summed positive and negative differences, `dispersion` is how much
    more (or, for graded scores, less) they vary than as many 0/1 items would (Rao and Scott
    1992), `groups` the number of clusters, None where every item stands for itself.
    """

    wins: float
    losses: float
    items: int
    groups: int | None
    dispersion: float
    degrees_of_freedom: float

    @property
    def difference(self) -> float:
        """The mean difference, from -1 to 1."""
        return (self.wins - self.losses) / self.items

    def z(self, margin: float) -> float:
        """The statistic of "the mean difference is -margin"; large values speak against it."""
        return tango_z(self.wins, self.losses, self.items, -margin) / math.sqrt(self.dispersion)

    def p_value(self, margin: float) -> float:
        """One-sided p-value of "no worse than `margin`"."""
        return upper_tail(self.z(margin), self.degrees_of_freedom)

    def p_worse(self, margin: float) -> float:
        """One-sided p-value of the opposite claim, "worse than `margin`"."""
        return upper_tail(-self.z(margin), self.degrees_of_freedom)

    def p_equivalent(self, margin: float) -> float:
        """P-value of "they differ by less than `margin` either way", by two one-sided tests.

        The larger of the two p-values (Schuirmann 1987). A difference that is not significant is
        no proof of this, and is never reported as one.
        """
        upper = tango_z(self.wins, self.losses, self.items, margin) / math.sqrt(self.dispersion)
        return max(self.p_value(margin), upper_tail(-upper, self.degrees_of_freedom))

    def bounds(self, alpha: float) -> tuple[float | None, float | None]:
        """The differences that no one-sided test at `alpha` rejects: an interval of level 1 - 2 alpha.

        None for a single item or cluster.
        """
        if self.items <= 1 or self.groups == 1:
            return None, None
        limit = quantile(1 - alpha, self.degrees_of_freedom) * math.sqrt(self.dispersion)
        return self._bound(-1.0, limit), self._bound(1.0, -limit)

    def _bound(self, end: float, limit: float) -> float:
        def distance(difference: float) -> float:
            return tango_z(self.wins, self.losses, self.items, difference) - limit

        inner, outer = self.difference, end * (1 - _EDGE)
        if abs(inner) >= 1 - _EDGE and inner * end > 0:
            return end
        if distance(inner) * distance(outer) >= 0:
            return end
        # Halving is exact enough, and saves loading an optimiser for a handful of roots.
        is_above = distance(inner) > 0
        for _ in range(_HALVINGS):
            middle = (inner + outer) / 2
            inner, outer = (middle, outer) if (distance(middle) > 0) == is_above else (inner, middle)
        return (inner + outer) / 2


@dataclass(frozen=True, slots=True)
class PairedResult:
    """A paired test at one margin, with everything that went into it.

    `theta` is the mean difference with its interval of level 1 - 2 alpha, `p_value` the
    one-sided p-value of "no worse than the margin", `p_worse_side` that of "worse than it".
    """

    theta: float
    low: float | None
    high: float | None
    z: float
    p_value: float
    p_worse_side: float
    wins: float
    losses: float
    items: int
    groups: int | None
    phi: float
    degrees_of_freedom: float


def paired_evidence(differences: Floats, clusters: Labels | None = None) -> PairedEvidence:
    """Sums up item differences in [-1, 1], shape (items,), for tests at any margin.

    0/1 differences without clusters need no dispersion and use the normal distribution. Graded
    differences get theirs from their variance, shrunk to the careful value 1 when few items
    differ, and Student's t. Clusters multiply it by their design effect, never below 1.
    """
    values = _differences(differences)
    groups = grouping(clusters, len(values))
    wins, losses = float(values[values > 0].sum()), float(np.abs(values[values < 0]).sum())
    is_whole = bool((values == np.rint(values)).all())
    dispersion = 1.0 if is_whole else _graded_dispersion(values, wins, losses)
    freedom = math.inf if is_whole else max(1.0, len(values) - 1.0)
    if groups is not None:
        dispersion *= design_effect(values, groups)
        freedom = max(1.0, groups.effective - 1)
    count = None if groups is None else groups.count
    return PairedEvidence(wins, losses, len(values), count, dispersion, freedom)


def design_effect(values: Floats, groups: Grouping) -> float:
    """How much clusters inflate the variance of the mean, at least 1.

    Where nothing varies the clusters are taken at their worst, as wholly alike inside:
    sum size^2 / sum size. One cluster counts as one item.
    """
    if groups.count == 1:
        return float(len(values))
    independent = mean_variance(values, None)
    if independent == 0:
        return float(np.square(groups.sizes).sum() / groups.sizes.sum())
    return max(1.0, mean_variance(values, groups) / independent)


def paired_test(
    differences: Floats, margin: float, alpha: float, clusters: Labels | None = None
) -> PairedResult:
    """Non-inferiority test on paired item differences: candidate minus reference, shape (items,).

    A small p-value shows that the candidate is worse by less than `margin` on the items that the
    eval set stands for. It is not the probability that the candidate is good enough, and a large
    one is no proof that it is bad.
    """
    check_test(margin, alpha)
    evidence = paired_evidence(differences, clusters)
    low, high = evidence.bounds(alpha)
    return PairedResult(
        theta=evidence.difference,
        low=low,
        high=high,
        z=evidence.z(margin),
        p_value=evidence.p_value(margin),
        p_worse_side=evidence.p_worse(margin),
        wins=evidence.wins,
        losses=evidence.losses,
        items=evidence.items,
        groups=evidence.groups,
        phi=evidence.dispersion,
        degrees_of_freedom=evidence.degrees_of_freedom,
    )


def paired_interval(
    differences: Floats, level: float = 0.9, clusters: Labels | None = None
) -> tuple[float | None, float | None]:
    """The interval of the mean paired difference, by inverting the score test on each side."""
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, not {level!r}")
    return paired_evidence(differences, clusters).bounds((1 - level) / 2)


def proven_drop(differences: Floats, alpha: float, clusters: Labels | None = None) -> float | None:
    """The smallest margin at which `paired_test` would pass at `alpha`; 0 when any would.

    None when no margin up to 1 does. It is the lower bound of the interval, turned round: the
    dispersion does not depend on the margin.
    """
    evidence = paired_evidence(differences, clusters)
    low, _ = evidence.bounds(alpha)
    return None if low is None or low <= -1 else max(0.0, -low)


def _graded_dispersion(values: Floats, wins: float, losses: float) -> float:
    items = len(values)
    theta = (wins - losses) / items
    most = (wins + losses) / items - theta**2
    differing = int(np.count_nonzero(values))
    ratio = min(1.0, float(values.var()) / most) if most > 0 else 1.0
    return (differing * ratio + _SHRINKAGE) / (differing + _SHRINKAGE)


def _differences(differences: Floats) -> Floats:
    values = np.asarray(differences, dtype=np.float64)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"differences must be one number per item and at least one, not {values.shape}")
    if not (np.abs(values) <= 1 + _WHOLE).all():
        raise ValueError("differences must lie in [-1, 1] without gaps; drop the items that lack a score")
    whole = np.rint(values)
    return np.where(np.abs(values - whole) < _WHOLE, whole, values)
