"""Blind comparisons: net win rate, equivalence, and votes that share raters and items.

Provenance: direct evaluation of the score test and the sign test by an independent implementation;
two-way clustering after Cameron, Gelbach and Miller (2011), one way checked with statsmodels.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from evalbench.stats.clusters import grouping, mean_variance, two_way_variance
from evalbench.stats.exact import mcnemar_exact
from evalbench.stats.paired import paired_evidence
from evalbench.stats.power import items_for_equivalence


def six_digits(value: float) -> object:
    return pytest.approx(value, rel=5e-6, abs=5e-7)


@pytest.mark.parametrize(
    ("votes", "net", "low", "high", "equivalent", "sign"),
    [  # T14b: wins, losses, ties
        ((48, 40, 12), 0.08, -0.0747236, 0.230751, 0.415541, 0.455741),
        ((60, 40, 0), 0.2, 0.034786, 0.354573, 0.841345, 0.0568879),
        ((100, 100, 200), 0, -0.0582259, 0.0582259, 0.00236084, 1),
        ((5, 5, 190), 0, -0.0290101, 0.0290101, 1.67238e-05, 1),
        ((0, 0, 50), 0, -0.052326, 0.052326, 0.00981533, 1),
    ],
)
def test_net_win_rates_reproduce_their_table(
    votes: tuple[int, int, int], net: float, low: float, high: float, equivalent: float, sign: float
) -> None:
    found = paired_evidence(np.repeat([1.0, -1.0, 0.0], votes))

    assert found.difference == six_digits(net)
    assert found.bounds(0.05) == (six_digits(low), six_digits(high))
    assert found.p_equivalent(0.10) == pytest.approx(equivalent, rel=5e-6)
    assert mcnemar_exact(votes[0], votes[1]) == pytest.approx(sign, rel=5e-6)


def test_votes_that_share_raters_and_items_reproduce_their_errors() -> None:
    votes = np.array([1, 1, 0, -1, 1, 1, 0, 0, -1, 1, 1, -1], dtype=float)  # T14c
    rater, item = np.arange(12) // 3, np.arange(12) % 3

    variance, freedom = two_way_variance(votes, rater, item)

    assert votes.mean() == 0.25
    assert math.sqrt(mean_variance(votes, None)) == six_digits(0.25)
    assert math.sqrt(mean_variance(votes, grouping(rater, 12))) == six_digits(0.209718)
    assert (math.sqrt(variance), freedom) == (six_digits(0.254588), 2)


def test_equivalence_within_ten_points_wants_as_many_votes_as_published() -> None:
    assert items_for_equivalence(0.10, 0.75) == 643  # (1.645 + 1.282)^2 x 0.75 / 0.01
