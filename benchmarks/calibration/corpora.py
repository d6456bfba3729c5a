"""Corpus metrics whose truth is known: entities found in texts, labels, and translations."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import ndtr

from benchmarks.calibration.worlds import Copula, Drawn, Right, Shared, clusters_of
from evalbench.stats.clusters import Floats
from evalbench.stats.metrics import micro_f1

Bools: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Extraction:
    """True positives, false positives and false negatives of tiers that find entities in texts.

    Each item has 1, 2 or 3 entities; a tier finds each with its `recall`, invents one with
    probability `invented`, and answers nothing at all with probability `empty`.
    """

    recall: tuple[float, ...]
    invented: tuple[float, ...]
    empty: tuple[float, ...]
    items: int
    sizes: tuple[int, ...] = ()
    shared: Shared = field(default_factory=Shared)

    def draw(self, rng: Generator) -> Drawn:
        """Statistics by tier and item."""
        clusters = clusters_of(self.sizes, self.items)
        there = rng.integers(1, 4, self.items)
        slots = np.arange(3)[None, :] < there[:, None]
        right = Copula(tuple(map(Right, self.recall)), self.items, 3, self.shared, self.sizes)
        found = (right.draw(rng)["scores"] > 0) & slots
        invented = rng.random((len(self.recall), self.items)) < np.array(self.invented)[:, None]
        silent = self._silent(rng, clusters)
        hits = np.where(silent, 0, found.sum(axis=2))
        statistics = np.stack([hits, invented & ~silent, there - hits], axis=2).astype(np.float64)
        drawn: Drawn = {"scores": None, "metric": "micro_f1", "statistics": statistics}
        return drawn | ({"clusters": clusters} if self.sizes else {})

    def true_scores(self) -> tuple[float, ...]:
        """F1 of the expected counts."""
        return tuple(
            micro_f1(
                np.array(
                    [2 * recall * (1 - empty), invented * (1 - empty), 2 - 2 * recall * (1 - empty)],
                    dtype=np.float64,
                )
            )
            for recall, invented, empty in zip(self.recall, self.invented, self.empty, strict=True)
        )

    def _silent(self, rng: Generator, clusters: NDArray[np.int64]) -> Bools:
        # A tier is silent on a whole cluster or not at all.
        own = rng.random((len(self.empty), int(clusters.max()) + 1))[:, clusters]
        return np.asarray(own < np.array(self.empty)[:, None])


@dataclass(frozen=True)
class Labels:
    """Macro F1 of tiers that label items of equally common classes, and mistake each for the next.

    By symmetry every class has the F1 of the tier's accuracy.
    """

    accuracy: tuple[float, ...]
    classes: int
    items: int
    shared: Shared = field(default_factory=Shared)

    def draw(self, rng: Generator) -> Drawn:
        """Statistics by tier and item, class after class."""
        right = Copula(tuple(map(Right, self.accuracy)), self.items, 1, self.shared).draw(rng)["scores"]
        gold = rng.integers(0, self.classes, self.items)
        answers = np.where(right[:, :, 0] > 0, gold, (gold + 1) % self.classes)
        labels = np.arange(self.classes)
        is_gold, is_answer = gold[None, :, None] == labels, answers[:, :, None] == labels
        counts = np.stack([is_gold & is_answer, ~is_gold & is_answer, is_gold & ~is_answer], axis=3)
        statistics = counts.reshape(len(self.accuracy), self.items, -1).astype(np.float64)
        return {"scores": None, "metric": "macro_f1", "statistics": statistics}

    def true_scores(self) -> tuple[float, ...]:
        """The accuracies."""
        return self.accuracy


@dataclass(frozen=True)
class Translations:
    """BLEU (0 to 1) of tiers whose n-grams match at `matches` times their quality, n = 1 to 4.

    Lengths are 8 to 30 words and equal to the target's, so no brevity penalty applies and true
    BLEU is the geometric mean of `matches`, times the quality.
    """

    quality: tuple[float, ...]
    items: int
    matches: tuple[float, ...] = (0.75, 0.55, 0.42, 0.33)
    shared: Shared = field(default_factory=lambda: Shared(item=0.5, tier_item=0.2))

    def draw(self, rng: Generator) -> Drawn:
        """Matched and possible n-grams by tier and item."""
        possible = rng.integers(8, 31, self.items)[:, None] - np.arange(4)
        rates = np.array(self.quality)[:, None] * np.array(self.matches)
        spread = Copula(tuple(Right(0.5) for _ in self.quality), self.items, 1, self.shared)
        ease = ndtr(spread.latent(rng, np.arange(self.items)))
        # Easier and harder texts around the rate, its mean unchanged.
        chances = np.clip(rates[:, None, :] * (0.7 + 0.6 * ease), 0, 1)
        matched = rng.binomial(possible, chances)
        statistics = np.concatenate([matched, np.broadcast_to(possible, matched.shape)], axis=2)
        return {"scores": None, "metric": bleu, "statistics": statistics.astype(np.float64)}

    def true_scores(self) -> tuple[float, ...]:
        """Geometric mean of the true rates."""
        mean = math.prod(self.matches) ** 0.25
        return tuple(quality * mean for quality in self.quality)


def bleu(sums: Floats) -> float:
    """BLEU from matched and possible n-grams, n = 1 to 4, without brevity penalty (Papineni et al. 2002)."""
    product = 1.0
    for matched, possible in zip(sums[:4].tolist(), sums[4:].tolist(), strict=True):
        product *= matched / possible
    return float(product**0.25)


def silence_for(score: float, invented: float, recall: float = 1.0) -> float:
    """The share of empty answers at which a tier of this recall has this F1."""
    # F1 = 4 r k / (2 + 2 r k + i k) with k = 1 - empty, solved for k.
    kept = 2 * score / (4 * recall - score * (2 * recall + invented))
    return 1 - kept


def recall_for(score: float, invented: float) -> float:
    """The recall at which a tier that is never silent has this F1."""
    return score * (2 + invented) / (4 - 2 * score)
