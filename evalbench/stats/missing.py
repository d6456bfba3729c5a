"""What answers that were never had could have done to a result."""

from __future__ import annotations

import numpy as np

from evalbench.stats.clusters import Floats, Labels
from evalbench.stats.paired import paired_test


def missing_range(differences: Floats, missing: int) -> tuple[float, float]:
    """The mean difference had every missing pair been lost, and had every one been won.

    `differences` are those known, shape (items,), in [-1, 1] (bounds of Manski 1990). No assumption
    about why pairs are missing, and no sampling error: the interval is not one of confidence.
    """
    values = np.asarray(differences, dtype=np.float64)
    items = len(values) + missing
    if missing < 0 or not items:
        raise ValueError(f"missing must be 0 or more, and one pair known or missing, not {missing!r}")
    total = float(values.sum())
    return (total - missing) / items, (total + missing) / items


def losses_to_fail(
    differences: Floats, missing: int, margin: float, alpha: float, clusters: Labels | None = None
) -> int | None:
    """The fewest lost pairs among the missing with which the test would not pass (tipping point).

    The other missing pairs count as ties. 0 where it does not pass anyhow, None where it passes
    even if all are lost. `clusters` has a label for every pair, the missing ones last.
    """
    values = np.asarray(differences, dtype=np.float64)

    def fails(lost: int) -> bool:
        filled = np.concatenate([values, np.zeros(missing - lost), np.full(lost, -1.0)])
        return paired_test(filled, margin, alpha, clusters).p_value > alpha

    if fails(0):
        return 0
    if not fails(missing):
        return None
    passing, failing = 0, missing
    while failing - passing > 1:
        middle = (passing + failing) // 2
        passing, failing = (passing, middle) if fails(middle) else (middle, failing)
    return failing
