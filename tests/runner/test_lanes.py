from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from evalbench.core.completion import Failure
from evalbench.core.plan import Slot
from evalbench.runner.calls import Calls
from evalbench.runner.lane import LaneSpec
from evalbench.runner.lanes import lanes_of
from evalbench.runner.plan import TaskWork, plan_task
from tests.runner.test_plan import make_job, none_stored

TEXTS = [str(number) for number in range(16)]
TOO_LARGE = Failure("error", "too large")


def make_work(failed: Mapping[Slot, Failure] | None = None) -> TaskWork:
    return plan_task(make_job(TEXTS), none_stored, set(), failed=failed)


def together(small: LaneSpec, large: LaneSpec) -> LaneSpec:
    (lane,) = lanes_of([make_work()], lambda _, tier: small if tier == "small" else large)
    return lane.spec


@pytest.mark.parametrize(
    ("small", "large", "expected"),
    [
        (LaneSpec("x", 32, 8), LaneSpec("x", 2, 2, is_stated=True), (2, 2)),
        (LaneSpec("x", 2, 2, is_stated=True), LaneSpec("x", 32, 8), (2, 2)),
        (LaneSpec("x", 16, 16, is_stated=True), LaneSpec("x", 4, 4, is_stated=True), (4, 4)),
        (LaneSpec("x", 8, 8), LaneSpec("x", 32, 8), (32, 8)),
    ],
)
def test_the_fewest_calls_at_once_that_a_tier_states_hold_for_its_endpoint(
    small: LaneSpec, large: LaneSpec, expected: tuple[int, int]
) -> None:
    spec = together(small, large)

    assert (spec.most, spec.start) == expected


def test_the_smallest_limits_a_minute_that_tiers_state_hold_for_their_endpoint() -> None:
    plain = LaneSpec("x", 4, 4)
    slow = replace(plain, requests_per_minute=60, tokens_per_minute=9_000)
    slower = replace(plain, requests_per_minute=90, tokens_per_minute=500)

    for pair in ((slow, slower), (slower, slow)):
        spec = together(*pair)
        assert (spec.requests_per_minute, spec.tokens_per_minute) == (60, 500)
    for pair in ((plain, slow), (slow, plain)):
        spec = together(*pair)
        assert (spec.requests_per_minute, spec.tokens_per_minute) == (60, 9_000)


def places(calls: Calls) -> list[int]:
    return [work.slot.item for _, work in calls]


def test_calls_are_drawn_from_all_over_the_set_and_come_once() -> None:
    calls = Calls([(make_work(), {0})])
    in_order = iter(calls)
    next(in_order)

    drawn = [found[1].slot.item for _ in range(3) if (found := calls.elsewhere()) is not None]

    assert drawn == [8, 4, 12]
    assert [work.slot.item for _, work in in_order] == [1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15]
    assert calls.elsewhere() is None


def test_what_failed_for_good_before_is_not_drawn() -> None:
    failed = {Slot(0, 0, item, 0): TOO_LARGE for item in range(2, 16)}
    calls = Calls([(make_work(failed), {0})])

    drawn = [calls.elsewhere() for _ in range(3)]

    assert sorted(found[1].slot.item for found in drawn if found is not None) == [0, 1]


def test_calls_are_drawn_from_every_task_of_the_endpoint() -> None:
    second = plan_task(replace(make_job([f"other {text}" for text in TEXTS]), position=1), none_stored, set())
    calls = Calls([(make_work(), {0, 1}), (second, {0, 1})])

    tasks = {found[1].slot.task for _ in range(4) if (found := calls.elsewhere()) is not None}

    assert tasks == {0, 1}


def test_what_failed_for_good_is_asked_last() -> None:
    failed = {Slot(0, 0, 1, 0): TOO_LARGE, Slot(0, 1, 2, 0): Failure("timeout", "late", retryable=True)}
    work = plan_task(make_job(("a", "b", "c")), none_stored, set(), failed=failed)

    assert [(each.slot.item, each.slot.tier) for each in work.pending] == [
        (0, 0), (0, 1), (1, 1), (2, 0), (2, 1), (1, 0),
    ]  # fmt: skip
