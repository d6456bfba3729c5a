"""Corpus metrics such as F1: their interval, and the paired difference of two tiers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evalbench.core.estimate import Estimate
from evalbench.stats.clusters import Floats, Grouping, Labels, grouping
from evalbench.stats.metrics import Metric, many
from evalbench.stats.student import quantile, upper_tail

FEW_DIFFERING = 20
"""With fewer differing items than this, the jackknife may have seen too little to trust its spread."""


def corpus_interval(
    statistics: Floats, metric: Metric, level: float = 0.95, clusters: Labels | None = None
) -> Estimate:
    """A corpus metric of one tier, with its delete-one jackknife interval (Tukey 1958), within 0 and 1.

    `statistics` are the summands per item, shape (items, k). `low` and `high` are None for a
    single item or cluster. A metric without a single error gets a point, which understates
    what is unknown.
    """
    rows = _rows(statistics)
    groups = grouping(clusters, len(rows))
    value = float(metric(rows.sum(axis=0)))
    count = len(rows) if groups is None else groups.count
    if count == 1:
        return Estimate(value, None, None, level, "jackknife", count)
    half = quantile((1 + level) / 2, count - 1) * _standard_error(_without_each(rows, metric, groups))
    return Estimate(value, max(0.0, value - half), min(1.0, value + half), level, "jackknife", count)


def corpus_standard_error(statistics: Floats, metric: Metric, clusters: Labels | None = None) -> float:
    """Jackknife standard error of one tier's corpus metric; NaN for a single unit."""
    rows = _rows(statistics)
    return _standard_error(_without_each(rows, metric, grouping(clusters, len(rows))))


@dataclass(frozen=True, slots=True)
class CorpusEvidence:
    """What paired summands say about the difference of a corpus metric, at any margin.

    `standard_error` is NaN for a single unit. `differing` counts the items whose summands are
    not the same for both tiers. `groups` is None where every item stands for itself; `inflation`
    is their design effect, as far as the guard against unseen losses needs it.
    """

    difference: float
    standard_error: float
    degrees_of_freedom: float
    items: int
    groups: int | None
    differing: int
    inflation: float = 1.0

    def guarded_error(self, margin: float) -> float:
        """The standard error, or what losses of `margin` would cause, where few items differ.

        The same care that the score test takes: rare losses that were not seen are charged for,
        and where clusters are lost as a whole both counts are of clusters' worth.
        """
        if self.differing / self.inflation >= FEW_DIFFERING or self.items <= 1:
            return self.standard_error
        unseen = math.sqrt(self.inflation * margin * (1 - margin) / (self.items - 1))
        return max(self.standard_error, unseen)

    def z(self, margin: float, guard: float | None = None) -> float:
        """Distance from -margin in standard errors; `guard` is the margin of the guard, if another."""
        error = self.guarded_error(margin if guard is None else guard)
        excess = self.difference + margin
        if math.isnan(error) or excess == 0:
            return 0.0
        return excess / error if error > 0 else math.copysign(math.inf, excess)

    def p_value(self, margin: float, guard: float | None = None) -> float:
        """One-sided p-value of "no worse than `margin`"."""
        return upper_tail(self.z(margin, guard), self.degrees_of_freedom)

    def p_worse(self, margin: float) -> float:
        """One-sided p-value of the opposite claim, "worse than `margin`"."""
        return upper_tail(-self.z(margin), self.degrees_of_freedom)

    def bounds(self, alpha: float, margin: float) -> tuple[float | None, float | None]:
        """The interval of level 1 - 2 alpha, with the standard error as guarded at `margin`."""
        error = self.guarded_error(margin)
        if math.isnan(error):
            return None, None
        half = quantile(1 - alpha, self.degrees_of_freedom) * error
        return max(-1.0, self.difference - half), min(1.0, self.difference + half)

    def with_losses(self, count: int) -> CorpusEvidence:
        """The same evidence had `count` more items shown the worst difference, -1, each."""
        if not count:
            return self
        items = self.items + count
        share = count / items
        kept, apart = 1 - share, self.difference + 1
        variance = (kept * self.standard_error) ** 2 + share * kept * apart**2 / items
        return CorpusEvidence(
            kept * self.difference - share,
            math.sqrt(variance),
            self.degrees_of_freedom,
            items,
            self.groups,
            self.differing + count,
            self.inflation,
        )


def corpus_evidence(
    candidate: Floats, reference: Floats, metric: Metric, clusters: Labels | None = None
) -> CorpusEvidence:
    """The difference of a corpus metric, candidate minus reference, by delete-one jackknife.

    Both are summands per item on the same items, shape (items, k). With clusters, one whole
    cluster is left out at a time. Assumes a metric smooth in its sums, which F1 is away from
    classes with next to no items.
    """
    own, other = _rows(candidate), _rows(reference)
    if own.shape != other.shape:
        raise ValueError(f"candidate and reference must have one shape, not {own.shape} and {other.shape}")
    groups = grouping(clusters, len(own))
    left_out = _without_each(own, metric, groups) - _without_each(other, metric, groups)
    error = _standard_error(left_out)
    differing = (own != other).any(axis=1)
    inflation = 1.0
    if groups is not None and groups.count > 1:
        worst = float(np.square(groups.sizes).sum() / groups.sizes.sum())
        if differing.sum() < FEW_DIFFERING * worst:
            single = _standard_error(_without_each(own, metric, None) - _without_each(other, metric, None))
            inflation = max(1.0, (error / single) ** 2) if single > 0 else worst
    return CorpusEvidence(
        difference=float(metric(own.sum(axis=0)) - metric(other.sum(axis=0))),
        standard_error=error,
        degrees_of_freedom=max(1.0, len(left_out) - 1.0),
        items=len(own),
        groups=None if groups is None else groups.count,
        differing=int(differing.sum()),
        inflation=inflation,
    )


def _without_each(rows: Floats, metric: Metric, groups: Grouping | None) -> Floats:
    units = rows if groups is None else groups.sums(rows)
    if len(units) == 1:
        return np.array([np.nan])
    return many(metric, units.sum(axis=0) - units)


def _standard_error(left_out: Floats) -> float:
    units = len(left_out)
    if units <= 1:
        return math.nan
    spread = np.square(left_out - left_out.mean()).sum()
    return math.sqrt((units - 1) / units * float(spread))


def _rows(statistics: Floats) -> Floats:
    rows = np.asarray(statistics, dtype=np.float64)
    if rows.ndim != 2 or not len(rows) or np.isnan(rows).any():  # noqa: PLR2004 -- items by summands
        raise ValueError(f"statistics must be (items, k) without gaps and not empty, not shape {rows.shape}")
    return rows
