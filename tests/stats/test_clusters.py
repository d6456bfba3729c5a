from __future__ import annotations

import math

import numpy as np
import pytest

from evalbench.stats.clusters import grouping, mean_variance


def test_labels_that_all_differ_are_no_clusters() -> None:
    assert grouping(np.array(["a", "b", "c"]), 3) is None


def test_text_labels_are_grouped_like_numbers() -> None:
    words = grouping(np.array(["x", "y", "x", "x"]), 4)
    numbers = grouping(np.array([7, 9, 7, 7]), 4)

    assert words is not None
    assert numbers is not None
    assert words.sizes.tolist() == numbers.sizes.tolist() == [3.0, 1.0]
    assert words.index.tolist() == numbers.index.tolist()


def test_far_apart_numbers_are_grouped_too() -> None:
    found = grouping(np.array([-5, 10**12, -5]), 3)

    assert found is not None
    assert found.sizes.tolist() == [2.0, 1.0]


def test_unequal_clusters_are_worth_fewer_equal_ones() -> None:
    found = grouping(np.repeat([0, 1], [30, 10]), 40)

    assert found is not None
    assert found.effective == pytest.approx(1600 / 1000)


def test_sums_of_rows_are_kept_apart_by_column() -> None:
    found = grouping(np.array([0, 1, 0]), 3)

    assert found is not None
    assert found.sums(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])).tolist() == [[6.0, 8.0], [3.0, 4.0]]


def test_one_cluster_has_no_known_variance() -> None:
    values = np.array([0.1, 0.5, 0.9])

    assert math.isnan(mean_variance(values, grouping(np.zeros(3), 3)))


def test_labels_for_other_items_are_refused() -> None:
    with pytest.raises(ValueError, match="one label per item"):
        grouping(np.zeros(4), 3)
