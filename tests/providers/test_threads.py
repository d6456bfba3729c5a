from __future__ import annotations

import asyncio
import threading
import time
from itertools import pairwise

import pytest

from evalbench.providers.threads import Threads


def test_work_is_done_outside_the_main_thread() -> None:
    async def main() -> str:
        found = await Threads(1).do(lambda: threading.current_thread().name)
        return str(found)

    assert asyncio.run(main()) == "evalbench-answer"


def test_an_exception_reaches_whoever_asked() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(Threads(1).do(broken))


def test_a_thread_that_never_returns_is_replaced_after_its_deadline() -> None:
    release = threading.Event()

    async def main() -> object:
        threads = Threads(1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await threads.do(lambda: release.wait(10))
        async with asyncio.timeout(5):
            return await threads.do(lambda: "still answering")

    try:
        assert asyncio.run(main()) == "still answering"
    finally:
        release.set()


def test_one_thread_does_one_thing_at_a_time() -> None:
    spans: list[tuple[float, float]] = []

    def work() -> None:
        start = time.perf_counter()
        time.sleep(0.01)
        spans.append((start, time.perf_counter()))

    async def main() -> None:
        threads = Threads(1)
        await asyncio.gather(*(threads.do(work) for _ in range(5)))

    asyncio.run(main())

    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))
