"""Busy time: how long an endpoint worked, shared fairly by the calls it worked on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class BusyMeter:
    """Splits the union of all calls' times among them: at each moment, equally.

    The shares of all calls add up to the time during which at least one was under way, which
    is what an hourly price is paid for. Times are seconds on any one monotonic clock. `last_s` is the
    share of the call that ended last, for those that are cut off and return nothing.
    """

    last_s: float = 0.0
    _share_s: float = 0.0
    _under_way: int = 0
    _since_s: float = 0.0

    def enter(self, now_s: float) -> float:
        """A call begins; returns the mark to hand to `leave`."""
        self._advance(now_s)
        self._under_way += 1
        return self._share_s

    def leave(self, mark: float, now_s: float) -> float:
        """The call that got `mark` ends; returns its share of busy time in seconds."""
        self._advance(now_s)
        self._under_way -= 1
        self.last_s = self._share_s - mark
        return self.last_s

    def _advance(self, now_s: float) -> None:
        if self._under_way:
            self._share_s += (now_s - self._since_s) / self._under_way
        self._since_s = now_s
