from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from evalbench.stats.multiple import benjamini_hochberg, fixed_sequence, holm

P_VALUES = [list(np.random.default_rng(seed).random(6) ** 3) for seed in range(5)]


@pytest.mark.parametrize("p_values", P_VALUES)
def test_holm_agrees_with_statsmodels(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(tuple(multipletests(p_values, method="holm")[1]))


@pytest.mark.parametrize("p_values", P_VALUES)
def test_benjamini_hochberg_agrees_with_statsmodels(p_values: list[float]) -> None:
    assert benjamini_hochberg(p_values) == pytest.approx(tuple(multipletests(p_values, method="fdr_bh")[1]))


def test_a_failure_blocks_all_that_follow() -> None:
    assert fixed_sequence((0.01, 0.6, 0.001)) == (0.01, 0.6, 0.6)


def test_no_tests_need_no_adjustment() -> None:
    assert (holm(()), benjamini_hochberg(()), fixed_sequence(())) == ((), (), ())
