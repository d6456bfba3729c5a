from __future__ import annotations

import numpy as np
import pytest

from evalbench.stats.attempts import look_alpha, look_shares
from evalbench.stats.sequential import Spending, alpha_spent, group_sequential_bounds, look_level
from evalbench.stats.student import quantile, upper_tail


def test_three_looks_use_up_alpha() -> None:
    shares = [look_alpha(0.05, look) for look in (1, 2, 3)]

    assert shares == pytest.approx([0.03, 0.015, 0.005])
    assert sum(shares) == pytest.approx(0.05)


def test_a_fourth_look_may_prove_nothing() -> None:
    assert look_alpha(0.05, 4) == 0.0


@pytest.mark.parametrize(("look", "shares"), [(0, (0.6, 0.4)), (1, (0.6, 0.5))])
def test_looks_that_cannot_be_are_refused(look: int, shares: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="look must be"):
        look_alpha(0.05, look, shares)


@pytest.mark.parametrize("spending", ["obf", "pocock"])
def test_all_of_alpha_is_spent_at_the_end_but_not_before(spending: Spending) -> None:
    assert alpha_spent(1.0, 0.05, spending) == pytest.approx(0.05)
    assert 0 < alpha_spent(0.5, 0.05, spending) < 0.05


def test_a_single_look_is_the_plain_test() -> None:
    (bound,) = group_sequential_bounds([1.0], 0.05)

    assert bound == pytest.approx(quantile(0.95), rel=1e-6)


def test_paths_without_a_difference_cross_as_often_as_allowed() -> None:
    rng = np.random.default_rng(8)
    bounds = np.array(group_sequential_bounds([0.2, 0.5, 1.0], 0.05))
    steps = rng.standard_normal((200_000, 3)) * np.sqrt([0.2, 0.3, 0.5])

    statistics = np.cumsum(steps, axis=1) / np.sqrt([0.2, 0.5, 1.0])

    assert (statistics >= bounds).any(axis=1).mean() == pytest.approx(0.05, abs=0.002)


@pytest.mark.parametrize("information", [[], [0.5, 0.5], [0.0, 1.0], [0.5, 1.2]])
def test_looks_out_of_order_are_refused(information: list[float]) -> None:
    with pytest.raises(ValueError, match="information"):
        group_sequential_bounds(information, 0.05)


@pytest.mark.parametrize("planned", [1, 2, 3, 4, 10])
def test_planned_looks_share_all_of_alpha_the_first_most(planned: int) -> None:
    shares = look_shares(planned)

    assert sum(shares) == pytest.approx(1.0)
    assert list(shares) == sorted(shares, reverse=True)
    assert look_shares(3) == (0.6, 0.3, 0.1)


def test_the_level_of_a_look_is_the_tail_beyond_its_bound() -> None:
    information = [0.2, 0.4, 0.6, 0.8, 1.0]

    assert look_level(information, 0.05) == pytest.approx(upper_tail(1.7397), rel=1e-3)  # T9
    assert look_level(information[:1], 0.05) == pytest.approx(upper_tail(4.2292), rel=1e-3)


def test_several_tests_never_get_more_than_any_step_of_holm_may_use() -> None:
    for looks in ([0.2], [0.5, 1.0], [0.3, 0.6, 1.0]):
        level = look_level(looks, 0.05, "obf", 3)

        for count in (1, 2, 3):
            bound = group_sequential_bounds(looks, 0.05 / count)[-1]
            assert level / count <= upper_tail(bound) * (1 + 1e-9)


def test_a_look_that_adds_next_to_nothing_may_use_nothing() -> None:
    assert look_level([0.5, 0.505], 0.05) == 0.0


def test_a_very_early_look_has_a_bound_that_nothing_reaches() -> None:
    (bound,) = group_sequential_bounds([0.01], 0.05)

    assert bound >= 12
