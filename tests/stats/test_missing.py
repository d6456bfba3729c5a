from __future__ import annotations

import numpy as np
import pytest

from evalbench.stats.missing import losses_to_fail, missing_range
from evalbench.stats.paired import paired_test

CLOSE = np.repeat([1.0, -1.0, 0.0], [12, 10, 278])


def test_the_range_runs_from_all_lost_to_all_won() -> None:
    assert missing_range(np.array([1.0, 0.0, 0.0]), 1) == (0.0, 0.5)


def test_the_range_of_nothing_known_is_everything() -> None:
    assert missing_range(np.zeros(0), 4) == (-1.0, 1.0)


def test_the_tipping_point_is_the_first_loss_too_many() -> None:
    found = losses_to_fail(CLOSE, 12, 0.05, 0.05)

    assert found is not None

    def p_value(lost: int) -> float:
        return paired_test(np.r_[CLOSE, np.zeros(12 - lost), -np.ones(lost)], 0.05, 0.05).p_value

    assert p_value(found - 1) <= 0.05 < p_value(found)


def test_a_few_missing_pairs_may_not_matter() -> None:
    assert losses_to_fail(CLOSE, 1, 0.05, 0.05) is None


def test_what_fails_anyhow_needs_no_loss() -> None:
    assert losses_to_fail(np.repeat([-1.0, 0.0], [30, 70]), 5, 0.05, 0.05) == 0


def test_missing_pairs_of_one_cluster_weigh_more() -> None:
    clusters = np.r_[np.arange(300) // 3, np.full(12, 1000)]

    alone, together = losses_to_fail(CLOSE, 12, 0.05, 0.05), losses_to_fail(CLOSE, 12, 0.05, 0.05, clusters)

    assert alone is not None
    assert together is not None
    assert together <= alone


def test_nothing_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="missing"):
        missing_range(np.zeros(0), 0)
