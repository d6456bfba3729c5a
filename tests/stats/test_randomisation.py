from __future__ import annotations

import numpy as np
import pytest

from evalbench.stats.metrics import micro_f1
from evalbench.stats.randomisation import sign_flip_p, swap_p


def seeded() -> np.random.Generator:
    return np.random.default_rng(17)


def test_the_same_seed_gives_the_same_p_value() -> None:
    differences = np.random.default_rng(1).normal(-0.02, 0.2, 200).clip(-1, 1)

    assert sign_flip_p(differences, seeded()) == sign_flip_p(differences, seeded())


def test_unchanged_scores_seldom_look_worse() -> None:
    rng = np.random.default_rng(18)
    p_values = [sign_flip_p(rng.normal(0, 0.2, 40).clip(-1, 1), rng, flips=499) for _ in range(400)]

    assert sum(p <= 0.05 for p in p_values) <= 36  # 5 % of 400, and nearly four standard deviations


def test_a_drop_in_whole_clusters_counts_once_a_cluster() -> None:
    differences = np.repeat([-1.0, 0.0], [20, 180])

    alone = sign_flip_p(differences, seeded())
    together = sign_flip_p(differences, seeded(), np.arange(200) // 10)

    assert alone < 0.001
    assert together == 0.25


def test_a_gain_is_no_drop() -> None:
    assert sign_flip_p(np.full(10, 0.2), seeded()) == 1.0


def test_equal_summands_are_no_drop() -> None:
    rows = np.random.default_rng(2).integers(0, 3, (30, 3)).astype(float)

    assert swap_p(rows, rows, micro_f1, seeded()) == 1.0


def test_a_clear_drop_of_a_corpus_metric_is_seen_with_clusters_or_without() -> None:
    good, bad = np.tile([4.0, 0.0, 1.0], (60, 1)), np.tile([2.0, 2.0, 3.0], (60, 1))

    assert swap_p(bad, good, micro_f1, seeded(), flips=999) == pytest.approx(0.001)
    assert swap_p(bad, good, micro_f1, seeded(), np.arange(60) // 3, flips=999) == pytest.approx(0.001)
