from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from evalbench.core.completion import Completion, Usage
from evalbench.core.evalset import Message, Prompt
from evalbench.core.models import Model
from evalbench.core.plan import Request
from evalbench.runner.pacing import Pacing
from tests.runner.virtual_time import play

OPEN_ENDED = Request("t", "i", "small", Model("x"), Prompt("hi", (Message("user", "word" * 10),)))
FIRST_S = 0.05


async def granted() -> bool:
    return True


async def refused() -> bool:
    return False


async def is_waiting(turn: Awaitable[object]) -> bool:
    task = asyncio.ensure_future(turn)
    await asyncio.sleep(FIRST_S)
    waits = not task.done()
    task.cancel()
    return waits


def played(scene: Callable[[], Awaitable[bool]]) -> bool:
    async def play() -> bool:
        return await scene()

    return asyncio.run(play())


def test_answers_of_any_length_are_taken_to_be_as_long_as_the_last_ones() -> None:
    async def scene() -> bool:
        pacing = Pacing(None, 60_000, clock=lambda: 100.0)
        _, first = await pacing.turn(OPEN_ENDED, granted)
        pacing.settle(first, OPEN_ENDED, Completion("", usage=Usage(10, 490)))
        assert first is not None
        before = first.tokens
        _, second = await pacing.turn(OPEN_ENDED, granted)
        return before == 500 and second is not None and second.tokens == 500

    assert played(scene)


def test_a_call_that_waits_is_looked_at_again_when_others_took_more_than_was_thought() -> None:
    async def scene() -> bool:
        now_s = [100.0]
        pacing = Pacing(None, 6_000, clock=lambda: now_s[0])
        _, first = await pacing.turn(OPEN_ENDED, granted)
        second = asyncio.ensure_future(pacing.turn(OPEN_ENDED, granted))
        await asyncio.sleep(FIRST_S)
        pacing.settle(first, OPEN_ENDED, Completion("", usage=Usage(10, 5_990)))
        now_s[0] += 10.0
        pacing.settle(first, OPEN_ENDED, Completion("", usage=Usage(10, 5_990)))
        return await is_waiting(second)

    assert played(scene)


def test_a_call_that_waits_leaves_early_when_others_took_less_than_was_thought() -> None:
    async def scene() -> bool:
        pacing = Pacing(None, 300, clock=lambda: 100.0)
        _, first = await pacing.turn(OPEN_ENDED, granted)
        second = asyncio.ensure_future(pacing.turn(OPEN_ENDED, granted))
        await asyncio.sleep(FIRST_S)
        waited = not second.done()
        pacing.settle(first, OPEN_ENDED, Completion("", usage=Usage(1, 1)))
        is_claimed, _ = await asyncio.wait_for(second, 5.0)
        return waited and is_claimed

    assert played(scene)


def test_calls_leave_in_the_order_in_which_they_came_and_no_faster_than_allowed() -> None:
    async def scene() -> tuple[bool, int, float]:
        left: list[tuple[int, float]] = []
        pacing = Pacing(60, None, asyncio.get_running_loop().time)

        async def leave(number: int) -> None:
            _, place = await pacing.turn(OPEN_ENDED, granted)
            assert place is not None
            left.append((number, place.left_s))

        await asyncio.gather(*(leave(number) for number in range(90)))
        times_s = [time for _, time in left]
        most = max(sum(begin <= time <= begin + 60 for time in times_s) for begin in times_s)
        is_in_order = [number for number, _ in left] == list(range(90))
        return is_in_order, most, times_s[-1] - times_s[0]

    is_in_order, most, took_s = play(scene())

    assert is_in_order
    assert most <= 60
    assert 85 < took_s < 95


def test_nobody_waits_for_a_turn_once_nobody_leaves_any_more() -> None:
    async def scene() -> bool:
        pacing = Pacing(1, None, clock=lambda: 100.0)
        await pacing.turn(OPEN_ENDED, granted)
        waiting = [asyncio.ensure_future(pacing.turn(OPEN_ENDED, granted)) for _ in range(3)]
        await asyncio.sleep(FIRST_S)
        pacing.close()
        return await asyncio.wait_for(asyncio.gather(*waiting), 5.0) == [(False, None)] * 3

    assert played(scene)


def test_what_could_not_be_claimed_takes_no_place() -> None:
    async def scene() -> bool:
        pacing = Pacing(1, None, clock=lambda: 100.0)
        was_refused = await pacing.turn(OPEN_ENDED, refused)
        is_claimed, place = await pacing.turn(OPEN_ENDED, granted)
        return was_refused == (False, None) and is_claimed and place is not None

    assert played(scene)
