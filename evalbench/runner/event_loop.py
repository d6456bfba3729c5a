"""Run the calls of a run in the fastest event loop there is, and measure how late it is itself."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_SWITCH_S = 0.0005
_LOOKED_AT_S = 0.02

Result = TypeVar("Result")


class Lateness:
    """How long whatever is due has to wait for its turn, in seconds, on the average over a run.

    A call waits so twice, to leave and to be read, and its own clock runs meanwhile.
    """

    def __init__(self) -> None:
        self._total_s = 0.0
        self._looks = 0

    @property
    def mean_s(self) -> float:
        """The mean wait; 0 before the first look."""
        return self._total_s / self._looks if self._looks else 0.0

    async def watch(self) -> None:
        """Look now and then, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + _LOOKED_AT_S
            await asyncio.sleep(_LOOKED_AT_S)
            self._total_s += max(0.0, loop.time() - due_s)
            self._looks += 1


def run_promptly(work: Coroutine[Any, Any, Result]) -> tuple[Result, Lateness]:
    """Run to the end, with threads that give way at once; also how late the loop was."""
    usual_s = sys.getswitchinterval()
    # The thread that stores answers must not make the one that times them wait.
    sys.setswitchinterval(_SWITCH_S)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(_watched(work))
    finally:
        sys.setswitchinterval(usual_s)


async def _watched(work: Coroutine[Any, Any, Result]) -> tuple[Result, Lateness]:
    lateness = Lateness()
    watching = asyncio.create_task(lateness.watch())
    try:
        return await work, lateness
    finally:
        watching.cancel()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The faster event loop where it is installed, otherwise the standard one."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    import uvloop

    return uvloop.new_event_loop
