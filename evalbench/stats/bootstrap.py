"""The bootstrap of a corpus metric, shown beside the jackknife; it never decides."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from evalbench.core.estimate import Estimate
from evalbench.stats.clusters import Floats, Labels, grouping
from evalbench.stats.metrics import Metric, many

MOST_UNITS = 10_000
"""Above this the jackknife says the same in far less time."""

_CELLS = 4_000_000


def bootstrap_differences(
    candidate: Floats,
    reference: Floats,
    metric: Metric,
    rng: Generator,
    clusters: Labels | None = None,
    resamples: int = 2000,
) -> Floats:
    """Differences of a corpus metric in paired resamples of items or clusters, shape (resamples,).

    Both are summands per item, (items, k); an item is drawn for both systems at once (Efron 1979).
    """
    own, other = np.asarray(candidate, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    if own.ndim != 2 or own.shape != other.shape or not len(own):  # noqa: PLR2004 -- items by summands
        raise ValueError(f"candidate and reference must have one shape, not {own.shape} and {other.shape}")
    groups = grouping(clusters, len(own))
    if groups is not None:
        own, other = groups.sums(own), groups.sums(other)
    units = len(own)
    if units > MOST_UNITS:
        raise ValueError(f"at most {MOST_UNITS:,} units are resampled, not {units:,}; use the jackknife")
    batch = max(1, _CELLS // units)
    parts = []
    for start in range(0, resamples, batch):
        # How often each unit is drawn is all that sums depend on.
        weights = rng.multinomial(units, np.full(units, 1 / units), min(batch, resamples - start))
        parts.append(many(metric, weights @ own) - many(metric, weights @ other))
    return np.concatenate(parts)


def bootstrap_interval(differences: Floats, value: float, level: float = 0.9) -> Estimate:
    """The percentile interval of `bootstrap_differences` around the difference seen.

    Below a few hundred items it is too narrow, more so with rare errors, which is why it is shown
    and does not decide.
    """
    low, high = np.quantile(differences, ((1 - level) / 2, (1 + level) / 2))
    return Estimate(value, float(low), float(high), level, "bootstrap", len(differences))
