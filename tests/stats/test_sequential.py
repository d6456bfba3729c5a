from __future__ import annotations

import numpy as np
import pytest

from evalbench.stats.sequential import Spending, alpha_spent, group_sequential_bounds, look_alpha
from evalbench.stats.student import quantile


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
