from __future__ import annotations

import numpy as np
import pytest

from evalbench.stats.power import (
    cluster_inflation,
    detectable_drop,
    items_needed,
    planned_items,
    provable_margin,
)
from evalbench.stats.repeats import best_repeats, repeat_components


@pytest.mark.parametrize("items", [60, 274, 1000, 20_000])
def test_the_provable_margin_needs_just_the_items_there_are(items: int) -> None:
    margin = provable_margin(items, 0.1)

    assert items_needed(margin, 0.1) <= items
    assert items_needed(margin * 0.99, 0.1) > items


def test_without_items_only_the_whole_scale_is_provable() -> None:
    assert provable_margin(0, 0.1) == 1.0


def test_clusters_need_more_items_in_proportion() -> None:
    assert items_needed(0.05, 0.1, dispersion=3.0) == pytest.approx(3 * 274, abs=3)


def test_more_items_see_smaller_drops() -> None:
    assert detectable_drop(400, 0.1) == pytest.approx(detectable_drop(100, 0.1) / 2)


def test_a_difference_beyond_the_margin_is_refused() -> None:
    with pytest.raises(ValueError, match="theta above -margin"):
        items_needed(0.05, 0.2, theta=-0.05)


def test_a_discordance_below_the_difference_is_refused() -> None:
    with pytest.raises(ValueError, match="discordance"):
        items_needed(0.05, 0.01, theta=-0.02)


def test_a_plan_covers_both_powers_at_equality_and_at_part_of_the_margin() -> None:
    plan = planned_items(0.05, 0.1)

    assert [(row.theta, row.power) for row in plan] == [
        (theta, power) for theta in (0.0, -0.0125, -0.025) for power in (0.8, 0.9)
    ]
    assert plan[0].items == 274
    assert all(row.items == items_needed(0.05, 0.1, row.theta, power=row.power) for row in plan)


def test_clusters_of_one_item_inflate_nothing() -> None:
    assert cluster_inflation(1, 0.9) == 1.0
    assert cluster_inflation(10, 0.1) == pytest.approx(1.9)


@pytest.mark.parametrize(("size", "correlation"), [(0.5, 0.1), (10, 1.5), (10, -0.1)])
def test_clusters_that_cannot_be_are_refused(size: float, correlation: float) -> None:
    with pytest.raises(ValueError, match="size must be"):
        cluster_inflation(size, correlation)


def test_spread_between_and_within_items_is_told_apart() -> None:
    rng = np.random.default_rng(21)
    differences = rng.normal(0, 0.2, (4000, 1)) + rng.normal(0, 0.3, (4000, 5))

    between, within = repeat_components(differences)

    assert between == pytest.approx(0.04, rel=0.1)
    assert within == pytest.approx(0.09, rel=0.05)


def test_repeats_that_differ_more_than_items_leave_nothing_between() -> None:
    assert repeat_components(np.tile([0.5, -0.5], (20, 1)))[0] == 0.0


def test_a_single_repeat_tells_nothing_apart() -> None:
    with pytest.raises(ValueError, match="two or more"):
        repeat_components(np.zeros((20, 1)))


@pytest.mark.parametrize(
    ("variances", "prices", "repeats"),
    [
        ((0.04, 0.09), (1.0, 0.01), 15),
        ((0.04, 0.09), (0.0, 0.01), 1),
        ((0.09, 0.01), (0.02, 0.01), 1),
        ((0.0, 0.0), (1.0, 0.01), 1),
    ],
)
def test_repeats_pay_where_items_are_dear_and_answers_vary(
    variances: tuple[float, float], prices: tuple[float, float], repeats: int
) -> None:
    assert best_repeats(*variances, *prices) == repeats


@pytest.mark.parametrize(
    ("between", "within", "call_usd"), [(0.1, 0.1, 0.0), (-0.1, 0.1, 0.01), (0.0, 0.1, 0.01)]
)
def test_plans_without_an_answer_are_refused(between: float, within: float, call_usd: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        best_repeats(between, within, 1.0, call_usd)
