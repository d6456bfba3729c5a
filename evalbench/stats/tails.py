"""Exact tests of limits: how often answers may be late, and how low a score may be."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evalbench.stats.clusters import Floats, Labels, grouping, mean_variance

Counts: TypeAlias = NDArray[np.int64]

LATE_SHARE = 0.05
"""The share of calls above the 95th percentile."""

_CHUNK = 100
_EXACT_UP_TO = 20_000
_MOST_PLANNED = 10_000_000


def over_limit_p(over: int, calls: int, share: float = LATE_SHARE) -> float:
    """One-sided p-value of "fewer than `share` of all calls are over the limit".

    P(Bin(calls, share) <= over). With 59 calls and none over, the 95th percentile is shown to be
    within the limit at alpha 0.05. Calls must be independent: one per item. 1 without a call.
    """
    from scipy.special import bdtr

    return float(bdtr(over, calls, share)) if calls else 1.0


def over_limit_violated_p(over: int, calls: int, share: float = LATE_SHARE) -> float:
    """One-sided p-value of the opposite claim: more than `share` of all calls are over the limit.

    P(Bin(calls, share) >= over). Neither claim need be provable.
    """
    from scipy.special import bdtrc

    return float(bdtrc(over - 1, calls, share)) if over else 1.0


def percentile_rank(calls: int, alpha: float = 0.05, share: float = LATE_SHARE) -> int | None:
    """Rank (from 1) of the ordered call that bounds the 95th percentile from above.

    The smallest r with P(Bin(calls, 1 - share) <= r - 1) >= 1 - alpha (order statistics, no
    distribution assumed). None where even the slowest call is no such bound.
    """
    if not calls:
        return None
    # P(Bin(calls, 1 - share) > r - 1) is P(Bin(calls, share) <= calls - r), from the slowest call on.
    over = np.arange(1, calls)
    steps = np.log((calls - over + 1) / over * (share / (1 - share)))
    logs = calls * math.log1p(-share) + np.concatenate([[0.0], np.cumsum(steps)])
    slower = int(np.searchsorted(np.cumsum(np.exp(logs)), alpha, side="right"))
    return calls - slower + 1 if slower else None


def fewest_calls(over: int, alpha: float = 0.05, share: float = LATE_SHARE) -> int:
    """The fewest calls that pass the latency test when `over` of them are over the limit."""
    calls = over + 1
    while over_limit_p(over, calls, share) > alpha:
        calls += 1
    return calls


def effective_size(values: Floats, clusters: Labels | None = None) -> float:
    """How many independent 0/1 items `values` are worth for an exact test (Korn and Graubard 1998).

    min(n, p (1 - p) / V) with the cluster variance V of the mean; n without clusters, and n
    where nothing varies. A single cluster is worth one item.
    """
    items, mean = len(values), float(values.mean())
    groups = grouping(clusters, items)
    if groups is None:
        return float(items)
    variance = mean_variance(values, groups)
    if math.isnan(variance):
        return 1.0
    return float(items) if variance == 0 else max(1.0, min(float(items), mean * (1 - mean) / variance))


def floor_p(mean: float, size: float, floor: float) -> float:
    """One-sided p-value of "the true mean is above `floor`", exact on `size` effective items.

    BetaCDF(floor; mean size, size - mean size + 1), which is Clopper and Pearson (1934) for
    whole numbers. For graded scores it is conservative: 0/1 scores vary most.
    """
    from scipy.special import betainc

    if floor <= 0:
        return 0.0
    return float(betainc(mean * size, size - mean * size + 1, floor)) if mean > 0 else 1.0


def floor_violated_p(mean: float, size: float, floor: float) -> float:
    """One-sided p-value of "the true mean is below `floor`": P(Bin(size, floor) <= mean size)."""
    from scipy.special import betainc

    if mean >= 1 or floor <= 0:
        return 1.0
    return 1.0 - float(betainc(mean * size + 1, size - mean * size, floor))


def items_for_rate(limit: float, true_rate: float, alpha: float = 0.05, power: float = 0.8) -> int | None:
    """The fewest items whose exact test shows a bad-event rate below `limit` with that power.

    Above 20,000 items the normal approximation, good to about a percent. None where no number
    of items would do, because the true rate is at the limit, above it, or next to it.
    """
    from scipy.special import ndtri

    if true_rate >= limit:
        return None
    reach = float(ndtri(1 - alpha)) * math.sqrt(limit * (1 - limit))
    reach += float(ndtri(power)) * math.sqrt(true_rate * (1 - true_rate))
    guess = (reach / (limit - true_rate)) ** 2
    if guess > _EXACT_UP_TO:
        return math.ceil(guess) if guess <= _MOST_PLANNED else None
    first = 0
    while True:
        allowed = np.arange(first, first + _CHUNK)
        items, power_there = _cheapest(allowed, limit, true_rate, alpha)
        passing = np.flatnonzero(power_there >= power)
        if len(passing):
            return int(items[passing[0]])
        first += _CHUNK


def _cheapest(allowed: Counts, limit: float, rate: float, alpha: float) -> tuple[Counts, Floats]:
    """The fewest items that pass with as many bad events, and how often the truth has no more.

    With one more item and the same number allowed the test passes less often, so the fewest items
    for a power are among these.
    """
    from scipy.special import bdtr, bdtrin

    # The real root of the cumulative distribution is at most one off after rounding.
    items = np.maximum(np.ceil(bdtrin(allowed, alpha, limit)), allowed + 1).astype(np.int64)
    items = np.where((items > allowed + 1) & (bdtr(allowed, items - 1, limit) <= alpha), items - 1, items)
    items = np.where(bdtr(allowed, items, limit) > alpha, items + 1, items)
    return items, np.asarray(bdtr(allowed, items, rate), dtype=np.float64)
