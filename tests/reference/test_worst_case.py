"""How often the score test errs at worst, on 0/1 scores with the truth exactly at the margin.

Provenance: exact enumeration by an independent implementation, without simulation, to three digits,
over truths in which the tiers differ on up to about 70 % of the items.
"""

from __future__ import annotations

import pytest

from benchmarks.calibration.worst import worst_error


@pytest.mark.parametrize(
    ("margin", "items", "error"),
    [
        (0.02, 20, 0.049),
        (0.02, 50, 0.056),
        (0.02, 100, 0.051),
        (0.02, 400, 0.050),
        (0.05, 20, 0.055),
        (0.05, 50, 0.050),
        (0.05, 100, 0.050),
        (0.05, 400, 0.050),
        (0.10, 20, 0.050),
        (0.10, 100, 0.058),
        (0.10, 400, 0.052),
    ],
)
def test_the_worst_error_of_the_score_test_reproduces_its_table(
    margin: float, items: int, error: float
) -> None:
    assert worst_error(margin, items, 0.05, most_differing=0.7) == pytest.approx(error, abs=6e-4)


@pytest.mark.parametrize(
    ("margin", "alpha", "items"), [(0.05, 0.05, 53), (0.05, 0.10, 33), (0.02, 0.10, 82), (0.10, 0.05, 26)]
)
def test_where_identical_outputs_just_pass_the_worst_truth_is_losses_alone(
    margin: float, alpha: float, items: int
) -> None:
    unseen = (1 - margin) ** items

    assert worst_error(margin, items, alpha) == pytest.approx(unseen, rel=0.05)
    assert worst_error(margin, items - 1, alpha) < unseen
