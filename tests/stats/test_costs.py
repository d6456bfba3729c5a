from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t, ttest_1samp

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


def grouped_costs(generator: np.random.Generator, groups: int, each: int) -> tuple[np.ndarray, np.ndarray]:
    """Costs of a tier and of the current one, whose true ratio is 0.1, and another one in each group."""
    reference = generator.lognormal(0, 0.3, groups * each)
    ratios = 0.1 * generator.gamma(4, 1 / 4, groups).repeat(each)
    return ratios * reference, reference


def test_with_groups_the_bounds_are_where_the_sums_of_the_groups_are_just_not_explained() -> None:
    own, reference = grouped_costs(np.random.default_rng(5), 12, 7)
    labels = np.arange(12).repeat(7)

    found = fieller_interval(own, reference, 0.9, labels)

    assert found.count == 12
    assert found.value == pytest.approx(own.sum() / reference.sum())
    for bound in (found.low, found.high):
        assert bound is not None
        sums = (own - bound * reference).reshape(12, 7).sum(axis=1)
        assert ttest_1samp(sums, 0.0).pvalue == pytest.approx(0.1)


def test_with_groups_95_percent_of_intervals_hold_the_true_ratio() -> None:
    generator, labels = np.random.default_rng(6), np.arange(15).repeat(20)
    draws = [grouped_costs(generator, 15, 20) for _ in range(500)]

    by_group, by_item = (
        np.mean([found.low <= 0.1 <= found.high for found in intervals])  # type: ignore[operator]  # all have bounds
        for intervals in (
            [fieller_interval(own, reference, clusters=labels) for own, reference in draws],
            [fieller_interval(own, reference) for own, reference in draws],
        )
    )

    # Within three standard errors of 0.95; items taken for independent would hold it in a third of all runs.
    assert 0.92 < by_group < 0.98
    assert by_item < 0.5


def test_a_single_group_has_no_interval() -> None:
    found = fieller_interval(np.ones(5), np.arange(1.0, 6.0), clusters=np.zeros(5, dtype=np.int64))

    assert found.value == pytest.approx(1 / 3)
    assert (found.low, found.high, found.count) == (None, None, 1)


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
