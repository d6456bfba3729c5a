from __future__ import annotations

import asyncio
import time

from evalbench.runner.event_loop import run_promptly


def compute(seconds: float) -> None:
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        pass


async def computing() -> str:
    for _ in range(12):
        compute(0.03)
        await asyncio.sleep(0.001)
    return "done"


def test_a_loop_that_is_kept_busy_says_how_late_it_was() -> None:
    done, lateness = run_promptly(computing())

    assert done == "done"
    assert lateness.mean_s > 0.002
