"""Repeats: how much answers vary on their own, and how many an item are worth their price."""

from __future__ import annotations

import math

import numpy as np

from evalbench.stats.clusters import Floats


def repeat_components(differences: Floats) -> tuple[float, float]:
    """Variance of item differences between items, and within an item between its repeats.

    `differences` is (items, repeats) from a pilot, without gaps; one-way analysis of variance
    (Searle 1971), a negative estimate counts as 0. The mean of K repeats has the variance between
    + within / K, so repeats never make up for few items.
    """
    values = np.asarray(differences, dtype=np.float64)
    if values.ndim != 2 or min(values.shape) < 2 or np.isnan(values).any():  # noqa: PLR2004 -- spread needs two
        raise ValueError(f"differences must be (items, repeats), two or more, no gaps, not {values.shape}")
    within = float(values.var(axis=1, ddof=1).mean())
    between = float(values.mean(axis=1).var(ddof=1)) - within / values.shape[1]
    return max(0.0, between), within


def best_repeats(between: float, within: float, item_usd: float, call_usd: float) -> int:
    """Repeats per item that prove most for the money: sqrt((item / call) (within / between)), at least 1.

    `item_usd` is the price of one more item (to write and to label it), `call_usd` that of one more
    repeat. 1 where items are free. Refuses calls without a price: infinitely many would be best.
    """
    if min(between, within, item_usd) < 0 or call_usd <= 0:
        raise ValueError("variances and item_usd must be 0 or more, and call_usd above 0")
    if item_usd == 0 or within == 0:
        return 1
    if between == 0:
        raise ValueError("between must be above 0: were all items alike, one item would do")
    return max(1, round(math.sqrt(item_usd / call_usd * within / between)))
