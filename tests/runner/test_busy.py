from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalbench.runner.busy import BusyMeter


def test_two_calls_at_once_share_the_time_they_overlap() -> None:
    meter = BusyMeter()

    first = meter.enter(0.0)
    second = meter.enter(1.0)
    share_of_first = meter.leave(first, 3.0)
    share_of_second = meter.leave(second, 4.0)

    assert (share_of_first, share_of_second) == (2.0, 2.0)


def test_idle_time_between_calls_costs_nothing() -> None:
    meter = BusyMeter()
    meter.leave(meter.enter(0.0), 1.0)

    share = meter.leave(meter.enter(10.0), 11.0)

    assert share == 1.0


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0.01, 50)), min_size=1, max_size=20))
def test_all_shares_add_up_to_the_time_anything_was_under_way(calls: list[tuple[float, float]]) -> None:
    spans = [(start, start + length) for start, length in calls]
    events = sorted(
        [(start, 1, number) for number, (start, _) in enumerate(spans)]
        + [(end, 0, number) for number, (_, end) in enumerate(spans)]
    )
    meter = BusyMeter()
    marks: dict[int, float] = {}
    total = 0.0

    for moment, is_start, number in events:
        if is_start:
            marks[number] = meter.enter(moment)
        else:
            total += meter.leave(marks[number], moment)

    assert total == pytest.approx(union_length(spans), rel=1e-6, abs=1e-6)


def union_length(spans: list[tuple[float, float]]) -> float:
    total, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total
