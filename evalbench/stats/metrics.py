"""Metrics of a whole corpus, computed from summed counts rather than averaged over items."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from evalbench.stats.clusters import Floats

Metric: TypeAlias = Callable[[Floats], float]
"""From summed statistics, shape (k,), to a number."""

COUNTS = 3
"""True positives, false positives and false negatives, in this order."""


def micro_f1(sums: Floats) -> float:
    """F1 of all decisions together: 2 TP / (2 TP + FP + FN), from summed TP, FP, FN.

    0 where there was nothing to find and nothing was found.
    """
    return float(micro_f1_rows(np.asarray(sums, dtype=np.float64)))


def macro_f1(sums: Floats) -> float:
    """Mean of the classes' F1, from summed TP, FP, FN class by class, shape (3 C,).

    Classes that are neither in the targets nor in the answers are left out of the mean.
    """
    return float(macro_f1_rows(np.asarray(sums, dtype=np.float64)))


def micro_f1_rows(sums: Floats) -> Floats:
    """`micro_f1` of many sums at once: (…, 3) gives (…)."""
    twice = 2 * sums[..., 0]
    return _ratio(twice, twice + sums[..., 1] + sums[..., 2])


def macro_f1_rows(sums: Floats) -> Floats:
    """`macro_f1` of many sums at once: (…, 3 C) gives (…)."""
    total, seen = np.zeros(sums.shape[:-1]), np.zeros(sums.shape[:-1])
    # Class by class: numpy is slow at reducing many rows over a short last axis.
    for first in range(0, sums.shape[-1], COUNTS):
        twice = 2 * sums[..., first]
        whole = twice + sums[..., first + 1] + sums[..., first + 2]
        total += _ratio(twice, whole)
        seen += whole > 0
    return _ratio(total, seen)


def many(metric: Metric, sums: Floats) -> Floats:
    """`metric` of every row of `sums`, shape (rows, k)."""
    if metric is micro_f1:
        return micro_f1_rows(sums)
    if metric is macro_f1:
        return macro_f1_rows(sums)
    return np.array([metric(row) for row in sums], dtype=np.float64)


def _ratio(part: Floats, whole: Floats) -> Floats:
    ratio = np.zeros(np.shape(whole))
    return np.divide(part, whole, out=ratio, where=np.greater(whole, 0))
