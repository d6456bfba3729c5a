from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from evalbench.stats.intervals import (
    clopper_pearson_interval,
    mean_interval,
    score_interval,
    wilson_interval,
)


@pytest.mark.parametrize("successes", range(0, 38, 4))
def test_intervals_of_a_share_agree_with_statsmodels(successes: int) -> None:
    wilson = wilson_interval(successes, 37, 0.9)
    exact = clopper_pearson_interval(successes, 37, 0.9)

    assert (wilson.low, wilson.high) == pytest.approx(proportion_confint(successes, 37, 0.1, method="wilson"))
    assert (exact.low, exact.high) == pytest.approx(proportion_confint(successes, 37, 0.1, method="beta"))


def test_right_or_wrong_scores_get_wilson() -> None:
    found = score_interval(np.repeat([1.0, 0.0], [9, 1]))

    assert (found.method, found.count, found.value) == ("wilson", 10, 0.9)
    assert found.low == pytest.approx(0.59585, rel=1e-5)


def test_graded_scores_get_students_t() -> None:
    values = np.array([0.2, 0.4, 0.6, 0.8])

    found = score_interval(values)

    half = 3.182446 * values.std(ddof=1) / 2  # the 97.5 % quantile of t with 3 degrees of freedom
    assert (found.method, found.count) == ("t", 4)
    assert (found.low, found.high) == pytest.approx((0.5 - half, 0.5 + half), rel=1e-6)


def test_clustered_scores_count_clusters() -> None:
    found = score_interval(np.tile([1.0, 0.0, 1.0, 1.0], 10), clusters=np.arange(40) // 8)

    assert (found.method, found.count) == ("t, clustered", 5)


def test_clusters_without_a_single_error_do_not_collapse_to_a_point() -> None:
    found = score_interval(np.ones(100), clusters=np.arange(100) // 10)

    assert (found.method, found.count, found.high) == ("wilson", 10, 1.0)
    assert found.low == pytest.approx(wilson_interval(10, 10).low)


def test_one_graded_item_has_no_interval() -> None:
    found = score_interval(np.array([0.5]))

    assert (found.value, found.low, found.high) == (0.5, None, None)


def test_bounds_never_leave_the_scale() -> None:
    found = mean_interval(np.array([0.0, 0.9, 1.0]))

    assert (found.low, found.high) == (0.0, 1.0)


def test_a_share_of_no_trials_is_refused() -> None:
    with pytest.raises(ValueError, match="0 of 0"):
        wilson_interval(0, 0)


def test_no_scores_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        score_interval(np.array([]))
