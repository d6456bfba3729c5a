"""Whether scores really got worse: what chance alone would do to the signs of the differences."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from evalbench.stats.clusters import Floats, Labels, grouping
from evalbench.stats.metrics import Metric, many

EXACT_UP_TO = 14
"""With as many differing units or fewer, all sign patterns are counted instead of drawn."""

FLIPS = 9_999

_CELLS = 4_000_000
_TIE = 1e-9


def sign_flip_p(
    differences: Floats, rng: Generator, clusters: Labels | None = None, flips: int = FLIPS
) -> float:
    """One-sided p-value of "the scores got worse", by flipping signs (Fisher 1935).

    `differences` are new minus old by item, shape (items,); clusters are flipped whole. The share
    of sign patterns with a sum as low as the one seen: exact for up to 14 units that differ, else
    (1 + hits) / (1 + flips). Assumes that without a change either sign is as likely; 1 where
    nothing differs. It compares two runs, not the means of two models.
    """
    values = np.asarray(differences, dtype=np.float64)
    groups = grouping(clusters, len(values))
    sums = values if groups is None else groups.sums(values)
    sums = sums[np.abs(sums) > _TIE]
    if not len(sums):
        return 1.0
    limit = float(sums.sum()) + _TIE
    if len(sums) <= EXACT_UP_TO:
        patterns = np.arange(2 ** len(sums))[:, None] >> np.arange(len(sums)) & 1
        return float(((1.0 - 2.0 * patterns) @ sums <= limit).mean())
    hits = 0
    for size in _batches(flips, len(sums)):
        signs = rng.integers(0, 2, (size, len(sums)), dtype=np.int8)
        hits += int(((1.0 - 2.0 * signs) @ sums <= limit).sum())
    return (1 + hits) / (1 + flips)


def swap_p(
    candidate: Floats,
    reference: Floats,
    metric: Metric,
    rng: Generator,
    clusters: Labels | None = None,
    flips: int = FLIPS,
) -> float:
    """The same for a corpus metric, by swapping the two systems' summands within units (Noreen 1989).

    Both are (items, k). The share of swaps with a difference of metrics as low as the one seen,
    (1 + hits) / (1 + flips).
    """
    own, other = np.asarray(candidate, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    groups = grouping(clusters, len(own))
    if groups is not None:
        own, other = groups.sums(own), groups.sums(other)
    differing = (own != other).any(axis=1)
    if not differing.any():
        return 1.0
    own_total, other_total = own.sum(axis=0), other.sum(axis=0)
    change = (other - own)[differing]
    limit = float(metric(own_total) - metric(other_total)) + _TIE
    hits = 0
    for size in _batches(flips, len(change)):
        moved = rng.integers(0, 2, (size, len(change)), dtype=np.int8).astype(np.float64) @ change
        found = many(metric, own_total + moved) - many(metric, other_total - moved)
        hits += int((found <= limit).sum())
    return (1 + hits) / (1 + flips)


def _batches(flips: int, units: int) -> list[int]:
    most = max(1, _CELLS // units)
    return [min(most, flips - start) for start in range(0, flips, most)]
