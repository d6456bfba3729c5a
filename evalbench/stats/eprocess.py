"""Looking after every item: a bet against "not good enough" that may be watched as long as one likes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evalbench.stats.clusters import Floats, Labels, grouping
from evalbench.stats.score_test import check_test
from evalbench.stats.wager import LEAST_VARIANCE, MOST_STAKED, PRIOR_VARIANCE, PRIOR_WEIGHT

FEWEST_ITEMS = 20
"""No stop before as many items."""

_GRIDS = (0.05, 0.005)
_HALVINGS = 8


@dataclass(frozen=True, slots=True)
class EarlyStop:
    """Where a run could stop: after `items` items, with the question answered one way or the other."""

    is_good_enough: bool
    items: int


def capital(differences: Floats, margin: float) -> Floats:
    """Capital of the bet against "the mean difference is -margin or less", after each item.

    `differences` are candidate minus reference in [-1, 1], in the order of the run, shape (items,);
    so is the result. K_t is the product of 1 + stake (d + margin), each stake from the items before
    alone: (mean + margin) / (variance + (mean + margin)^2) with a prior of four items, between 0 and
    .75 / (1 - margin) (betting, Waudby-Smith and Ramdas 2023). Under the hypothesis capital ever
    reaches 1 / alpha with probability at most alpha (Ville 1939), so any stopping rule is allowed
    if items come in random order. Capital is no probability, and low capital proves nothing.
    """
    return np.asarray(np.exp(log_capital(differences, margin)), dtype=np.float64)


def log_capital(differences: Floats, margin: float) -> Floats:
    """The natural logarithm of `capital`, which stays a number however long the run is."""
    values = np.asarray(differences, dtype=np.float64)
    if values.ndim != 1 or not (np.abs(values) <= 1 + 1e-12).all():
        raise ValueError("differences must be one number per item in [-1, 1], without gaps")
    if not -1 < margin < 1:
        raise ValueError(f"margin must be between -1 and 1, not {margin!r}")
    seen = PRIOR_WEIGHT + np.arange(len(values))
    mean = (np.cumsum(values) - values) / seen
    squares = np.square(values)
    squared = (PRIOR_WEIGHT * PRIOR_VARIANCE + np.cumsum(squares) - squares) / seen
    gain = mean + margin
    variance = np.maximum(squared - np.square(mean), LEAST_VARIANCE)
    stakes = np.clip(gain / (variance + np.square(gain)), 0.0, MOST_STAKED / (1 - margin))
    return np.asarray(np.cumsum(np.log1p(stakes * (values + margin))), dtype=np.float64)


def futility_capital(differences: Floats, margin: float) -> Floats:
    """Capital of the opposite bet, against "the mean difference is -margin or more"."""
    return capital(-np.asarray(differences, dtype=np.float64), -margin)


def cluster_bets(differences: Floats, clusters: Labels, margin: float) -> Floats:
    """One value per cluster, in order of first appearance, for `capital` at this margin.

    (size / largest size) (mean + margin) - margin, so that each whole cluster is one bet and the
    hypothesis about the mean over items stays the same. The largest size must be known beforehand.
    """
    values = np.asarray(differences, dtype=np.float64)
    groups = grouping(clusters, len(values))
    if groups is None:
        return values
    first = np.full(groups.count, len(values))
    np.minimum.at(first, groups.index, np.arange(len(values)))
    bets = (groups.sums(values) + groups.sizes * margin) / groups.sizes.max() - margin
    return np.asarray(bets[np.argsort(first)], dtype=np.float64)


def crossing(path: Floats, alpha: float) -> int | None:
    """After how many bets capital first reaches 1 / alpha; None where it never does."""
    reached = np.flatnonzero(path >= 1 / alpha)
    return int(reached[0]) + 1 if len(reached) else None


def early_stop(differences: Floats, margin: float, alpha: float, candidates: int = 1) -> EarlyStop | None:
    """Where a run may stop, with alpha shared evenly between `candidates` tiers; None to go on.

    Independent items in random order; for clusters, pass `cluster_bets` and count clusters. The
    hypothesis of either side is rejected wrongly with probability at most alpha. Limits on latency
    and floors need their own tests at the end. The difference at a stop is too favourable: show
    `confidence_sequence` with it.
    """
    check_test(margin, alpha)
    paths = {True: capital(differences, margin), False: futility_capital(differences, margin)}
    stops = [
        EarlyStop(is_good, max(FEWEST_ITEMS, after))
        for is_good, path in paths.items()
        if (after := crossing(path, alpha / candidates)) is not None and len(path) >= FEWEST_ITEMS
    ]
    return min(stops, key=lambda stop: stop.items, default=None)


def confidence_sequence(differences: Floats, alpha: float) -> tuple[float, float]:
    """Bounds of the mean difference that hold at every item at once, each with error alpha.

    The differences against which neither bet ever reached 1 / alpha, on a grid of half points,
    reached over one of five points and refined at its end. Wider than the interval of a run of
    fixed size: that is the price of looking at any time.
    """
    values = np.asarray(differences, dtype=np.float64)
    return lowest_kept(lambda _: values, alpha), -lowest_kept(lambda _: -values, alpha)


def lowest_kept(bets: Callable[[float], Floats], alpha: float) -> float:
    """The lowest mean that is not rejected at alpha with all means below it; -1 where none is.

    `bets` gives the values that are bet on at a margin, in order.
    """

    def is_rejected(mean: float) -> bool:
        path = log_capital(bets(-mean), -mean)
        return len(path) > 0 and bool(path.max() >= -math.log(alpha))

    low, high = -1.0, 1.0
    for step in _GRIDS:
        for place in np.arange(low + step, high, step).tolist():
            if not is_rejected(place):
                high = place
                break
            low = place
    if low == -1.0:
        return low
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_rejected(middle) else (low, middle)
    return low
