"""The exact worst case of the score test on 0/1 scores: no simulation, whatever the share that differs."""

from __future__ import annotations

import numpy as np
from scipy.stats import binom

from evalbench.stats.score_test import tango_z
from evalbench.stats.student import quantile

ALPHAS = (0.025, 0.05, 0.10)
MARGINS = (0.02, 0.05, 0.10)
ITEMS = (20, 34, 53, 100, 200, 400)

_GRID = 400


def worst_error(margin: float, items: int, alpha: float, most_differing: float = 1.0) -> float:
    """How often the test passes at a true difference of -margin, where that is most often.

    Sums the probabilities of all tables of wins and losses that pass, and takes the largest sum over
    a grid of shares that differ, up to `most_differing`.
    """
    limit = quantile(1 - alpha)
    lost, fewest = np.arange(items + 1), np.empty(items + 1, dtype=np.int64)
    wins = 0
    for losses in lost.tolist():
        while wins <= items - losses and tango_z(wins, losses, items, -margin) < limit:
            wins += 1
        fewest[losses] = wins
    rates = np.linspace(margin, (most_differing + margin) / 2, _GRID)[:, None]
    share = np.clip((rates - margin) / (1 - rates), 0, 1)
    passing = np.where(fewest <= items - lost, binom.sf(fewest - 1, items - lost, share), 0.0)
    return float((binom.pmf(lost, items, rates) * passing).sum(axis=1).max())
