"""Bounds and capital of repeated looks that the statistics must reproduce to the digits printed.

Provenance: bounds from the R package gsDesign (Lan-DeMets spending, `sfLDOF` and `sfLDPocock`);
capital from direct evaluation of the bets by an independent implementation.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from evalbench.stats.eprocess import capital, crossing, futility_capital
from evalbench.stats.sequential import Spending, group_sequential_bounds


@pytest.mark.parametrize(
    ("looks", "alpha", "spending", "bounds"),
    [  # T9; gsDesign for 5 looks at 0.025
        (2, 0.05, "obf", [2.538, 1.6621]),
        (3, 0.05, "obf", [3.2001, 2.1408, 1.6948]),
        (5, 0.05, "obf", [4.2292, 2.8881, 2.2981, 1.9618, 1.7397]),
        (5, 0.025, "obf", [4.8769, 3.357, 2.6803, 2.2898, 2.031]),
        (2, 0.05, "pocock", [1.8662, 1.8849]),
    ],
)
def test_group_sequential_bounds_reproduce_their_table(
    looks: int, alpha: float, spending: Spending, bounds: list[float]
) -> None:
    equal_spacing = [look / looks for look in range(1, looks + 1)]

    assert group_sequential_bounds(equal_spacing, alpha, spending) == pytest.approx(bounds, abs=5.1e-5)


def six_digits(value: float) -> object:
    return pytest.approx(value, rel=5e-6)


def test_capital_without_any_difference_reproduces_its_table() -> None:
    path = capital(np.zeros(100), 0.05)  # T10, first row

    assert (path[0], path[9], path[99]) == (six_digits(1.01639), six_digits(1.36427), six_digits(44.475))
    assert crossing(path, 0.05) == 80


def test_capital_of_a_loss_and_a_win_reproduces_its_table() -> None:
    path = capital(np.array([0.0, 0, -1, 0, 1, 0, 0, 0, 0, 0]), 0.05)  # T10, second row

    assert (path[0], path[9]) == (six_digits(1.01639), six_digits(0.586243))
    assert crossing(path, 0.05) is None


def test_capital_of_the_opposite_bet_reproduces_its_table() -> None:
    path = futility_capital(np.full(60, -0.2), 0.05)  # T10, third row

    assert (path[0], path[9]) == (1.0, six_digits(1.94968))
    assert crossing(path, 0.05) == 33


def by_hand(differences: NDArray[np.float64], margin: float) -> float:
    """The loop that the definition of the bets is written as."""
    held, total, squares = 1.0, 0.0, 4 * 0.15
    for seen, difference in enumerate(differences.tolist()):
        mean = total / (4 + seen)
        gain, variance = mean + margin, max(squares / (4 + seen) - mean**2, 1e-4)
        stake = min(max(gain / (variance + gain**2), 0.0), 0.75 / (1 - margin))
        held *= 1 + stake * (difference + margin)
        total, squares = total + difference, squares + difference**2
    return held


@pytest.mark.parametrize("margin", [0.03, 0.2, -0.1])
def test_capital_is_the_product_of_its_bets(margin: float) -> None:
    differences = np.random.default_rng(4).choice(
        [-1.0, -0.5, 0, 0.5, 1], 300, p=[0.02, 0.05, 0.83, 0.06, 0.04]
    )

    assert capital(differences, margin)[-1] == pytest.approx(by_hand(differences, margin), rel=1e-9)
