"""The spend cap: the worst case is reserved before each call, so it holds under any concurrency."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Budget:
    """What may still be spent. `cap_usd` is None where there is no cap.

    `reserved_usd` is held by calls under way; `spent_usd` is what finished calls have cost.
    """

    cap_usd: float | None
    spent_usd: float = 0.0
    reserved_usd: float = 0.0
    calls_under_way: int = 0

    def reserve(self, ceiling_usd: float) -> bool:
        """Set the worst case of a call aside; False, and nothing set aside, when it does not fit."""
        if self.cap_usd is not None and self.spent_usd + self.reserved_usd + ceiling_usd > self.cap_usd:
            return False
        self.reserved_usd += ceiling_usd
        self.calls_under_way += 1
        return True

    def settle(self, ceiling_usd: float, cost_usd: float | None) -> None:
        """Replace a reservation by what the call cost; an unknown cost counts as its worst case."""
        self.calls_under_way -= 1
        self.reserved_usd = self.reserved_usd - ceiling_usd if self.calls_under_way else 0.0
        self.spent_usd += ceiling_usd if cost_usd is None else cost_usd
