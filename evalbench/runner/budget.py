"""The spend cap: the worst case is reserved before each call, so it holds under any concurrency."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass(slots=True)
class Budget:
    """What may still be spent. `cap_usd` is None where there is no cap.

    `reserved_usd` is held by calls under way; `spent_usd` is what finished calls have cost.
    """

    cap_usd: float | None
    spent_usd: float = 0.0
    reserved_usd: float = 0.0
    calls_under_way: int = 0
    is_closed: bool = False
    _waiting: list[asyncio.Future[None]] = field(default_factory=list)

    def reserve(self, ceiling_usd: float) -> bool:
        """Set the worst case of a call aside; False, and nothing set aside, when it does not fit."""
        if self.cap_usd is not None and self.spent_usd + self.reserved_usd + ceiling_usd > self.cap_usd:
            return False
        self.reserved_usd += ceiling_usd
        self.calls_under_way += 1
        return True

    async def claim(self, ceiling_usd: float) -> bool:
        """Reserve, and while other calls are under way wait for what they turn out to cost."""
        while not self.is_closed:
            if self.reserve(ceiling_usd):
                return True
            if not self.calls_under_way:
                return False
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            await waiter
        return False

    def settle(self, ceiling_usd: float, cost_usd: float | None) -> None:
        """Replace a reservation by what the call cost; an unknown cost counts as its worst case."""
        self.calls_under_way -= 1
        self.reserved_usd = self.reserved_usd - ceiling_usd if self.calls_under_way else 0.0
        self.spent_usd += ceiling_usd if cost_usd is None else cost_usd
        self._wake()

    def close(self) -> None:
        """Let nobody wait any longer: no further call will be made."""
        self.is_closed = True
        self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)
