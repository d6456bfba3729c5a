"""How often any of several looks recommends a tier that is exactly as bad as is not allowed any more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import binom

from evalbench.advice.looks import allowance
from evalbench.core.looks import Look, LookPlan, Looks, Spending
from evalbench.stats.paired import paired_evidence
from tests.build import make_task

RUNS = 2000
MOST = int(binom.ppf(0.999, RUNS, 1.25 * 0.05))


def wrong(plan: LookPlan | None, sizes: Sequence[int]) -> int:
    """Of all runs, those in which one of the looks passes a tier that loses 5 points in truth."""
    task = make_task(looks=plan)
    taken = [
        Look(f"r{number}", "2026-11-25T00:00:00Z", number, size, "d", "g", 1, 0.05, 0.95, plan)
        for number, size in enumerate(sizes, start=1)
    ]
    allowed = [
        allowance(task, Looks(place + 1, tuple(taken[:place])), size, 1) for place, size in enumerate(sizes)
    ]
    rng = np.random.default_rng(11)
    differences = rng.choice([1.0, 0.0, -1.0], (RUNS, sizes[-1]), p=[0.025, 0.9, 0.075])
    return sum(
        any(
            each.bar is None and paired_evidence(row[:size]).p_value(0.05) <= each.used
            for each, size in zip(allowed, sizes, strict=True)
        )
        for row in differences
    )


@pytest.mark.parametrize(
    ("plan", "sizes"),
    [
        (LookPlan(planned=3), (200, 400, 1000)),
        (LookPlan(items=1000), (200, 400, 600, 800, 1000)),
        (LookPlan(items=1000, spending=Spending.POCOCK), (200, 400, 600, 800, 1000)),
    ],
)
def test_planned_looks_together_are_wrong_no_more_often_than_a_single_one(
    plan: LookPlan, sizes: Sequence[int]
) -> None:
    assert wrong(plan, sizes) <= MOST


def test_looks_that_each_take_the_whole_risk_are_wrong_more_often() -> None:
    assert wrong(None, (200, 400, 1000)) > MOST
