"""What a new run's scores say against a baseline's, before several lines are judged together."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from evalbench.stats.clusters import Floats, Grouping, grouping
from evalbench.stats.exact import mcnemar_mid_p
from evalbench.stats.jackknife import corpus_evidence
from evalbench.stats.metrics import Metric
from evalbench.stats.paired import design_effect, paired_evidence
from evalbench.stats.power import detectable_drop
from evalbench.stats.randomisation import FLIPS, sign_flip_p, swap_p
from evalbench.stats.student import quantile
from evalbench.stats.visible import drop_of_losses, fewest_losses

POWER = 0.8
"""How often a drop of the size that is called visible would have been shown."""

BOUND_ALPHA = 0.05
"""What each bound of a difference is wrong by: a pass needs the lower one above the largest drop."""

_CRUMB = 1e-9
_SURELY = 3.0
"""Standard errors by which more must vary than the baseline's repeats let expect, to be believed."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Scores of the same items before and now, shape (items, repeats) each, NaN where missing.

    `clusters` are one label an item, or None. For a corpus metric, `counts` are its summands
    before and now, shape (items, k) each, NaN rows where missing, beside the `metric` itself.
    """

    before: Floats
    after: Floats
    clusters: NDArray[np.int64] | None = None
    counts: tuple[Floats, Floats] | None = None
    metric: Metric | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """New minus old, with bounds of 95 % on each side and the one-sided p-value of "it got worse".

    `pessimistic_low` is the lower bound had every item without a pair been lost. `drop_at` gives
    the drop that a test at its alpha shows with power 0.8; `is_noise_known` says that the
    baseline's own repeats tell how much scores vary when nothing changes.
    """

    before: float
    after: float
    difference: float
    low: float | None
    high: float | None
    pessimistic_low: float | None
    wins: float
    losses: float
    items: int
    groups: int | None
    unpaired: int
    test: str
    p_worse: float
    drop_at: Callable[[float], float]
    is_noise_known: bool


def item_means(scores: Floats) -> Floats:
    """Each item's mean over its repeats that are there, shape (items,); NaN where none is."""
    known = ~np.isnan(scores)
    totals = np.where(known, scores, 0.0).sum(axis=1)
    return np.where(known.any(axis=1), totals / np.maximum(known.sum(axis=1), 1), np.nan)


def examine(pairs: Pairs, margin: float, generator: Generator, flips: int = FLIPS) -> Evidence | None:
    """Compare a run with a baseline; None where no item has a score on both sides.

    Right or wrong, asked once and no groups: McNemar's mid-p value. Other means: signs of items or
    whole groups are flipped. Corpus metrics: the summands of both sides are swapped.
    """
    before, after = item_means(pairs.before), item_means(pairs.after)
    paired = ~np.isnan(before) & ~np.isnan(after)
    if not paired.any():
        return None
    if pairs.metric is not None and pairs.counts is not None:
        return _corpus(pairs, pairs.counts, pairs.metric, paired, _Test(margin, generator, flips))
    return _mean(pairs, before[paired], after[paired], paired, _Test(margin, generator, flips))


@dataclass(frozen=True, slots=True)
class _Test:
    margin: float
    generator: Generator
    flips: int


def _mean(pairs: Pairs, before: Floats, after: Floats, paired: NDArray[np.bool_], test: _Test) -> Evidence:
    differences = after - before
    clusters = None if pairs.clusters is None else pairs.clusters[paired]
    found = paired_evidence(differences, clusters)
    low, high = found.bounds(BOUND_ALPHA)
    is_binary = bool(np.isin(before, (0.0, 1.0)).all() and np.isin(after, (0.0, 1.0)).all())
    is_once = pairs.before.shape[1] == pairs.after.shape[1] == 1
    is_mid_p = is_binary and is_once and found.groups is None
    unpaired = int((~paired).sum())
    pessimistic = low
    if unpaired:
        lost = np.where(paired, 0.0, -1.0)
        lost[paired] = differences
        pessimistic = paired_evidence(lost, pairs.clusters).bounds(BOUND_ALPHA)[0]
    noise = noise_of(pairs.before, pairs.after.shape[1])
    groups = grouping(clusters, len(differences))
    p_worse = (
        mcnemar_mid_p(round(found.wins), round(found.losses))
        if is_mid_p
        else sign_flip_p(differences, test.generator, clusters, test.flips)
    )
    return Evidence(
        before=float(before.mean()),
        after=float(after.mean()),
        difference=found.difference,
        low=low,
        high=high,
        pessimistic_low=pessimistic,
        wins=found.wins,
        losses=found.losses,
        items=found.items,
        groups=found.groups,
        unpaired=unpaired,
        test="mcnemar_mid_p" if is_mid_p else "sign_flip",
        p_worse=p_worse,
        drop_at=_visible(differences, noise, groups, is_binary=is_binary, is_mid_p=is_mid_p),
        is_noise_known=noise is not None,
    )


def noise_of(before: Floats, repeats: int) -> float | None:
    """The variance of an item's difference when nothing changes, from the baseline's own repeats.

    The mean variance within items times (1 / repeats before + 1 / `repeats` now): for right or
    wrong answers asked once each, the share of items that two runs differ on. None where the
    baseline asked once.
    """
    known = ~np.isnan(before)
    repeated = known.sum(axis=1) >= 2  # noqa: PLR2004 -- spread needs two
    if not repeated.any():
        return None
    rows = before[repeated]
    within = float(np.nanvar(rows, axis=1, ddof=1).mean())
    return float(within * (1 / before.shape[1] + 1 / repeats))


def _visible(
    differences: Floats, noise: float | None, groups: Grouping | None, *, is_binary: bool, is_mid_p: bool
) -> Callable[[float], float]:
    items = len(differences)
    # Few differ by luck: two more keep the drop that could be seen honest.
    if noise is None:
        variance = float(np.square(differences).sum() + 2) / (items + 2)
    else:
        variance = max(noise, _beyond(differences, noise), 0.0 if is_binary else 2 / (items + 2))
    inflation = 1.0 if groups is None else design_effect(differences, groups)
    there = items if groups is None else groups.count
    units = max(there, math.floor(items / inflation))

    def drop_at(alpha: float) -> float:
        fewest = fewest_losses(alpha, is_mid_p=is_mid_p)
        if fewest > there:
            return math.inf
        drop = detectable_drop(items, variance, alpha, POWER, inflation)
        return max(drop, drop_of_losses(fewest, units, POWER)) if is_binary else drop

    return drop_at


def _beyond(differences: Floats, noise: float) -> float:
    """How much varies either way, where that is surely more than the baseline's repeats explain; else 0.

    Counted twice from the side on which less moved: the other one holds the drop itself.
    """
    squares, items = np.square(differences), len(differences)
    sides = squares[differences > 0].sum(), squares[differences < 0].sum()
    seen = 2 * float(min(sides)) / items
    return seen if seen - noise > _SURELY * math.sqrt(max(seen, noise) / items) + _CRUMB else 0.0


def _corpus(
    pairs: Pairs,
    counts: tuple[Floats, Floats],
    metric: Metric,
    paired: NDArray[np.bool_],
    test: _Test,
) -> Evidence:
    older, newer = (side[paired] for side in counts)
    clusters = None if pairs.clusters is None else pairs.clusters[paired]
    found = corpus_evidence(newer, older, metric, clusters)
    low, high = found.bounds(BOUND_ALPHA, test.margin)
    unpaired = int((~paired).sum())
    moved = item_means(pairs.after)[paired] - item_means(pairs.before)[paired]
    error = found.guarded_error(test.margin)

    def drop_at(alpha: float) -> float:
        return math.inf if math.isnan(error) else (quantile(1 - alpha) + quantile(POWER)) * error

    return Evidence(
        before=float(metric(older.sum(axis=0))),
        after=float(metric(newer.sum(axis=0))),
        difference=found.difference,
        low=low,
        high=high,
        pessimistic_low=found.with_losses(unpaired).bounds(BOUND_ALPHA, test.margin)[0],
        wins=float(moved[moved > 0].sum()),
        losses=float(np.abs(moved[moved < 0]).sum()),
        items=found.items,
        groups=found.groups,
        unpaired=unpaired,
        test="swap",
        p_worse=swap_p(newer, older, metric, test.generator, clusters, test.flips),
        drop_at=drop_at,
        is_noise_known=False,
    )
