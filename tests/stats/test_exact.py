from __future__ import annotations

from math import comb

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest
from statsmodels.stats.contingency_tables import mcnemar

from evalbench.stats.exact import exact_unconditional_p, mcnemar_exact, mcnemar_mid_p
from evalbench.stats.score_test import tango_z


@pytest.mark.parametrize(("wins", "losses"), [(1, 7), (16, 8), (0, 5), (5, 0), (30, 31)])
def test_the_exact_test_agrees_with_statsmodels(wins: int, losses: int) -> None:
    table = [[10, wins], [losses, 10]]

    assert mcnemar_exact(wins, losses) == pytest.approx(mcnemar(table, exact=True).pvalue)


@pytest.mark.parametrize(("wins", "losses"), [(1, 7), (16, 8), (0, 5), (5, 0)])
def test_mid_p_lies_half_a_step_below_the_one_sided_exact_p(wins: int, losses: int) -> None:
    trials = wins + losses
    at_least = binomtest(losses, trials, alternative="greater").pvalue
    more = binomtest(losses + 1, trials, alternative="greater").pvalue if losses < trials else 0.0

    assert mcnemar_mid_p(wins, losses) == pytest.approx((at_least + more) / 2)


def test_the_unconditional_p_value_agrees_with_full_enumeration() -> None:
    items, margin, wins, losses = 25, 0.1, 2, 1
    seen = tango_z(wins, losses, items, -margin)
    tables = [
        (b, c)
        for b in range(items + 1)
        for c in range(items + 1 - b)
        if tango_z(b, c, items, -margin) >= seen - 1e-9
    ]

    def chance(loss: float) -> float:
        shares = np.array([loss - margin, loss, 1 - 2 * loss + margin])
        return sum(multinomial(items, b, c, shares) for b, c in tables)

    worst = max(chance(loss) for loss in np.linspace(margin, (1 + margin) / 2, 400))

    assert exact_unconditional_p(wins, losses, items, margin) == pytest.approx(worst, rel=1e-3)


def multinomial(items: int, wins: int, losses: int, shares: NDArray[np.float64]) -> float:
    ways = comb(items, wins) * comb(items - wins, losses)
    powers = shares ** np.array([wins, losses, items - wins - losses])
    return float(ways * powers.prod())


def test_the_score_test_is_close_to_the_exact_one() -> None:
    exact = exact_unconditional_p(9, 8, 300, 0.05)

    assert exact == pytest.approx(0.0015, abs=0.001)


def test_more_wins_than_items_are_refused() -> None:
    with pytest.raises(ValueError, match="5, 6 of 10"):
        exact_unconditional_p(5, 6, 10, 0.05)
