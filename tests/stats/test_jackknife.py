from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from evalbench.stats.clusters import Floats
from evalbench.stats.jackknife import corpus_evidence, corpus_interval
from evalbench.stats.metrics import macro_f1, micro_f1


def counts(items: int, seed: int = 5) -> NDArray[np.float64]:
    return np.random.default_rng(seed).integers(0, 4, (items, 3)).astype(float)


def share_right(sums: Floats) -> float:
    return float(sums[0] / sums[1])


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    right = np.repeat([1.0, 0.0], [30, 20])
    rows = np.column_stack([right, np.ones(50)])

    found = corpus_interval(rows, share_right)

    half = 2.009575 * right.std(ddof=1) / math.sqrt(50)  # the 97.5 % quantile of t, 49 degrees of freedom
    assert found.method == "jackknife"
    assert (found.low, found.high) == pytest.approx((0.6 - half, 0.6 + half), rel=1e-6)


def test_clusters_are_left_out_whole() -> None:
    rows = counts(60)

    together = corpus_interval(np.repeat(rows, 5, axis=0), micro_f1, clusters=np.repeat(np.arange(60), 5))
    alone = corpus_interval(rows, micro_f1)

    assert together.count == alone.count == 60
    assert (together.low, together.high) == pytest.approx((alone.low, alone.high))


def test_a_single_item_has_no_interval() -> None:
    found = corpus_interval(counts(1), micro_f1)

    assert (found.low, found.high) == (None, None)


def test_any_function_of_sums_is_treated_like_the_built_in_one() -> None:
    own, other = counts(50), counts(50, seed=6)

    def by_hand(sums: Floats) -> float:
        return micro_f1(sums)

    assert corpus_evidence(own, other, by_hand) == corpus_evidence(own, other, micro_f1)


def test_few_differing_items_are_not_trusted_with_a_small_spread() -> None:
    rows = np.tile([4.0, 1.0, 1.0], (60, 1))

    found = corpus_evidence(rows, rows, micro_f1)

    assert found.standard_error == 0.0
    assert found.guarded_error(0.05) == pytest.approx(math.sqrt(0.05 * 0.95 / 59))
    assert found.p_value(0.05) > 0.04


def test_clusters_lost_whole_are_charged_for_by_the_cluster() -> None:
    rows, clusters = np.tile([2.0, 0.0, 0.0], (200, 1)), np.arange(200) // 5
    silent = rows.copy()
    silent[:5] = [0.0, 0.0, 2.0]

    found = corpus_evidence(silent, rows, micro_f1, clusters)

    assert found.inflation == pytest.approx(5, rel=0.05)
    assert found.guarded_error(0.05) == pytest.approx(math.sqrt(found.inflation * 0.05 * 0.95 / 199))
    assert found.p_value(0.05) > 0.1


def test_identical_summands_in_clusters_count_as_one_a_cluster() -> None:
    rows = np.tile([4.0, 1.0, 1.0], (500, 1))

    found = corpus_evidence(rows, rows, micro_f1, np.arange(500) // 10)

    assert found.guarded_error(0.05) == pytest.approx(math.sqrt(10 * 0.05 * 0.95 / 499))
    assert found.p_value(0.05) == pytest.approx(0.0558, abs=5e-5)


def test_lost_items_pull_the_difference_down() -> None:
    found = corpus_evidence(counts(90), counts(90), micro_f1).with_losses(10)

    assert found.items == 100
    assert found.difference == pytest.approx(-0.1)
    assert found.standard_error == pytest.approx(0.03, rel=1e-6)


def test_macro_f1_uses_the_counts_of_every_class() -> None:
    rows = np.hstack([counts(40), counts(40, seed=8)])

    found = corpus_interval(rows, macro_f1)

    assert found.value == pytest.approx((micro_f1(rows[:, :3].sum(0)) + micro_f1(rows[:, 3:].sum(0))) / 2)


def test_gaps_are_refused() -> None:
    rows = counts(5)
    rows[2, 0] = math.nan

    with pytest.raises(ValueError, match="without gaps"):
        corpus_interval(rows, micro_f1)
