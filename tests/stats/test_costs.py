from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from evalbench.stats.costs import fieller_interval, latency_percentiles


def test_a_ratio_to_a_constant_has_the_interval_of_the_mean() -> None:
    x = np.array([1.0, 2.0, 4.0, 5.0])

    found = fieller_interval(x, np.full(4, 2.0))

    half = t.ppf(0.975, 3) * x.std(ddof=1) / 2 / 2
    assert (found.low, found.high) == pytest.approx((1.5 - half, 1.5 + half))


def test_a_denominator_that_could_be_zero_gives_no_bounds() -> None:
    found = fieller_interval(np.array([1.0, 2.0, 3.0]), np.array([0.0, 0.0, 9.0]))

    assert found.value == pytest.approx(2 / 3)
    assert (found.low, found.high) == (None, None)


def test_proportional_costs_have_a_ratio_without_doubt() -> None:
    y = np.array([1.0, 2.0, 3.0, 4.0, 5.0] * 10)

    found = fieller_interval(y / 10, y)

    assert (found.low, found.high) == pytest.approx((0.1, 0.1))


def test_a_single_pair_has_no_interval() -> None:
    found = fieller_interval(np.array([1.0]), np.array([4.0]))

    assert (found.value, found.low, found.high) == (0.25, None, None)


def test_a_ratio_to_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="mean of y is 0"):
        fieller_interval(np.ones(3), np.zeros(3))


def test_percentiles_need_no_distribution() -> None:
    found = latency_percentiles(np.arange(100, 0, -1) / 10)

    assert found is not None
    assert (found.p50, found.p95, found.p99) == pytest.approx((5.05, 9.505, 9.901))
    assert (found.trials, found.p95_high) == (100, 9.9)


def test_fewer_than_59_calls_bound_no_95th_percentile() -> None:
    found = latency_percentiles(np.ones(58))

    assert found is not None
    assert found.p95_high is None


def test_no_calls_have_no_percentiles() -> None:
    assert latency_percentiles(np.array([])) is None
