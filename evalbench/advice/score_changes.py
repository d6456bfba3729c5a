"""Whether scores moved more than chance moves them, and how small a drop would have been seen."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from evalbench.stats.clusters import Floats
from evalbench.stats.exact import mcnemar_mid_p
from evalbench.stats.jackknife import CorpusEvidence, corpus_evidence
from evalbench.stats.metrics import Metric
from evalbench.stats.paired import PairedEvidence, paired_evidence
from evalbench.stats.power import detectable_drop
from evalbench.stats.randomisation import sign_flip_p, swap_p
from evalbench.stats.student import quantile
from evalbench.stats.visible import drop_of_losses, fewest_losses

POWER = 0.8
"""How often the smallest drop that is said to be visible would have been shown."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a pair of runs is tested: `alpha` two-sided, clusters, and where chance comes from.

    `margin` is the largest drop allowed, which keeps the interval of a corpus metric honest;
    `is_once` says that every item was asked once in both runs. `missing` pairs lack a score on
    either side; their clusters, where there are any, stand behind those of the others.
    """

    alpha: float
    margin: float
    clusters: NDArray[np.int64] | None
    is_once: bool
    generator: Generator
    missing: int = 0

    def clusters_of(self, items: int) -> NDArray[np.int64] | None:
        """The clusters of the first `items` pairs."""
        return None if self.clusters is None else self.clusters[:items]


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """What the scores of two runs say about each other: newer minus older.

    `p_value` is two-sided, `drop_at` gives the drop that a one-sided test at its alpha detects
    with power 0.8. `p_against` is the p-value of the same finding had every missing pair spoken
    against it: been lost where the newer run is better, won where it is worse; 1 where that
    turns it round, None where no pair is missing.
    """

    older: float
    newer: float
    difference: float
    low: float | None
    high: float | None
    wins: float
    losses: float
    groups: int | None
    test: str
    p_value: float
    drop_at: Callable[[float], float]
    p_against: float | None = None


@dataclass(frozen=True, slots=True)
class _MeanTest:
    evidence: PairedEvidence
    is_binary: bool
    is_mid_p: bool
    p_value: float


def mean_change(older: Floats, newer: Floats, terms: Terms) -> ScoreChange:
    """Compare mean scores item by item, shape (items,), without gaps.

    McNemar's mid-p value where every answer is right or wrong, asked once and on its own; else
    signs are flipped, clusters as a whole.
    """
    tested = _mean_test(older, newer, terms)
    found = tested.evidence
    low, high = found.bounds(terms.alpha / 2)
    return ScoreChange(
        older=float(older.mean()),
        newer=float(newer.mean()),
        difference=found.difference,
        low=low,
        high=high,
        wins=found.wins,
        losses=found.losses,
        groups=found.groups,
        test="mcnemar_mid_p" if tested.is_mid_p else "sign_flip",
        p_value=tested.p_value,
        drop_at=_mean_drop(tested),
        p_against=_mean_p_against(older, newer, terms, found.difference) if terms.missing else None,
    )


def _mean_test(older: Floats, newer: Floats, terms: Terms) -> _MeanTest:
    differences, clusters = newer - older, terms.clusters_of(len(older))
    found = paired_evidence(differences, clusters)
    is_binary = bool(np.isin(older, (0.0, 1.0)).all() and np.isin(newer, (0.0, 1.0)).all())
    is_mid_p = is_binary and terms.is_once and found.groups is None
    if is_mid_p:
        fewer, more = sorted((round(found.wins), round(found.losses)))
        one_sided = mcnemar_mid_p(fewer, more)
    else:
        falling = differences if found.difference <= 0 else -differences
        one_sided = sign_flip_p(falling, terms.generator, clusters)
    return _MeanTest(found, is_binary, is_mid_p, min(1.0, 2 * one_sided))


def _mean_p_against(older: Floats, newer: Floats, terms: Terms, difference: float) -> float:
    lost = np.full(terms.missing, float(difference > 0))
    filled = _mean_test(np.concatenate([older, lost]), np.concatenate([newer, 1 - lost]), terms)
    return filled.p_value if filled.evidence.difference * difference > 0 else 1.0


def _mean_drop(tested: _MeanTest) -> Callable[[float], float]:
    found = tested.evidence
    # The items that differ may be few by luck: two more keep the drop that could be seen honest.
    discordance = (found.wins + found.losses + 2) / (found.items + 2)
    # Clusters that move together are worth fewer items, but never fewer than there are clusters.
    units = max(found.groups or 0, math.floor(found.items / max(1.0, found.dispersion)))

    def drop_at(alpha: float) -> float:
        drop = detectable_drop(
            found.items, discordance, alpha, POWER, found.dispersion, found.degrees_of_freedom
        )
        if not tested.is_binary:
            return drop
        # A drop of all that differs is losses alone, of which the fewest that show are enough.
        fewest = fewest_losses(alpha, is_mid_p=tested.is_mid_p)
        return max(min(drop, discordance), drop_of_losses(fewest, units, POWER))

    return drop_at


def corpus_change(older: Floats, newer: Floats, metric: Metric, scores: Floats, terms: Terms) -> ScoreChange:
    """Compare a corpus metric by its summands, shape (items, k), without gaps.

    Tested by swapping the runs' summands within items or clusters; `scores` are the differences
    of the items' own scores, shape (items,), from which wins and losses are summed. Missing pairs
    have no summands to swap, so `p_against` is that of the jackknife, each of them at -1 or 1.
    """
    clusters = terms.clusters_of(len(older))
    found = corpus_evidence(newer, older, metric, clusters)
    low, high = found.bounds(terms.alpha / 2, terms.margin)
    falling = (newer, older) if found.difference <= 0 else (older, newer)
    one_sided = swap_p(*falling, metric, terms.generator, clusters)
    error = found.guarded_error(terms.margin)

    def drop_at(alpha: float) -> float:
        if math.isnan(error):
            return math.inf
        freedom = found.degrees_of_freedom
        return (quantile(1 - alpha, freedom) + quantile(POWER, freedom)) * error

    return ScoreChange(
        older=float(metric(older.sum(axis=0))),
        newer=float(metric(newer.sum(axis=0))),
        difference=found.difference,
        low=low,
        high=high,
        wins=float(scores[scores > 0].sum()),
        losses=float(np.abs(scores[scores < 0]).sum()),
        groups=found.groups,
        test="swap",
        p_value=min(1.0, 2 * one_sided),
        drop_at=drop_at,
        p_against=_corpus_p_against(found, terms) if terms.missing else None,
    )


def _corpus_p_against(found: CorpusEvidence, terms: Terms) -> float:
    claimed = replace(found, difference=abs(found.difference))
    return min(1.0, 2 * claimed.with_losses(terms.missing).p_value(0.0, terms.margin))
