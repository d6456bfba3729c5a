"""What one tier scored: on which items it can be compared, its score, and its item differences."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from evalbench.advice.arrays import Arrays
from evalbench.stats.clusters import Floats
from evalbench.stats.metrics import Metric, macro_f1, many, micro_f1


def kept_items(arrays: Arrays, tier: int) -> NDArray[np.bool_]:
    """The items that both the tier and the reference have an answer to."""
    return np.asarray(~arrays.is_missing[tier] & ~arrays.is_missing[arrays.reference])


def chosen_rows(rows: Floats, kept: NDArray[np.bool_]) -> Floats:
    """The rows that are kept; the array itself where all are, since copies are what takes time."""
    return rows if kept.all() else rows[kept]


def tier_score(arrays: Arrays, tier: int) -> float | None:
    """The tier's score on the items it has an answer to; None without any."""
    kept = ~arrays.is_missing[tier]
    if not kept.any():
        return None
    if arrays.metric is not None and arrays.statistics is not None:
        return float(arrays.metric(chosen_rows(arrays.statistics[tier], kept).sum(axis=0)))
    return float(scores_of(arrays)[tier, kept].mean())


def shared_scores(arrays: Arrays, tier: int) -> tuple[float, float] | None:
    """The scores of the tier and of the reference, each on the items that both answered; None without any."""
    kept, rows = kept_items(arrays, tier), (tier, arrays.reference)
    if not kept.any():
        return None
    if arrays.metric is not None and arrays.statistics is not None:
        sums = [chosen_rows(arrays.statistics[row], kept).sum(axis=0) for row in rows]
        own, other = (float(arrays.metric(each)) for each in sums)
    else:
        own, other = (float(scores_of(arrays)[row, kept].mean()) for row in rows)
    return own, other


def item_differences(arrays: Arrays, tier: int) -> Floats:
    """Differences of single items, tier minus reference, where both have an answer.

    Without scores, those of the metric computed on each item alone, without the items on which it
    is not defined.
    """
    kept, reference = kept_items(arrays, tier), arrays.reference
    if arrays.scores is not None:
        differences: Floats = arrays.scores[tier, kept] - arrays.scores[reference, kept]
        return differences[~np.isnan(differences)]
    if arrays.metric is None or arrays.statistics is None:
        return np.zeros(0)
    own, other = (
        _each_alone(arrays.metric, chosen_rows(arrays.statistics[row], kept)) for row in (tier, reference)
    )
    differences = own - other
    return differences[~np.isnan(differences)]


def _each_alone(metric: Metric, rows: Floats) -> Floats:
    """The metric of single items; NaN where it divides by zero, as text metrics do on a word or two."""

    def alone(row: Floats) -> float:
        try:
            return metric(row)
        except ZeroDivisionError:
            return math.nan

    with np.errstate(divide="ignore", invalid="ignore"):
        return many(metric if metric in (micro_f1, macro_f1) else alone, rows)


def scores_of(arrays: Arrays) -> Floats:
    """The scores by tier and item, where the metric is their mean."""
    if arrays.scores is None:
        raise ValueError("a mean of scores needs scores")
    return arrays.scores
