"""Eval runs whose truth is known: what is drawn, and what the tiers' true scores are.

Dependence comes from Gaussian copulas: items, clusters and tiers share parts of a normal variable,
and each tier's scores have exactly the distribution that its marginal says, whatever is shared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from statistics import NormalDist
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr

from evalbench.advice.decide import decide
from evalbench.stats.clusters import Floats

_NODES = 60

Drawn: TypeAlias = dict[str, Any]
"""Keyword arguments of `decide` that hold data: scores, status, clusters, latency, statistics, slices."""


class World(Protocol):
    """Draws eval runs of one kind; the reference is the last tier."""

    def draw(self, rng: Generator) -> Drawn:
        """One run's data."""
        ...

    def true_scores(self) -> tuple[float, ...]:
        """The score of every tier over all items that could have been drawn."""
        ...


class Marginal(Protocol):
    """The distribution of one tier's scores."""

    @property
    def mean(self) -> float:
        """Its exact mean."""
        ...

    def quantile(self, shares: Floats) -> Floats:
        """Scores at these probabilities."""
        ...


@dataclass(frozen=True)
class Right:
    """0/1 scores."""

    rate: float

    @property
    def mean(self) -> float:
        """The rate itself."""
        return self.rate

    def quantile(self, shares: Floats) -> Floats:
        """1 above the share of wrong answers."""
        return np.asarray(shares >= 1 - self.rate, dtype=np.float64)


@dataclass(frozen=True)
class Beta:
    """Graded scores."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        """A / (a + b)."""
        return self.a / (self.a + self.b)

    def quantile(self, shares: Floats) -> Floats:
        """The inverse of the incomplete beta function."""
        return np.asarray(betaincinv(self.a, self.b, shares), dtype=np.float64)


@dataclass(frozen=True)
class Rubric:
    """A few grades, each with its probability, worst first."""

    grades: tuple[float, ...]
    shares: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean grade."""
        return math.fsum(grade * share for grade, share in zip(self.grades, self.shares, strict=True))

    def quantile(self, shares: Floats) -> Floats:
        """The grade at each probability."""
        places = np.searchsorted(np.cumsum(self.shares)[:-1], shares, side="right")
        return np.asarray(self.grades, dtype=np.float64)[places]


@dataclass(frozen=True)
class Shared:
    """Shares of the latent variance; what is left is fresh in every answer.

    `item` and `cluster` are common to all tiers and cancel in differences; `tier_item` and
    `tier_cluster` are one tier's own luck with an item or a cluster, and do not.
    """

    item: float = 0.4
    cluster: float = 0.0
    tier_item: float = 0.0
    tier_cluster: float = 0.0


@dataclass(frozen=True)
class Copula:
    """Scores of any distribution, with repeats, clusters, refusals, gaps and latencies.

    `sizes` are cluster sizes, repeated in turn up to `items`. `refusals` and `gaps` are shares by
    tier; refused answers score 0, and gaps hit only wrong answers if `gaps_hide_losses`.
    `late` are shares of calls slower than one second by tier, the same for a whole cluster if
    `late_clusters`. `slice_items` are the first items,
    a slice of their own, on which the tiers' scores are those of `slice_tiers`.
    """

    tiers: tuple[Marginal, ...]
    items: int
    repeats: int = 1
    shared: Shared = field(default_factory=Shared)
    sizes: tuple[int, ...] = ()
    refusals: tuple[float, ...] = ()
    gaps: tuple[float, ...] = ()
    gaps_hide_losses: bool = False
    late: tuple[float, ...] = ()
    late_clusters: bool = False
    slice_items: int = 0
    slice_tiers: tuple[Marginal, ...] = ()

    def draw(self, rng: Generator) -> Drawn:
        """Scores by tier, item and repeat, with whatever else is asked for."""
        clusters = clusters_of(self.sizes, self.items)
        shares = ndtr(self.latent(rng, clusters))
        scores = np.stack([tier.quantile(row) for tier, row in zip(self.tiers, shares, strict=True)])
        drawn: Drawn = {"scores": scores}
        if self.sizes:
            drawn["clusters"] = clusters
        if self.slice_items:
            head = slice(0, self.slice_items)
            for place, tier in enumerate(self.slice_tiers):
                scores[place, head] = tier.quantile(shares[place, head])
            drawn["slices"] = {"protected": np.arange(self.items) < self.slice_items}
        if self.refusals or self.gaps:
            drawn["status"] = self._status(rng, scores)
        if self.late:
            seconds = _latencies(rng, self.late, scores.shape)
            drawn["latency"] = seconds[:, clusters] if self.late_clusters else seconds
        return drawn

    def latent(self, rng: Generator, clusters: NDArray[np.int64]) -> Floats:
        """Standard normal variables by tier, item and repeat, correlated as `shared` says."""
        tiers, items, count, shared = len(self.tiers), self.items, int(clusters.max()) + 1, self.shared
        fresh = 1 - shared.item - shared.cluster - shared.tier_item - shared.tier_cluster
        parts = (
            (fresh, rng.standard_normal((tiers, items, self.repeats))),
            (shared.item, rng.standard_normal((1, items, 1))),
            (shared.cluster, rng.standard_normal((1, count, 1))[:, clusters]),
            (shared.tier_item, rng.standard_normal((tiers, items, 1))),
            (shared.tier_cluster, rng.standard_normal((tiers, count, 1))[:, clusters]),
        )
        return np.asarray(sum(math.sqrt(share) * part for share, part in parts), dtype=np.float64)

    def true_scores(self) -> tuple[float, ...]:
        """Means of the marginals, less what is refused, over slice and rest."""
        refused = self.refusals or (0.0,) * len(self.tiers)
        part = self.slice_items / self.items
        inside = self.slice_tiers or self.tiers
        return tuple(
            (1 - share) * ((1 - part) * tier.mean + part * special.mean)
            for tier, special, share in zip(self.tiers, inside, refused, strict=True)
        )

    def _status(self, rng: Generator, scores: Floats) -> NDArray[np.int64]:
        status = np.zeros(scores.shape, dtype=np.int64)
        for tier, share in enumerate(self.refusals):
            status[tier][rng.random(scores.shape[1:]) < share] = 1
        for tier, share in enumerate(self.gaps):
            is_hit = rng.random(scores.shape[1:])
            if self.gaps_hide_losses:
                chance = share / (1 - self.tiers[tier].mean) if share else 0.0
                status[tier][(is_hit < chance) & (scores[tier] == 0)] = 2
            else:
                status[tier][is_hit < share] = 2
        return status

    def discordance(self) -> float:
        """The share of items on which the last two tiers, of one rate, differ on one answer each."""
        rate = self.tiers[-1].mean
        return 2 * (rate - both_right(rate, self.shared.item + self.shared.cluster))

    def difference_variance(self) -> float:
        """The variance of an item's mean difference between two tiers of one rate, without clusters."""
        rate, shared = self.tiers[-1].mean, self.shared
        across = both_right(rate, shared.item) - rate**2
        within = both_right(rate, shared.item + shared.tier_item) - rate**2
        own = (rate * (1 - rate) + (self.repeats - 1) * within) / self.repeats
        return 2 * (own - across)


@dataclass(frozen=True)
class Noise:
    """Graded scores of two equal tiers: a common base, and uniform noise up to `width` on each."""

    width: float
    items: int

    @property
    def discordance(self) -> float:
        """The mean absolute difference of two such noises."""
        return 2 * self.width / 3

    @property
    def dispersion(self) -> float:
        """Their variance, over that of differences of -1, 0 and 1 with this mean absolute value."""
        return (2 * self.width**2 / 3) / self.discordance

    def draw(self, rng: Generator) -> Drawn:
        """Scores of candidate and reference."""
        base = self.width + (1 - 2 * self.width) * rng.random(self.items)
        noise = self.width * (2 * rng.random((2, self.items)) - 1)
        return {"scores": (base + noise)[:, :, None]}

    def true_scores(self) -> tuple[float, ...]:
        """The middle."""
        return 0.5, 0.5


@dataclass(frozen=True)
class Cells:
    """0/1 scores of one candidate that wins and loses exactly these shares of the items.

    `alike` is the probability that an item repeats its cluster's one draw, so that differences
    inside a cluster correlate by `alike` squared.
    """

    wins: float
    losses: float
    items: int
    cluster_size: int = 1
    alike: float = 0.0
    reference_rate: float = 0.8

    def draw(self, rng: Generator) -> Drawn:
        """Scores of candidate and reference."""
        clusters = np.arange(self.items) // self.cluster_size
        place, common = rng.random(self.items), rng.random(clusters[-1] + 1)
        place = np.where(rng.random(self.items) < self.alike, common[clusters], place)
        both = self.reference_rate - self.losses
        is_loss = place < self.losses
        is_win = (place >= self.losses) & (place < self.losses + self.wins)
        is_both = (place >= self.losses + self.wins) & (place < self.losses + self.wins + both)
        scores = np.array([is_win | is_both, is_loss | is_both], dtype=np.float64)[:, :, None]
        return {"scores": scores} | ({"clusters": clusters} if self.cluster_size > 1 else {})

    def true_scores(self) -> tuple[float, ...]:
        """The reference's rate, and the candidate's beside it."""
        return self.reference_rate + self.wins - self.losses, self.reference_rate


@dataclass(frozen=True)
class Replanned:
    """The run that a pilot asked for: as many fresh items as settle the question if tiers are equal.

    Pilots that decide by themselves are drawn again.
    """

    pilot: Cells

    def draw(self, rng: Generator) -> Drawn:
        """Scores of the second run."""
        while True:
            needed = decide(**self.pilot.draw(rng), costs=(1.0, 10.0)).need_items_if_equal
            if needed is not None:
                return replace(self.pilot, items=needed).draw(rng)

    def true_scores(self) -> tuple[float, ...]:
        """Those of the pilot."""
        return self.pilot.true_scores()


def both_right(rate: float, correlation: float) -> float:
    """How often two answers of this rate, whose latent variables correlate, are both right."""
    if correlation >= 1:
        return rate
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    limit = NormalDist().inv_cdf(rate)
    given = ndtr((limit - math.sqrt(correlation) * nodes) / math.sqrt(1 - correlation))
    return float((weights * np.square(given)).sum() / weights.sum())


def clusters_of(sizes: tuple[int, ...], items: int) -> NDArray[np.int64]:
    """Cluster numbers of the items: these sizes in turn; each item its own without sizes."""
    if not sizes:
        return np.arange(items)
    repeated = np.resize(sizes, items)
    return np.repeat(np.arange(items), repeated)[:items]


def _latencies(rng: Generator, late: tuple[float, ...], shape: tuple[int, ...]) -> Floats:
    """Exponential seconds, of which exactly these shares are expected above one."""
    scale = np.array([-1 / math.log(share) if share else 1e-3 for share in late])
    return np.asarray(rng.exponential(1.0, shape) * scale[:, None, None], dtype=np.float64)
