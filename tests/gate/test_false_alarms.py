"""Whole checks on simulated runs whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from evalbench.core.baseline import GateVerdict
from tests.gate.records import guarded, only

SIZES = (50, 100, 200, 500, 1000)
PAIRS = 400
MOST_ALARMS = 11
"""Of 400 at 1 % four are expected; more than eleven would be seen once in a thousand times."""


def pair(rng: np.random.Generator, items: int, group: int) -> tuple[list[float], list[float], list[int]]:
    """Two runs of one set-up: items differ in difficulty, and groups share what a run makes of them."""
    labels = np.arange(items) // group
    difficulty = rng.normal(size=items)

    def run() -> list[float]:
        shared = rng.normal(size=labels[-1] + 1)[labels] if group > 1 else rng.normal(size=items)
        right = difficulty + 0.8 * shared + 0.3 * rng.normal(size=items) > -1
        found: list[float] = right.astype(float).tolist()
        return found

    return run(), run(), labels.tolist()


@pytest.mark.parametrize("group", [1, 10])
def test_checks_with_nothing_changed_hardly_ever_fail(group: int) -> None:
    alarms = 0
    for number in range(PAIRS):
        rng = np.random.default_rng([group, number])
        before, after, groups = pair(rng, SIZES[number % len(SIZES)], group)
        line = only(guarded(before, after, groups=groups if group > 1 else None, name=f"t{number}"))
        alarms += line.verdict is GateVerdict.FAIL

    assert alarms <= MOST_ALARMS


def test_without_its_groups_the_same_check_would_cry_wolf() -> None:
    alarms = 0
    for number in range(PAIRS):
        before, after, _ = pair(np.random.default_rng([10, number]), SIZES[number % len(SIZES)], 10)
        alarms += only(guarded(before, after)).verdict is GateVerdict.FAIL

    assert alarms > MOST_ALARMS


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_a_real_drop_of_ten_points_is_caught(noise: float) -> None:
    """The new run loses 10 % of the items, beside those that differ either way by chance."""
    caught = 0
    for number in range(PAIRS):
        rng = np.random.default_rng([int(noise * 100), number])
        draw = rng.random(200)
        before = np.where(draw < 0.10 + noise / 2, 1.0, (rng.random(200) < 0.85).astype(float))
        before = np.where((draw >= 0.10 + noise / 2) & (draw < 0.10 + noise), 0.0, before)
        after = np.where(draw < 0.10 + noise, 1.0 - before, before)
        caught += only(guarded(before.tolist(), after.tolist())).verdict is GateVerdict.FAIL

    assert caught >= 0.85 * PAIRS
