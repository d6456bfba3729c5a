from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from evalbench.stats.tails import (
    effective_size,
    floor_p,
    floor_violated_p,
    items_for_rate,
    over_limit_p,
    over_limit_violated_p,
)


@pytest.mark.parametrize(("over", "calls"), [(0, 59), (12, 400), (40, 400), (7, 7)])
def test_late_calls_are_tested_by_the_exact_binomial(over: int, calls: int) -> None:
    less = binomtest(over, calls, 0.05, alternative="less").pvalue
    greater = binomtest(over, calls, 0.05, alternative="greater").pvalue

    assert over_limit_p(over, calls) == pytest.approx(less)
    assert over_limit_violated_p(over, calls) == pytest.approx(greater)


def test_without_a_call_nothing_is_shown() -> None:
    assert (over_limit_p(0, 0), over_limit_violated_p(0, 0)) == (1.0, 1.0)


def test_a_floor_is_tested_by_the_exact_binomial() -> None:
    greater = binomtest(95, 100, 0.9, alternative="greater").pvalue
    less = binomtest(95, 100, 0.9, alternative="less").pvalue

    assert floor_p(0.95, 100, 0.9) == pytest.approx(greater)
    assert floor_violated_p(0.95, 100, 0.9) == pytest.approx(less)


def test_clusters_that_agree_inside_are_worth_one_item_each() -> None:
    values = np.repeat(np.tile([1.0, 1.0, 0.0, 1.0], 10), 5)

    assert effective_size(values, np.arange(200) // 5) == pytest.approx(40, rel=0.05)
    assert effective_size(values) == 200


def test_scores_that_never_vary_are_worth_all_their_items() -> None:
    assert effective_size(np.ones(60), np.arange(60) // 6) == 60


@pytest.mark.parametrize(("limit", "rate"), [(0.05, 0.02), (0.1, 0.04), (0.3, 0.2)])
def test_the_planned_items_are_the_first_that_reach_the_power(limit: float, rate: float) -> None:
    def power(items: int) -> float:
        passing = [k for k in range(items + 1) if binom.cdf(k, items, limit) <= 0.05]
        return float(binom.cdf(passing[-1], items, rate)) if passing else 0.0

    found = items_for_rate(limit, rate)

    assert found is not None
    assert power(found) >= 0.8
    assert all(power(items) < 0.8 for items in range(max(1, found - 30), found))


def test_very_many_items_are_planned_by_approximation() -> None:
    assert items_for_rate(0.05, 0.049) == pytest.approx(291_000, rel=0.01)


def test_a_rate_next_to_the_limit_is_not_planned_for() -> None:
    assert items_for_rate(0.05, 0.0499999) is None
