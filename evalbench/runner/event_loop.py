"""Run the calls of a run in the fastest event loop there is, disturbed by no thread for long."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_SWITCH_S = 0.0005

Result = TypeVar("Result")


def run_promptly(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end, with threads that give way at once."""
    usual_s = sys.getswitchinterval()
    # The thread that stores answers must not make the one that times them wait.
    sys.setswitchinterval(_SWITCH_S)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(work)
    finally:
        sys.setswitchinterval(usual_s)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The faster event loop where it is installed, otherwise the standard one."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    import uvloop

    return uvloop.new_event_loop
