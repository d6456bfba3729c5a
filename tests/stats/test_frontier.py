from __future__ import annotations

import numpy as np
import pytest

from evalbench.core.estimate import Standing
from evalbench.stats.frontier import frontier_membership, standings

E, D, M = Standing.EFFICIENT, Standing.DOMINATED, Standing.MIXED_BETTER


@pytest.mark.parametrize(
    ("scores", "costs", "expected"),
    [
        ((0.8, 0.9), (1, 10), (E, E)),
        ((0.9, 0.8), (1, 10), (E, D)),
        ((0.9, 0.9), (1, 10), (E, D)),
        ((0.9, 0.9), (1, 1), (E, E)),
        ((0.5, 0.7, 0.9), (1, 2, 3), (E, E, E)),
        ((0.5, 0.6, 0.9), (1, 2, 3), (E, M, E)),
        ((0.9,), (3,), (E,)),
    ],
)
def test_tiers_stand_where_score_and_cost_put_them(
    scores: tuple[float, ...], costs: tuple[float, ...], expected: tuple[Standing, ...]
) -> None:
    assert standings(scores, costs) == expected


def test_a_tier_that_is_clearly_worse_and_dearer_is_never_on_the_frontier() -> None:
    rng = np.random.default_rng(15)
    scores = (rng.random((3, 200)) < np.array([[0.9], [0.5], [0.95]])).astype(float)

    shares = frontier_membership(scores, np.array([[1.0], [2.0], [9.0]]) * np.ones((3, 200)), None, rng)

    assert shares[0] == 1.0
    assert shares[1] == 0.0
    assert 0.8 < shares[2] <= 1.0


def test_speed_alone_can_put_a_tier_on_the_frontier() -> None:
    rng = np.random.default_rng(16)
    scores, costs = np.ones((2, 100)), np.array([[1.0], [2.0]]) * np.ones((2, 100))
    seconds = np.array([[3.0], [1.0]]) * np.ones((2, 100))

    assert frontier_membership(scores, costs, None, rng, 50) == (1.0, 0.0)
    assert frontier_membership(scores, costs, seconds, rng, 50) == (1.0, 1.0)


def test_many_items_are_sampled_before_they_are_resampled() -> None:
    shares = frontier_membership(
        np.ones((2, 20_000)), np.ones((2, 20_000)), None, np.random.default_rng(1), 3
    )

    assert shares == (1.0, 1.0)


def test_arrays_of_different_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="one shape"):
        frontier_membership(np.ones((2, 5)), np.ones((2, 4)), None, np.random.default_rng(1))
