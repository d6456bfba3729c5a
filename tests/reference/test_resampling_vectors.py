"""Sign flips, swaps and bootstraps against counted and published numbers.

Provenance: sign flips by counting all patterns by hand; the F1 table by an independent
implementation (resampled figures to 0.001, with other seeds); corpus metrics by sacrebleu.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import permutation_test

from evalbench.stats.bootstrap import bootstrap_differences
from evalbench.stats.metrics import micro_f1
from evalbench.stats.randomisation import sign_flip_p, swap_p

GRADED = (-0.2, -0.1, -0.3, 0.1, -0.4, -0.2)


@pytest.mark.parametrize(
    ("differences", "clusters", "p_value"),
    [  # T14
        ((1, -1, -1, -1, 0, -1), None, 0.1875),
        ((0, 0, 0), None, 1),
        (GRADED, None, 0.046875),
        (GRADED, ("a", "a", "b", "b", "c", "c"), 0.125),
    ],
)
def test_exact_sign_flips_reproduce_their_table(
    differences: tuple[float, ...], clusters: tuple[str, ...] | None, p_value: float
) -> None:
    labels = None if clusters is None else np.array(clusters)

    found = sign_flip_p(np.array(differences, dtype=float), np.random.default_rng(1), labels)

    assert found == pytest.approx(p_value, rel=5e-6)


def test_drawn_sign_flips_come_close_to_all_of_them() -> None:
    differences = np.random.default_rng(2).normal(-0.1, 0.3, 16).clip(-1, 1)
    patterns = np.array(list(product((-1, 1), repeat=16)))

    found = sign_flip_p(differences, np.random.default_rng(3))

    exact = (patterns @ np.abs(differences) <= differences.sum() + 1e-12).mean()
    assert found == pytest.approx(exact, abs=0.01)


def test_sign_flips_agree_with_scipy() -> None:
    differences = np.random.default_rng(5).normal(-0.05, 0.2, 12).clip(-1, 1)

    expected = permutation_test(
        (differences, np.zeros(12)),
        lambda x, y, axis: (x - y).mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=np.inf,
        alternative="less",
    )
    assert sign_flip_p(differences, np.random.default_rng(1)) == pytest.approx(float(expected.pvalue))


def counted() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    candidate = [(3, 1, 0), (2, 0, 1), (1, 1, 1), (0, 1, 2), (4, 0, 0), (2, 1, 1)] * 5  # T16
    reference = [(3, 0, 0), (2, 1, 1), (2, 0, 0), (1, 0, 1), (4, 1, 0), (2, 0, 1)] * 5
    return np.array(candidate, dtype=float), np.array(reference, dtype=float)


def test_the_bootstrap_of_micro_f1_reproduces_its_standard_error() -> None:
    own, other = counted()

    found = bootstrap_differences(own, other, micro_f1, np.random.default_rng(6), resamples=20_000)

    assert found.std(ddof=1) == pytest.approx(0.044, abs=0.001)


def test_swaps_find_the_drop_of_micro_f1_as_unlikely_as_the_jackknife_does() -> None:
    own, other = counted()

    found = swap_p(own, other, micro_f1, np.random.default_rng(7))

    # 0.121212 in standard errors of 0.0444265, with 29 degrees of freedom, is p = 0.0053.
    assert found == pytest.approx(0.0053, abs=0.01)
