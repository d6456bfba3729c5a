"""An event loop on which waiting takes no time: its clock jumps to whatever is due next."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


class _Jumping(selectors.SelectSelector):
    """Where a loop would sleep, its clock moves on instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now_s += timeout or 0.0
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now_s


def play(scene: Coroutine[None, None, T]) -> T:
    """What the scene comes to, played on such a loop; for scenes that wait for nothing outside."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(scene)
