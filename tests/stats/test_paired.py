from __future__ import annotations

import math

import numpy as np
import pytest

from evalbench.stats.paired import paired_evidence, paired_test, proven_drop
from evalbench.stats.score_test import tango_z


def test_the_interval_holds_the_differences_that_the_test_does_not_reject() -> None:
    differences = np.repeat([1.0, -1.0, 0.0], [12, 15, 273])

    found = paired_test(differences, 0.05, 0.05)

    assert found.low is not None
    assert paired_test(differences, -found.low, 0.05).p_value == pytest.approx(0.05)


def test_the_proven_drop_is_the_smallest_margin_that_passes() -> None:
    differences = np.random.default_rng(3).choice(
        [-1, -0.5, 0, 0.5, 1], 200, p=[0.04, 0.04, 0.84, 0.04, 0.04]
    )

    drop = proven_drop(differences, 0.05)

    assert drop is not None
    assert paired_test(differences, drop + 1e-9, 0.05).p_value <= 0.05
    assert paired_test(differences, drop - 1e-6, 0.05).p_value > 0.05


def test_a_clearly_better_tier_is_proven_to_lose_nothing() -> None:
    assert proven_drop(np.repeat([1.0, 0.0], [30, 70]), 0.05) == 0.0


@pytest.mark.parametrize("differences", [[0.0], [-1.0, -1.0, -1.0]])
def test_no_drop_is_proven_where_nothing_can_be(differences: list[float]) -> None:
    assert proven_drop(np.array(differences), 0.05) is None


def test_every_item_lost_is_the_lower_end() -> None:
    found = paired_test(np.full(30, -1.0), 0.05, 0.05)

    assert found.low == -1.0
    assert found.high is not None
    assert found.high < -0.8
    assert found.p_value > 0.999999


def test_swapping_the_tiers_mirrors_the_statistic() -> None:
    assert tango_z(16, 8, 86, 0.03) == pytest.approx(-tango_z(8, 16, 86, -0.03))


def test_without_any_difference_zero_is_not_rejected() -> None:
    assert tango_z(0, 0, 100, 0.0) == 0.0


def test_crumbs_of_averaging_do_not_make_scores_graded() -> None:
    crumbs = np.repeat([1.0, 0.0], [5, 95]) + 1e-16

    assert math.isinf(paired_evidence(crumbs).degrees_of_freedom)


def test_clusters_that_agree_inside_widen_the_interval() -> None:
    differences = np.repeat(np.tile([1.0, -1.0, 0.0, 0.0, 0.0], 8), 10)

    alone = paired_test(differences, 0.05, 0.05)
    together = paired_test(differences, 0.05, 0.05, np.arange(400) // 10)

    assert together.groups == 40
    assert together.phi > 5 * alone.phi
    assert together.low is not None
    assert alone.low is not None
    assert together.low < alone.low


def test_clusters_of_one_item_change_nothing() -> None:
    differences = np.repeat([1.0, -1.0, 0.0], [3, 4, 93])

    assert paired_test(differences, 0.05, 0.05, np.arange(100)) == paired_test(differences, 0.05, 0.05)


@pytest.mark.parametrize(("margin", "alpha"), [(0.0, 0.05), (1.5, 0.05), (0.05, 0.0), (0.05, 0.5)])
def test_a_test_that_asks_nothing_is_refused(margin: float, alpha: float) -> None:
    with pytest.raises(ValueError, match="must be"):
        paired_test(np.zeros(30), margin, alpha)


@pytest.mark.parametrize("differences", [[0.0, math.nan], [1.5, 0.0]])
def test_differences_off_the_scale_are_refused(differences: list[float]) -> None:
    with pytest.raises(ValueError, match=r"\[-1, 1\]"):
        paired_evidence(np.array(differences))
