from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from evalbench.core.completion import Failure, Usage
from evalbench.core.plan import Slot
from evalbench.runner.lane import Call, Lane, LaneSpec
from evalbench.runner.works import Work

BUSY = Failure("rate_limited", "slow down", retryable=True, is_overload=True)
BROKEN = Failure("server_error", "broken", retryable=True)
TOO_LARGE = Failure("error", "this item is too large")
REFUSED = Failure("refused_key", "the key was refused", concerns_all=True)
JOB: Any = None  # A lane hands jobs on without looking at them.


def make_lane(calls: int = 10, most: int = 4, clock: Callable[[], float] = time.monotonic) -> Lane:
    works = iter([(JOB, Work(Slot(0, 0, number, 0), bytes([number]))) for number in range(calls)])
    return Lane(LaneSpec("x", most, most), works, clock)


def item_of(call: Call | None) -> int | None:
    return None if call is None else call.work.slot.item


async def drained(lane: Lane) -> list[int | None]:
    found = []
    while (call := await lane.take()) is not None:
        found.append(item_of(call))
        lane.answered()
        lane.release()
    return found


def test_calls_leave_in_order_and_then_there_are_none() -> None:
    async def scene() -> list[int | None]:
        return await drained(make_lane(5))

    assert asyncio.run(scene()) == [0, 1, 2, 3, 4]


def test_a_call_that_waits_to_be_asked_again_holds_nobody_up() -> None:
    async def scene() -> list[int | None]:
        lane = make_lane(4, most=1)
        first = await lane.take()
        assert first is not None
        lane.failed(BROKEN, is_last=False)
        lane.later(first, 0.05)
        lane.release()
        return await drained(lane)

    assert asyncio.run(scene()) == [1, 2, 3, 0]


def test_a_worker_waits_for_a_place_and_gets_it() -> None:
    async def scene() -> tuple[bool, int | None]:
        lane = make_lane(3, most=1)
        await lane.take()
        second = asyncio.create_task(lane.take())
        await asyncio.sleep(0.01)
        had_to_wait = not second.done()
        lane.release()
        return had_to_wait, item_of(await second)

    assert asyncio.run(scene()) == (True, 1)


def test_a_call_that_is_due_waits_for_a_place_without_being_looked_at_again_and_again() -> None:
    readings = []

    def clock() -> float:
        readings.append(time.monotonic())
        return readings[-1]

    async def scene() -> tuple[int, int | None]:
        lane = make_lane(2, most=1, clock=clock)
        first = await lane.take()
        assert first is not None
        lane.later(first, 0.0)
        workers = [asyncio.create_task(lane.take()) for _ in range(3)]
        before = len(readings)
        await asyncio.sleep(0.05)
        looks = len(readings) - before
        lane.release()
        await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED)
        (taken,) = (worker.result() for worker in workers if worker.done())
        for worker in workers:
            worker.cancel()
        return looks, item_of(taken)

    assert asyncio.run(scene()) == (0, 0)


def test_who_refuses_everything_is_left_alone_until_it_said_to_come_back() -> None:
    async def scene() -> bool:
        lane = make_lane(3, most=1)
        first = await lane.take()
        assert first is not None
        lane.failed(BUSY, is_last=False)
        lane.later(first, 0.05)
        lane.release()
        return item_of(await lane.take()) == 0

    assert asyncio.run(scene())


def test_a_refused_key_gives_the_endpoint_up_after_two_calls() -> None:
    lane = make_lane()

    lane.failed(REFUSED, is_last=True)
    after_one = lane.stopped
    lane.failed(REFUSED, is_last=True)

    assert (after_one, lane.stopped) == (None, REFUSED)
    assert asyncio.run(lane.take()) is None


def test_an_endpoint_that_has_answered_gets_more_patience() -> None:
    lane = make_lane()
    lane.answered()

    for _ in range(4):
        lane.failed(REFUSED, is_last=True)

    assert lane.stopped is None


def test_an_endpoint_that_never_answers_is_given_up_after_a_few_items() -> None:
    lane = make_lane()

    for _ in range(5):
        lane.failed(BROKEN, is_last=True)

    assert lane.stopped == BROKEN


def test_an_answer_in_between_shows_that_it_lives() -> None:
    lane = make_lane()

    for number in range(100):
        lane.failed(BROKEN, is_last=True)
        if number % 4 == 3:
            lane.answered()

    assert lane.stopped is None


def test_items_that_fail_for_good_do_not_stop_an_endpoint_that_answers_others() -> None:
    lane = make_lane()
    lane.answered()

    for _ in range(100):
        lane.failed(TOO_LARGE, is_last=True)

    assert lane.stopped is None


def test_an_endpoint_where_every_item_fails_for_good_is_given_up_after_a_few_more() -> None:
    lane = make_lane()

    for _ in range(9):
        lane.failed(TOO_LARGE, is_last=True)
    after_nine = lane.stopped
    lane.failed(TOO_LARGE, is_last=True)

    assert (after_nine, lane.stopped) == (None, TOO_LARGE)


def test_calls_come_from_elsewhere_while_items_fail_for_good_and_none_was_answered() -> None:
    async def scene() -> list[int | None]:
        works = iter([(JOB, Work(Slot(0, 0, number, 0), bytes([number]))) for number in range(4)])
        others = iter([(JOB, Work(Slot(0, 0, number, 0), bytes([number]))) for number in (50, 25)])
        lane = Lane(LaneSpec("x", 1, 1), works, elsewhere=lambda: next(others, None))
        found = [item_of(await lane.take())]
        lane.failed(TOO_LARGE, is_last=True)
        lane.release()
        found.append(item_of(await lane.take()))
        lane.answered()
        lane.release()
        return [*found, *await drained(lane)]

    assert asyncio.run(scene()) == [0, 50, 1, 2, 3]


def test_what_failed_attempts_were_billed_for_adds_up() -> None:
    call = Call(JOB, Work(Slot(0, 0, 0, 0), b""), ready_s=0.0)

    call.lose(Failure("bad_reply", "cut", usage=Usage(10, 1), may_be_billed=True))
    call.lose(Failure("bad_reply", "cut", usage=Usage(10, 2), may_be_billed=True))
    call.lose(Failure("timeout", "late", may_be_billed=True))
    call.lose(BUSY)

    assert call.lost == Usage(20, 3)
    assert call.effort().unknown_bills == 1
