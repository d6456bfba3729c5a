from __future__ import annotations

import numpy as np
import pytest

from evalbench.stats.bootstrap import bootstrap_differences, bootstrap_interval
from evalbench.stats.clusters import Floats
from evalbench.stats.jackknife import corpus_evidence
from evalbench.stats.metrics import micro_f1


def drawn(seed: int) -> tuple[Floats, Floats]:
    own, other = np.random.default_rng(seed).integers(0, 4, (2, 200, 3)).astype(float)
    return own, other


def test_the_bootstrap_agrees_with_the_jackknife_where_there_is_plenty() -> None:
    own, other = drawn(19)
    clusters = np.arange(200) // 2

    for labels in (None, clusters):
        found = bootstrap_differences(own, other, micro_f1, np.random.default_rng(20), labels, 4000)
        expected = corpus_evidence(own, other, micro_f1, labels).standard_error
        assert found.std(ddof=1) == pytest.approx(expected, rel=0.08)


def test_the_interval_holds_the_middle_of_the_resamples() -> None:
    found = bootstrap_interval(np.arange(1001) / 1000, 0.5, level=0.9)

    assert (found.value, found.method) == (0.5, "bootstrap")
    assert (found.low, found.high) == pytest.approx((0.05, 0.95))


def test_too_many_units_are_left_to_the_jackknife() -> None:
    rows = np.zeros((10_001, 3))

    with pytest.raises(ValueError, match="jackknife"):
        bootstrap_differences(rows, rows, micro_f1, np.random.default_rng(1))


def test_rows_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="one shape"):
        bootstrap_differences(np.zeros((3, 3)), np.zeros((4, 3)), micro_f1, np.random.default_rng(1))
