"""One endpoint of a run: which call leaves next, how many at once, and when to give the endpoint up."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from evalbench.core.completion import Effort, Failure, Usage
from evalbench.providers.limits import AdaptiveLimit
from evalbench.runner.busy import BusyMeter
from evalbench.runner.health import Health
from evalbench.runner.pacing import Pacing
from evalbench.runner.plan import TaskJob
from evalbench.runner.turns import Turn
from evalbench.runner.works import Work

_MOST_DELAYED = 4096


@dataclass(frozen=True, slots=True)
class LaneSpec:
    """How hard the endpoint called `name` may be pressed; `start` is how many calls it gets at first.

    `is_stated` says that somebody chose `most`, and that it was not found by trying.
    """

    name: str
    most: int
    start: int
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    is_stated: bool = False


@dataclass(slots=True)
class Call:
    """One question on its way to an answer, over all its attempts.

    `tries` counts the attempts that use up retries: being told to slow down does not. Times
    are seconds on the loop's clock. `lost`, `unknown_bills` and `busy_s` begin with those of earlier legs,
    and `failed_before` says that in one of them it failed for good.
    """

    job: TaskJob
    work: Work
    ready_s: float
    began_s: float | None = None
    attempts: int = 0
    tries: int = 0
    queue_s: float = 0.0
    backoff_s: float = 0.0
    busy_s: float = 0.0
    lost: Usage | None = None
    unknown_bills: int = 0
    failed_before: bool = False

    def go_on_from(self, failure: Failure) -> None:
        """Take over what the failure of an earlier leg cost: who ends this call ends that one."""
        before = failure.effort
        self.lost, self.unknown_bills, self.busy_s = before.lost, before.unknown_bills, before.busy_s
        self.failed_before = failure.is_items_own

    def effort(self) -> Effort:
        """What it took to get the answer, whose own time holds that of failed attempts."""
        return Effort(self.attempts, self.queue_s, self.backoff_s, self.lost, self.unknown_bills)

    def cut_off(self, busy_s: float) -> None:
        """It had left and nobody waits for its answer any more, which may be billed all the same."""
        self.attempts += 1
        self.busy_s += busy_s
        self.unknown_bills += 1

    def effort_in_vain(self) -> Effort:
        """What it has taken so far, where there is no answer."""
        return replace(self.effort(), busy_s=self.busy_s)

    def lose(self, failure: Failure) -> None:
        """Add what a failed attempt was billed for."""
        self.unknown_bills += failure.may_be_billed and failure.usage is None
        if failure.usage is not None:
            self.lost = failure.usage.plus(self.lost)


class Lane:
    """The calls to one endpoint: those due again first, then fresh ones, as many as its limit allows.

    A call that waits to be asked again holds no place, so nobody waits for it. `stopped` tells
    why the endpoint was given up, once it was. `turn` says of a call that was never sent whether
    it may be, `tiers` which ones of which tasks are asked here, and `elsewhere` gives a call out of
    order where the first ones fail for good.
    """

    def __init__(
        self,
        spec: LaneSpec,
        works: Iterator[tuple[TaskJob, Work]],
        clock: Callable[[], float] = time.monotonic,
        *,
        turn: Callable[[Work], Turn] = lambda _: Turn.NOW,
        tiers: Collection[tuple[int, int]] = (),
        elsewhere: Callable[[], tuple[TaskJob, Work] | None] = lambda: None,
    ) -> None:
        self.spec = spec
        self.limit = AdaptiveLimit(spec.most, spec.start)
        self.pacing = Pacing(spec.requests_per_minute, spec.tokens_per_minute)
        self.meter = BusyMeter()
        self.stopped: Failure | None = None
        self.tiers = tiers
        self._turn = turn
        self._works = works
        self._elsewhere = elsewhere
        self._held: tuple[TaskJob, Work] | None = None
        self._clock = clock
        self._health = Health()
        self._delayed: list[tuple[float, int, Call]] = []
        self._numbered = 0
        self._under_way = 0
        self._is_empty = False
        self._is_closed = False
        self._sleepers: deque[asyncio.Future[None]] = deque()
        self._alarm: asyncio.TimerHandle | None = None

    async def take(self) -> Call | None:
        """The next call to make, once there is a place for it; None when there will be none."""
        while not self._is_closed:
            if self._under_way < self.limit.calls:
                call = self._ready()
                if call is not None:
                    self._under_way += 1
                    if self._sleepers and self._under_way < self.limit.calls:
                        self._wake()
                    return call
            if self._is_empty and not self._under_way and not self._delayed:
                self.close()
                break
            await self._sleep()
        return None

    def release(self) -> None:
        """A call that was taken has ended, or waits elsewhere."""
        self._under_way -= 1
        for _ in range(min(len(self._sleepers), max(1, self.limit.calls - self._under_way))):
            self._wake()

    def answered(self) -> None:
        """The endpoint gave an answer."""
        self.limit.answered()
        self._health.answered()

    def failed(self, failure: Failure, *, is_last: bool) -> None:
        """An attempt failed; `is_last` when its item goes without an answer, and that is news."""
        if failure.is_overload or failure.kind == "timeout":
            self.limit.refused()
        if self._health.is_hopeless(failure, is_last=is_last):
            self.stopped = failure
            self.close()

    def later(self, call: Call, delay_s: float) -> None:
        """Ask again after `delay_s` seconds."""
        call.ready_s = self._clock() + delay_s
        call.backoff_s += delay_s
        self._numbered += 1
        heapq.heappush(self._delayed, (call.ready_s, self._numbered, call))

    def put_back(self, call: Call) -> None:
        """The lane was closed before the call left: one that was asked before is told of as abandoned."""
        if call.attempts:
            self.later(call, 0.0)

    @property
    def is_closed(self) -> bool:
        """Whether no more calls are handed out."""
        return self._is_closed

    @property
    def is_busy(self) -> bool:
        """Whether a call is under way, or waits to be asked again."""
        return self._under_way > 0 or bool(self._delayed)

    def nudge(self) -> None:
        """Look again whether a call has its turn now."""
        self._wake()

    def close(self) -> None:
        """Hand out no more calls."""
        self._is_closed = True
        self.pacing.close()
        if self._alarm is not None:
            self._alarm.cancel()
        while self._sleepers:
            self._wake()

    def abandoned(self) -> Iterator[Call]:
        """The calls that wait to be asked again and, the lane being closed, never will be."""
        while self._delayed:
            yield heapq.heappop(self._delayed)[2]

    def _ready(self) -> Call | None:
        now_s = self._clock()
        if self._delayed:
            if self._delayed[0][0] <= now_s:
                return heapq.heappop(self._delayed)[2]
            if self.limit.is_choked or len(self._delayed) >= _MOST_DELAYED:
                return None  # Whoever refuses everything is left alone until it said to come back.
        while (found := self._held or self._next()) is not None:
            turn = self._turn(found[1])
            self._held = found if turn is Turn.LATER else None
            if turn is Turn.NOW:
                return Call(*found, ready_s=now_s)
            if turn is Turn.LATER:
                return None
        self._is_empty = True
        return None

    def _next(self) -> tuple[TaskJob, Work] | None:
        found = self._elsewhere() if self._health.is_in_doubt else None
        return found or next(self._works, None)

    async def _sleep(self) -> None:
        loop = asyncio.get_running_loop()
        sleeper = loop.create_future()
        self._sleepers.append(sleeper)
        # With every place taken there is nothing to be early for: who frees one wakes a sleeper.
        if self._delayed and self._under_way < self.limit.calls:
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm = loop.call_later(max(0.0, self._delayed[0][0] - self._clock()), self._wake)
        await sleeper

    def _wake(self) -> None:
        while self._sleepers:
            sleeper = self._sleepers.popleft()
            if not sleeper.done():
                sleeper.set_result(None)
                return
