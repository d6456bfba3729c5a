"""Money: the value of information and cost-effectiveness against closed forms.

Provenance: direct evaluation of the unit normal loss; the frontier by hand, on the textbook case
of extended dominance (a mix of two neighbours is better and cheaper).
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from evalbench.core.estimate import Standing
from evalbench.stats.frontier import standings
from evalbench.stats.worth import value_of_information


@pytest.mark.parametrize(
    ("mean", "standard_deviation", "worth"),
    [(0, 0.02, 0.00797885), (0.01, 0.02, 0.00395593), (0.05, 0.02, 4.00827e-05), (0.01, 0, 0)],  # T13
)
def test_the_value_of_information_reproduces_its_table(
    mean: float, standard_deviation: float, worth: float
) -> None:
    assert value_of_information(mean, standard_deviation) == pytest.approx(worth, rel=5e-6)


def test_the_value_of_information_is_the_expected_loss_of_choosing_by_sign() -> None:
    lost, _ = quad(lambda gain: -gain * norm.pdf(gain, 0.3, 0.5), -np.inf, 0)

    assert value_of_information(0.3, 0.5) == pytest.approx(lost, rel=1e-6)
    assert value_of_information(-0.3, 0.5) == pytest.approx(lost, rel=1e-6)


def test_a_tier_between_two_better_neighbours_is_mixed_away() -> None:
    # From (1, 0.50) to (5, 0.90) a point costs 10 USD; the tier at (4, 0.60) asks 30 for one.
    found = standings((0.50, 0.60, 0.90, 0.85, 0.95), (1.0, 4.0, 5.0, 6.0, 9.0))

    assert found == (
        Standing.EFFICIENT,
        Standing.MIXED_BETTER,
        Standing.EFFICIENT,
        Standing.DOMINATED,
        Standing.EFFICIENT,
    )
