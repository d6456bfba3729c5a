from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from evalbench.stats.worth import (
    acceptability_curve,
    net_benefit,
    net_benefit_interval,
    usd_per_point,
    value_of_information,
)

RNG = np.random.default_rng(14)
BETTER = RNG.choice([1.0, 0.0, -1.0], 400, p=[0.15, 0.75, 0.10])
DEARER = RNG.normal(0.02, 0.005, 400)


def test_net_benefit_is_worth_less_cost_times_traffic() -> None:
    found = net_benefit(BETTER, -DEARER, value_usd=2.0, calls=1000)

    gains = 2.0 * BETTER - DEARER
    assert found.usd == pytest.approx(1000 * gains.mean())
    assert found.standard_error_usd == pytest.approx(1000 * gains.std(ddof=1) / 20)
    assert found.missed_usd == pytest.approx(value_of_information(found.usd, found.standard_error_usd))


def test_a_sure_gain_has_nothing_to_miss() -> None:
    assert net_benefit(np.zeros(30), np.full(30, 0.01), 1.0, 100).missed_usd == 0.0


def test_a_single_item_says_nothing_about_what_could_be_missed() -> None:
    assert math.isnan(net_benefit(np.ones(1), np.zeros(1), 1.0, 1.0).missed_usd)


def test_clusters_make_a_gain_less_sure() -> None:
    repeated, saved = np.repeat(BETTER[:80], 5), np.zeros(400)

    together = net_benefit(repeated, saved, 1.0, 1.0, np.arange(400) // 5)

    assert together.standard_error_usd > 2 * net_benefit(repeated, saved, 1.0, 1.0).standard_error_usd


def test_the_price_of_a_point_is_the_ratio_of_means() -> None:
    found = usd_per_point(np.full(50, 0.1) + np.tile([0.01, -0.01], 25), np.full(50, 0.02))

    assert found is not None
    assert found.value == pytest.approx(0.2)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.2 < found.high


def test_a_point_that_is_not_gained_has_no_price() -> None:
    assert usd_per_point(np.array([1.0, -1.0]), np.ones(2)) is None


def test_the_curve_rises_with_what_a_point_is_worth_and_is_even_at_the_price_of_a_point() -> None:
    price = DEARER.mean() / BETTER.mean()

    curve = acceptability_curve(BETTER, -DEARER, (0.0, price, 10 * price))

    assert curve[0] < 1e-6
    assert curve[1] == pytest.approx(0.5)
    assert curve[2] > 0.9


def test_a_curve_without_noise_is_a_step() -> None:
    curve = acceptability_curve(np.full(9, 0.5), np.full(9, -1.0), (1.0, 2.0, 3.0))

    assert curve == (0.0, 0.5, 1.0)


@pytest.mark.parametrize("usd", [[0.1], [0.1, math.nan]])
def test_costs_that_are_not_known_are_refused(usd: list[float]) -> None:
    with pytest.raises(ValueError, match="USD must be"):
        net_benefit(np.zeros(2), np.array(usd), 1.0, 1.0)


def test_a_negative_spread_is_refused() -> None:
    with pytest.raises(ValueError, match="standard_deviation"):
        value_of_information(0.0, -1.0)


def test_the_price_of_a_point_by_clusters_is_that_of_their_sums() -> None:
    # The vector T7 as sums of 8 clusters of 5 items each: same ratio, interval and degrees of freedom.
    extra = np.repeat(np.array([1, 1.2, 0.8, 1.1, 0.9, 1, 1.3, 0.7]), 5) / 5
    scores = np.repeat(np.array([10, 12.5, 8.5, 10.5, 9, 10.5, 12, 8]), 5) / 5

    found = usd_per_point(scores, extra, clusters=np.arange(40) // 5)

    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.0987654, 0.0929476, 0.103821), rel=5e-6)
    assert found.count == 8


def test_clusters_of_their_own_leave_the_price_of_a_point_as_it_is() -> None:
    assert usd_per_point(BETTER, DEARER, clusters=np.arange(400)) == usd_per_point(BETTER, DEARER)


def test_the_interval_of_a_net_benefit_is_students() -> None:
    gains = 2.0 * BETTER - DEARER

    found = net_benefit_interval(gains, calls=1000)

    expected = ttest_1samp(gains, 0.0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((1000 * expected.low, 1000 * expected.high))
    assert found.value == pytest.approx(net_benefit(BETTER, -DEARER, 2.0, 1000).usd)


def test_a_single_cluster_gives_a_net_benefit_without_bounds() -> None:
    found = net_benefit_interval(BETTER, 1.0, np.zeros(400, dtype=int))

    assert (found.low, found.high, found.count) == (None, None, 1)
