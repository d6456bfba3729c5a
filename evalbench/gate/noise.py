"""How often a gate would flip although nothing changed, and whether whole runs differ by more than chance."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from evalbench.core.baseline import GateVerdict
from evalbench.gate.check import ALPHA
from evalbench.gate.evidence import BOUND_ALPHA, POWER, Evidence, Pairs, examine, item_means
from evalbench.stats.clusters import Floats, grouping
from evalbench.stats.intervals import clopper_pearson_interval
from evalbench.stats.paired import design_effect
from evalbench.stats.power import detectable_drop
from evalbench.stats.visible import drop_of_losses, fewest_losses

Members = NDArray[np.int64]
"""The group of each item, as a number."""

_SIMULATIONS = 400
_FLIPS = 999
_HALVINGS = 40
_SHOCK = 2.0
"""Times the error of a mean that whole runs may spread before something shared moved them."""

_FEWEST_RUNS = 3
_CRUMB = 1e-9


@dataclass(frozen=True, slots=True)
class Flips:
    """What a check with nothing changed would have said, in shares of `checks` simulated ones.

    `halves` of the repeats of each item were compared (`is_repeated`); where items were asked
    once, halves of the items took their place, which shows the most that answers could vary.
    `variance` is that of an item's difference, and `variance_high` the most that it can be, 95 % sure; where
    nothing differed, up to `unseen_share` of the items may, as sure. `detectable_drop` is what a run like
    this one can see.
    """

    is_repeated: bool
    checks: int
    items: int
    failed: float
    passed: float
    variance: float
    variance_high: float
    unseen_share: float
    detectable_drop: float | None

    @property
    def unclear(self) -> float:
        """The share that could not tell."""
        return 1 - self.failed - self.passed


@dataclass(frozen=True, slots=True)
class Spread:
    """How far the means of whole runs lie apart, and how far items alone would move them.

    Both are standard deviations of a run's mean; `is_shock` says that something moved whole runs
    (another model behind the name, another batching), which no test on items can see.
    """

    runs: int
    means: tuple[float, ...]
    between_runs: float
    from_items: float

    @property
    def is_shock(self) -> bool:
        """Whether runs spread by more than twice what their items explain."""
        return self.between_runs > _SHOCK * self.from_items + _CRUMB


def flips(scores: Floats, clusters: Members | None, margin: float, name: str) -> Flips | None:
    """Simulate checks in which nothing changed, from scores of shape (items, repeats).

    With repeats, each item's are shuffled and halved: what differs is how answers vary. It says
    nothing of what moves a whole run, and with one repeat nothing of how answers vary: items are
    then paired at random, as if two answers to one item had nothing in common.
    """
    known = ~np.isnan(scores).any(axis=1)
    rows = scores[known]
    if len(rows) < 2:  # noqa: PLR2004 -- one item is no check
        return None
    labels = None if clusters is None else clusters[known]
    generator = _generator(name)
    is_repeated = rows.shape[1] > 1
    found: list[Evidence] = []
    for _ in range(_SIMULATIONS):
        pairs = _halved(rows, labels, generator) if is_repeated else _paired_items(rows, generator)
        evidence = examine(pairs, margin, generator, _FLIPS)
        if evidence is not None:
            found.append(evidence)
    verdicts = [_verdict(each, margin) for each in found]
    inflation = _inflation(rows, labels, generator) if is_repeated and labels is not None else 1.0
    varies = variation(rows, labels, inflation)
    drop = _visible(rows, labels, varies, inflation)
    return Flips(
        is_repeated=is_repeated,
        checks=len(found),
        items=found[0].items,
        failed=verdicts.count(GateVerdict.FAIL) / len(verdicts),
        passed=verdicts.count(GateVerdict.PASS) / len(verdicts),
        variance=varies.seen,
        variance_high=varies.high,
        unseen_share=varies.unseen,
        detectable_drop=drop if drop <= 1 else None,
    )


def spread(runs: Sequence[Floats]) -> Spread | None:
    """Whether the means of runs of one set-up lie further apart than their items explain.

    `runs` are item means of the same items, NaN where missing. The standard deviation of the means
    against the error that item-wise differences give a mean: sqrt(var(d) / 2 n), the differences
    taken around their mean, so that what all items share is left out. None for fewer than three runs.
    """
    if len(runs) < _FEWEST_RUNS:
        return None
    table = np.array(runs, dtype=np.float64)
    table = table[:, ~np.isnan(table).any(axis=0)]
    items = table.shape[1]
    if items < 2:  # noqa: PLR2004 -- one item has no spread
        return None
    means = table.mean(axis=1)
    variances = [
        float((table[one] - table[other]).var(ddof=1))
        for one in range(len(table))
        for other in range(one + 1, len(table))
    ]
    from_items = math.sqrt(sum(variances) / len(variances) / 2 / items)
    return Spread(len(table), tuple(means.tolist()), float(means.std(ddof=1)), from_items)


def _generator(name: str) -> Generator:
    return np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big"))


def _halved(rows: Floats, clusters: Members | None, generator: Generator) -> Pairs:
    """Half of each item's repeats against the other; groups are shuffled whole, as they may vary whole."""
    groups = grouping(clusters, len(rows))
    units = len(rows) if groups is None else groups.count
    order = generator.random((units, rows.shape[1])).argsort(axis=1)
    shuffled = np.take_along_axis(rows, order if groups is None else order[groups.index], axis=1)
    half = rows.shape[1] // 2
    return Pairs(shuffled[:, :half], shuffled[:, half : 2 * half], clusters)


def _paired_items(rows: Floats, generator: Generator) -> Pairs:
    half = len(rows) // 2
    shuffled = generator.permutation(rows, axis=0)
    return Pairs(shuffled[:half], shuffled[half : 2 * half])


def _verdict(found: Evidence, margin: float) -> GateVerdict:
    if found.p_worse <= ALPHA and found.difference < -_CRUMB:
        return GateVerdict.FAIL
    return GateVerdict.PASS if found.low is not None and found.low > -margin else GateVerdict.WARN


@dataclass(frozen=True, slots=True)
class Variation:
    """The variance of an item's difference: as seen, at the most, and at the least that may go unseen.

    `unseen` is the share of items that may differ although none did.
    """

    seen: float
    high: float
    least: float
    unseen: float


def variation(rows: Floats, clusters: Members | None = None, inflation: float = 1.0) -> Variation:
    """How much answers vary, with the exact upper bound of a binomial share (Clopper and Pearson 1934).

    The share is that of the largest variance an item can have: of its repeats, or of pairs of items
    where each was asked once. Of groups there are as many units as they are worth.
    """
    items, repeats = rows.shape
    groups = grouping(clusters, items)
    if repeats > 1:
        seen, units = float(rows.var(axis=1, ddof=1).mean() * 2 / repeats), items / inflation
        most = 2 * (repeats // 2) * (repeats - repeats // 2) / (repeats - 1) / repeats**2
    else:
        means = item_means(rows)
        worth = items if groups is None else items / design_effect(means, groups)
        seen, units, most = float(means.var(ddof=1) * 2), max(1.0, worth / 2), 1.0
    unseen = _share_at_most(0.0, units)
    return Variation(seen, most * _share_at_most(seen / most, units), most * unseen, unseen)


def _share_at_most(share: float, units: float) -> float:
    whole = max(1, math.floor(units))
    return clopper_pearson_interval(min(share, 1.0) * whole, whole, 1 - 2 * BOUND_ALPHA).high or 1.0


def _visible(rows: Floats, clusters: Members | None, varies: Variation, inflation: float) -> float:
    """The drop a check can see: no smaller for want of variance, nor than its fewest lost items."""
    items, repeats = rows.shape
    variance = max(varies.seen, varies.least) if repeats > 1 else varies.high
    drop = detectable_drop(items, variance, ALPHA, POWER, inflation)
    if not np.isin(item_means(rows), (0.0, 1.0)).all():
        return drop
    groups = grouping(clusters, items)
    there = items if groups is None else groups.count
    fewest = fewest_losses(ALPHA, is_mid_p=repeats == 1 and groups is None)
    return max(drop, drop_of_losses(fewest, max(there, math.floor(items / inflation)), POWER))


def _inflation(rows: Floats, clusters: Members, generator: Generator) -> float:
    """How much groups inflate the variance of a difference, over many ways to halve the repeats."""
    groups = grouping(clusters, len(rows))
    if groups is None:
        return 1.0
    found = []
    for _ in range(_HALVINGS):
        pairs = _halved(rows, clusters, generator)
        found.append(design_effect(item_means(pairs.after) - item_means(pairs.before), groups))
    return float(np.mean(found))
