"""Items that belong together: how many independent groups there are, and how far a mean can stray."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[Any]
"""One label per item, of any type that can be compared; equal labels are one cluster."""

_SPARSEST = 8


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which cluster each item is in (`index`, counted from 0), and how many items each has."""

    index: NDArray[np.int64]
    sizes: Floats

    @property
    def count(self) -> int:
        """How many clusters there are."""
        return len(self.sizes)

    @property
    def effective(self) -> float:
        """The number of equal clusters worth as much, (sum size)^2 / sum size^2 (Kish 1965)."""
        return float(self.sizes.sum() ** 2 / np.square(self.sizes).sum())

    def sums(self, values: Floats) -> Floats:
        """Sums of `values` by cluster: (items,) gives (clusters,), (items, k) gives (clusters, k)."""
        if values.ndim == 1:
            return np.bincount(self.index, weights=values, minlength=self.count).astype(np.float64)
        totals = np.zeros((self.count, *values.shape[1:]))
        np.add.at(totals, self.index, values)
        return totals


def grouping(clusters: Labels | None, items: int) -> Grouping | None:
    """The clusters of `items` items; None where every item stands for itself.

    Labels that are all different are the same as no labels at all.
    """
    if clusters is None:
        return None
    labels = np.asarray(clusters)
    if labels.shape != (items,):
        raise ValueError(f"clusters must have one label per item, shape ({items},), not {labels.shape}")
    if items == 0:
        return None
    index, sizes = _numbered(labels)
    return None if len(sizes) == items and items > 1 else Grouping(index, sizes)


def mean_variance(values: Floats, groups: Grouping | None) -> float:
    """Estimated variance of the mean of `values`, each with the same weight.

    Without clusters sum (x - mean)^2 / (n (n - 1)); with clusters the item-weighted cluster
    variance G/(G - 1) sum_g (sum_g (x - mean))^2 / n^2 (Liang and Zeger 1986, Miller 2024).
    NaN where a single unit says nothing about spread.
    """
    items = len(values)
    centred = values - values.mean()
    if groups is None:
        return float(np.square(centred).sum() / (items * (items - 1))) if items > 1 else float("nan")
    if groups.count == 1:
        return float("nan")
    spread = np.square(groups.sums(centred)).sum() / items**2
    return float(groups.count / (groups.count - 1) * spread)


def two_way_variance(values: Floats, first: Labels, second: Labels) -> tuple[float, float]:
    """Variance of the mean of `values` that share two kinds of unit, and its degrees of freedom.

    V_first + V_second - V_both, for votes by rater and item, say (Cameron, Gelbach and Miller
    2011), or the larger of the first two where that is not above 0; the fewer units less one. NaN
    where either kind has a single unit. With fewer than ten of either it is an estimate to look at,
    not to decide by.
    """
    ways = [Grouping(*_numbered(np.asarray(labels))) for labels in (first, second)]
    both = Grouping(*_numbered(ways[0].index * ways[1].count + ways[1].index))
    one, other = (mean_variance(values, way) for way in ways)
    joint = one + other - mean_variance(values, both)
    return joint if joint > 0 or np.isnan(joint) else max(one, other), min(way.count for way in ways) - 1.0


def _numbered(labels: Labels) -> tuple[NDArray[np.int64], Floats]:
    if labels.dtype.kind == "i" and labels.min() >= 0 and labels.max() < _SPARSEST * len(labels):
        # Small whole numbers need no sorting, which would be most of the work for many items.
        counts = np.bincount(labels)
        present = counts > 0
        return (np.cumsum(present) - 1)[labels].astype(np.int64), counts[present].astype(np.float64)
    _, index, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    return index.reshape(-1).astype(np.int64), sizes.astype(np.float64)
