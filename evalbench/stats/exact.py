"""Exact tests of paired 0/1 results, for small eval sets and for tasks where alpha must hold strictly."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evalbench.stats.clusters import Floats
from evalbench.stats.score_test import check_test, tango_z

Counts: TypeAlias = NDArray[np.int64]

MOST_ITEMS = 400
"""Above this the exact unconditional test takes longer than it is worth."""

_GRID = 200
_TIE = 1e-9


def mcnemar_mid_p(wins: int, losses: int) -> float:
    """One-sided mid-p value of "losses outnumber wins" (McNemar 1947; Fagerland et al. 2014).

    P(Bin(b + c, 1/2) >= c) - P(= c) / 2; 1 where nothing differs.
    """
    from scipy.special import bdtr, bdtrc

    differing = wins + losses
    if differing == 0:
        return 1.0
    above = float(bdtrc(losses, differing, 0.5))
    at = 1.0 - above - (float(bdtr(losses - 1, differing, 0.5)) if losses else 0.0)
    return above + at / 2


def mcnemar_exact(wins: int, losses: int) -> float:
    """Two-sided exact p-value of "wins and losses are equally likely" (McNemar 1947)."""
    from scipy.special import bdtr

    if wins == losses:
        return 1.0
    return min(1.0, 2 * float(bdtr(min(wins, losses), wins + losses, 0.5)))


def exact_unconditional_p(wins: int, losses: int, items: int, margin: float) -> float:
    """One-sided exact p-value of "no worse than `margin`" for paired 0/1 results.

    The probability, at a true difference of -margin, of a score statistic at least as large as
    the one seen, at whatever rate of differing items makes it largest (Berger and Sidik 2003 in
    kind): a grid of rates, then a local search. Independent items only.
    """
    from scipy.optimize import minimize_scalar

    check_test(margin, 0.05)
    if min(wins, losses) < 0 or wins + losses > items:
        raise ValueError(f"wins and losses must be counts within items, not {wins}, {losses} of {items}")
    lost, fewest_wins = _rejected(wins, losses, items, margin)

    def reached(loss_rate: float) -> float:
        return float(_tail(np.array([loss_rate]), lost, fewest_wins, items, margin)[0])

    rates = np.linspace(margin, (1 + margin) / 2, _GRID)
    tails = _tail(rates, lost, fewest_wins, items, margin)
    best = int(tails.argmax())
    around = rates[max(0, best - 1)], rates[min(_GRID - 1, best + 1)]
    found = minimize_scalar(lambda rate: -reached(rate), bounds=around, method="bounded")
    return min(1.0, max(float(tails[best]), -float(found.fun)))


def _rejected(wins: int, losses: int, items: int, margin: float) -> tuple[Counts, Counts]:
    """The tables at least as extreme: for each number of losses, the fewest wins that suffice."""
    seen = tango_z(wins, losses, items, -margin) - _TIE
    lost: list[int] = []
    fewest: list[int] = []
    needed = 0
    for count in range(items + 1):
        # The statistic grows with wins and falls with losses, so the boundary only climbs.
        while needed <= items - count and tango_z(needed, count, items, -margin) < seen:
            needed += 1
        if needed > items - count:
            break
        lost.append(count)
        fewest.append(needed)
    return np.array(lost, dtype=np.int64), np.array(fewest, dtype=np.int64)


def _tail(rates: Floats, lost: Counts, fewest_wins: Counts, items: int, margin: float) -> Floats:
    """Probability of the rejected tables at each loss rate, shape (rates,)."""
    from scipy.special import bdtrc, gammaln, xlog1py, xlogy

    rate = rates[:, None]
    ways = gammaln(items + 1) - gammaln(lost + 1) - gammaln(items - lost + 1)
    losing = np.exp(ways + xlogy(lost, rate) + xlog1py(items - lost, -rate))
    share = np.clip((rate - margin) / np.maximum(1 - rate, _TIE), 0.0, 1.0)
    winning = np.where(fewest_wins > 0, bdtrc(np.maximum(fewest_wins - 1, 0), items - lost, share), 1.0)
    return np.asarray((losing * winning).sum(axis=1), dtype=np.float64)
