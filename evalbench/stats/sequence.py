"""Two tiers on items asked one after another, judged at any time: the bets of a run that may stop early."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalbench.stats.clusters import Floats
from evalbench.stats.eprocess import FEWEST_ITEMS, log_capital, lowest_kept
from evalbench.stats.student import quantile

_UNSEEN = 2.0
"""Differing items added to those seen: none seen does not mean that there are none."""

_LEARNING = 1.0
"""Logarithm of the capital that not knowing the best stakes costs; simulated stops agree within 15 %."""


@dataclass(frozen=True, slots=True)
class Bets:
    """Clusters in the order of the run: mean difference, and size over the largest size there is."""

    means: Floats
    weights: Floats

    def at(self, margin: float) -> Floats:
        """One value per cluster for `capital` at this margin: weight (mean + margin) - margin."""
        return np.asarray(self.weights * (self.means + margin) - margin, dtype=np.float64)

    def mirrored(self) -> Bets:
        """The same clusters with the tiers exchanged."""
        return Bets(-self.means, self.weights)


@dataclass(frozen=True, slots=True)
class SequenceEvidence:
    """What the items asked so far say about the mean difference, whenever one looks.

    `wins` and `losses` are summed positive and negative differences of the `items` that both tiers
    answered. For the claims themselves a missing answer counts as lost (`pessimistic`) or as won
    (`optimistic`), whichever speaks against the claim, so that they hold whatever is missing.
    P-values are 1 / (the most capital ever reached) of the bet against the hypothesis: below alpha
    at any time with probability at most alpha (Ville 1939), under any rule for when to stop.
    """

    wins: float
    losses: float
    items: int
    groups: int | None
    pessimistic: Bets
    optimistic: Bets

    @property
    def difference(self) -> float:
        """The mean difference, from -1 to 1; too favourable or too bad where it led to a stop."""
        return (self.wins - self.losses) / self.items

    def p_value(self, margin: float) -> float:
        """One-sided p-value of "no worse than `margin`", valid at any time; 1 below 20 items."""
        return self._p_value(self.pessimistic, margin)

    def p_worse(self, margin: float) -> float:
        """One-sided p-value of the opposite claim, "worse than `margin`"."""
        return self._p_value(self.optimistic.mirrored(), -margin)

    def bounds(self, alpha: float) -> tuple[float | None, float | None]:
        """The confidence sequence: bounds that hold at every item at once, each with error alpha."""
        low = lowest_kept(self.pessimistic.at, alpha)
        return low, -lowest_kept(self.optimistic.mirrored().at, alpha)

    def items_needed(self, margin: float, difference: float, alpha: float, power: float) -> int | None:
        """Total items after which the claim would be settled with this power, were `difference` true.

        The logarithm of capital as a random walk whose stakes are the best ones: drift
        g^2 / 2(v + g^2) and variance g^2 v / (v + g^2)^2 a bet, with g the mean gain and v its
        variance, two more differing items than seen. A forecast, no guarantee: learning the stakes
        is charged as measured in simulated runs.
        """
        weight = float(self.pessimistic.weights.mean())
        gain = weight * (difference + margin)
        if gain <= 0:
            return None
        values = self.pessimistic.weights * self.pessimistic.means
        spread = (float(np.square(values - values.mean()).sum()) + _UNSEEN * weight**2) / (
            len(values) + _UNSEEN
        )
        drift = gain**2 / (2 * (spread + gain**2))
        step = gain * math.sqrt(spread) / (spread + gain**2)
        sure = quantile(power)

        def is_enough(bets: float) -> bool:
            wanted = -math.log(alpha) + _LEARNING
            return bets * drift - sure * step * math.sqrt(bets) >= wanted

        most = 1.0
        while not is_enough(most):
            most *= 2
        low = most / 2
        while most - low > 1:
            middle = (low + most) / 2
            low, most = (low, middle) if is_enough(middle) else (middle, most)
        return max(FEWEST_ITEMS, math.ceil(most * self._items_a_bet))

    @property
    def _items_a_bet(self) -> float:
        asked = self.items if self.groups is None else max(self.items, self.groups)
        return asked / max(1, asked if self.groups is None else self.groups)

    def _p_value(self, bets: Bets, margin: float) -> float:
        if self.items < FEWEST_ITEMS:
            return 1.0
        if margin >= 1:  # Nothing is worse than losing everything.
            return 0.0 if bets.means.max() > -1 else 1.0
        if margin <= -1:
            return 1.0
        return min(1.0, math.exp(-float(log_capital(bets.at(margin), margin).max())))


def sequence_evidence(
    differences: Floats, clusters: NDArray[np.int64] | None = None, largest: int = 1
) -> SequenceEvidence | None:
    """The evidence of items in the order they were asked; NaN where an answer is missing.

    `clusters` number the items' clusters, those of one standing together; `largest` is the size of
    the largest cluster that was planned. None where no item has both answers.
    """
    values = np.asarray(differences, dtype=np.float64)
    known = ~np.isnan(values)
    if not known.any():
        return None
    seen = values[known]
    return SequenceEvidence(
        wins=float(seen[seen > 0].sum()),
        losses=float(np.abs(seen[seen < 0]).sum()),
        items=int(known.sum()),
        groups=None if clusters is None else _count(clusters),
        pessimistic=_bets(np.where(known, values, -1.0), clusters, largest),
        optimistic=_bets(np.where(known, values, 1.0), clusters, largest),
    )


def _bets(values: Floats, clusters: NDArray[np.int64] | None, largest: int) -> Bets:
    if clusters is None:
        return Bets(values, np.ones(len(values)))
    starts = _starts(clusters)
    sizes = np.diff(np.append(starts, len(values))).astype(np.float64)
    return Bets(np.add.reduceat(values, starts) / sizes, sizes / largest)


def _count(clusters: NDArray[np.int64]) -> int:
    return len(_starts(clusters))


def _starts(clusters: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.flatnonzero(np.append(True, clusters[1:] != clusters[:-1]))
