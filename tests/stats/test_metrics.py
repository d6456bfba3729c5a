from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from evalbench.stats.metrics import macro_f1, many, micro_f1


def test_f1_of_labels_agrees_with_sklearn() -> None:
    rng = np.random.default_rng(11)
    expected, found = rng.integers(0, 3, 200), rng.integers(0, 3, 200)
    sums = np.array(
        [
            count
            for label in range(3)
            for count in (
                ((expected == label) & (found == label)).sum(),
                ((expected != label) & (found == label)).sum(),
                ((expected == label) & (found != label)).sum(),
            )
        ],
        dtype=float,
    )

    assert macro_f1(sums) == pytest.approx(f1_score(expected, found, average="macro"))
    assert micro_f1(sums.reshape(3, 3).sum(axis=0)) == pytest.approx(
        f1_score(expected, found, average="micro")
    )


def test_a_class_that_never_occurs_is_left_out() -> None:
    assert macro_f1(np.array([4.0, 0.0, 0.0, 0.0, 0.0, 0.0])) == 1.0


def test_nothing_to_find_and_nothing_found_scores_zero() -> None:
    assert micro_f1(np.zeros(3)) == 0.0
    assert macro_f1(np.zeros(6)) == 0.0


def test_many_sums_at_once_are_the_same_as_one_by_one() -> None:
    sums = np.random.default_rng(2).integers(0, 5, (7, 6)).astype(float)

    assert many(macro_f1, sums).tolist() == [macro_f1(row) for row in sums]
