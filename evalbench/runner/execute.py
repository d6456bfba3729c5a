"""Make the calls of a run: a fixed pool of workers for each endpoint, and every answer handed on at once."""

from __future__ import annotations

import asyncio
import importlib.util
import signal
import sys
import time
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import Item
from evalbench.core.models import Tier
from evalbench.core.plan import Entry, Request
from evalbench.errors import StoreError
from evalbench.providers.protocol import Provider
from evalbench.providers.retry import delay_s
from evalbench.runner.attempt import finished, guessed_tokens, once, used_tokens
from evalbench.runner.budget import Budget
from evalbench.runner.desk import Desk
from evalbench.runner.lane import Call, Lane, LaneSpec, lanes_of
from evalbench.runner.later import Grading
from evalbench.runner.memory import give_back
from evalbench.runner.plan import TaskJob, TaskWork
from evalbench.runner.works import Work

DRAIN_S = 5.0
_REUSED_AT_ONCE = 100
_SWITCH_S = 0.0005


@dataclass(frozen=True, slots=True)
class Settings:
    """How hard to try: a deadline for each attempt, and how often to try again."""

    timeout_s: float = 60.0
    retries: int = 5

    @property
    def item_s(self) -> float:
        """The deadline of an item over all its attempts and the waits between them."""
        return self.timeout_s * (1 + self.retries)


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a run needs of its neighbours.

    `record` makes an entry durable, `trouble` says why soon nothing more can be stored (None
    while all is well), `recall` finds stored answers by their keys, `cost_usd` prices a new one,
    `ceiling_usd` is the most a call can cost (None where nobody knows), `starting` is told
    when a model gets ready, and `lane_of` names the endpoint a tier is asked at: tiers of one
    endpoint share its limits. At the `desk` graders ask the model that judges, if one does.
    """

    record: Callable[[Entry], None]
    recall: Callable[[Sequence[bytes]], Mapping[bytes, Completion]]
    cost_usd: Callable[[TaskJob, Tier, Completion], float | None]
    ceiling_usd: Callable[[TaskJob, Request], float | None]
    starting: Callable[[str, Tier], None]
    lane_of: Callable[[TaskJob, Tier], LaneSpec]
    trouble: Callable[[], StoreError | None] = lambda: None
    desk: Desk | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended: by which signal, if any, and how many calls the spend cap left out.

    `stopped` tells, in a sentence each, which endpoints were given up and why.
    """

    signal_number: int | None
    over_budget: int
    spent_usd: float | None
    stopped: tuple[str, ...] = ()


def execute(works: Sequence[TaskWork], settings: Settings, budget: Budget, hooks: Hooks) -> Ending:
    """Ask for everything that is pending, reuse what is stored, and hand each entry on.

    Ctrl-C stops asking, waits a few seconds for answers under way, and returns; a second one
    returns at once. Everything that was handed on is kept.
    """
    give_back()
    usual_s = sys.getswitchinterval()
    # The thread that stores answers must not make the one that times them wait.
    sys.setswitchinterval(_SWITCH_S)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(_Execution(works, settings, budget, hooks).run())
    finally:
        sys.setswitchinterval(usual_s)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The faster event loop where it is installed, otherwise the standard one."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    import uvloop

    return uvloop.new_event_loop


class _Execution:
    def __init__(self, works: Sequence[TaskWork], settings: Settings, budget: Budget, hooks: Hooks) -> None:
        self._works = works
        self._settings = settings
        self._budget = budget
        self._hooks = hooks
        # By key, the places of tasks and, in each one's shared works, of those that wait: in pairs.
        self._waiting: dict[bytes, array[int]] = {}
        for number, task in enumerate(works):
            for place, work in enumerate(task.shared):
                self._waiting.setdefault(work.key, array("Q")).extend((number, place))
        self._lanes: list[Lane] = []
        self._starts: dict[tuple[int, Tier], asyncio.Task[None]] = {}
        self._started: dict[tuple[int, Tier], Provider] = {}
        self._workers: list[asyncio.Task[None]] = []
        self._grading = Grading(hooks.record)
        self._signal: int | None = None
        self._over_budget = 0
        self._has_unknown_cost = False

    async def run(self) -> Ending:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._interrupt, number)
        desk = self._hooks.desk
        try:
            if desk is not None:
                await desk.open(self._budget)
            await self._reuse()
            self._lanes = [] if self._signal is not None else lanes_of(self._works, self._hooks.lane_of)
            self._workers = [
                asyncio.create_task(self._work(lane)) for lane in self._lanes for _ in range(lane.spec.most)
            ]
            await self._finish_workers()
            self._record_abandoned()
            await self._grading.finish()
        finally:
            self._grading.close()
            if desk is not None:
                await desk.close()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
            for provider in self._started.values():
                await provider.close()
        spent = None if self._has_unknown_cost else self._budget.spent_usd
        return Ending(self._signal, self._over_budget, spent, tuple(self._stopped()))

    async def _finish_workers(self) -> None:
        if not self._workers:
            return
        _, left = await asyncio.wait(self._workers, return_when=asyncio.FIRST_EXCEPTION)
        if left:
            # After an error in one worker the others ask no more, but what they asked for is paid.
            self._close_lanes()
            _, left = await asyncio.wait(left, timeout=DRAIN_S)
        self._cancel_workers()
        await asyncio.gather(*self._workers, return_exceptions=True)
        for worker in self._workers:
            error = None if worker.cancelled() else worker.exception()
            if error is not None:
                raise error
        trouble = self._hooks.trouble()
        if trouble is not None:
            raise trouble

    def _interrupt(self, number: int) -> None:
        is_second = self._signal is not None
        self._signal = number
        self._close_lanes()
        self._grading.close()
        delay_s = 0.0 if is_second else DRAIN_S
        asyncio.get_running_loop().call_later(delay_s, self._cancel_workers)

    def _close_lanes(self) -> None:
        for lane in self._lanes:
            lane.close()
        self._budget.close()

    def _cancel_workers(self) -> None:
        for worker in self._workers:
            worker.cancel()

    async def _reuse(self) -> None:
        for task in self._works:
            for start in range(0, len(task.stored), _REUSED_AT_ONCE):
                if self._signal is not None:
                    return
                self._reuse_some(task.job, task.stored[start : start + _REUSED_AT_ONCE])
                await self._grading.room()
                await asyncio.sleep(0)  # Lets Ctrl-C through while thousands of answers are reused.

    def _reuse_some(self, job: TaskJob, works: Sequence[Work]) -> None:
        stored = self._hooks.recall([work.key for work in works])
        for work in works:
            entry = Entry(work.slot, work.key, is_reused=not work.is_own)
            judged = stored[work.key], job.items[work.slot.item]
            self._grading.grade(entry, judged, job.task, job.grader)

    async def _work(self, lane: Lane) -> None:
        while (call := await lane.take()) is not None:
            try:
                await self._ask(lane, call)
            finally:
                lane.release()

    async def _ask(self, lane: Lane, call: Call) -> None:
        job, item = call.job, call.job.items[call.work.slot.item]
        request = job.request_for(item, call.work.slot)
        provider = job.providers[request.tier]
        await self._start(job, request.tier, provider)
        await self._grading.room()
        if provider.replays:
            self._deliver(job, call.work, await provider.complete(request), item)
            return
        tokens = await self._paced(lane, request)
        is_capped = self._budget.cap_usd is not None  # Nobody looks at reservations where there is no cap.
        ceiling_usd = self._hooks.ceiling_usd(job, request) or 0.0 if is_capped else 0.0
        if not await self._budget.claim(ceiling_usd):
            self._leave_out(job, call.work)
            return
        call.queue_s += max(0.0, time.monotonic() - call.ready_s)
        call.began_s = time.monotonic() if call.began_s is None else call.began_s
        answer, busy_s = await once(provider, request, self._settings.timeout_s, lane.meter)
        call.attempts += 1
        call.busy_s += busy_s
        self._settle(job, request.tier, ceiling_usd, answer)
        lane.pace.correct(tokens, used_tokens(answer, tokens))
        if isinstance(answer, Completion):
            lane.answered()
            self._deliver(job, call.work, finished(answer, call.busy_s, call.effort()), item)
        else:
            self._fail(lane, call, answer)
        if self._hooks.trouble() is not None:
            self._close_lanes()

    def _fail(self, lane: Lane, call: Call, failure: Failure) -> None:
        call.tries += not failure.is_overload
        call.lose(failure)
        wait_s = self._retry_delay_s(call, failure)
        lane.failed(failure, is_last=wait_s is None)
        if wait_s is None:
            self._deliver(call.job, call.work, replace(failure, effort=call.effort()))
        else:
            lane.later(call, wait_s)

    def _retry_delay_s(self, call: Call, failure: Failure) -> float | None:
        """How long to wait before the next attempt, or None when there will be none."""
        if not failure.retryable or call.tries > self._settings.retries or self._signal is not None:
            return None
        attempts = call.attempts - call.tries if failure.is_overload else call.tries
        wait_s = delay_s(failure, attempts, self._settings.timeout_s)
        began_s = call.began_s or 0.0
        is_too_late = time.monotonic() + wait_s - began_s > self._settings.item_s
        return None if is_too_late else wait_s

    async def _paced(self, lane: Lane, request: Request) -> int:
        """Wait until the endpoint's limits a minute let the call go; returns the tokens it was taken for."""
        if lane.pace.is_free:
            return 0
        tokens = guessed_tokens(request)
        wait_s = lane.pace.wait_s(tokens, time.monotonic())
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        return tokens

    def _settle(self, job: TaskJob, tier: Tier, ceiling_usd: float, answer: Completion | Failure) -> None:
        billed: Completion | None
        if isinstance(answer, Completion):
            billed = answer
        else:
            billed = None if answer.usage is None else Completion("", usage=answer.usage)
        cost_usd = 0.0 if billed is None else self._hooks.cost_usd(job, tier, billed)
        if isinstance(answer, Failure) and answer.may_be_billed and answer.usage is None:
            cost_usd = None
        self._has_unknown_cost |= cost_usd is None
        self._budget.settle(ceiling_usd, cost_usd)

    def _leave_out(self, job: TaskJob, work: Work) -> None:
        if self._budget.is_closed:
            return
        failure = Failure("over_budget", "not asked: it could have gone over the spend cap", retryable=True)
        self._over_budget += 1 + len(self._waiting.get(work.key, ())) // 2
        self._deliver(job, work, failure)

    async def _start(self, job: TaskJob, tier: Tier, provider: Provider) -> None:
        place = (job.position, tier)
        if place in self._started:
            return
        if place not in self._starts:
            self._hooks.starting(job.task.name, tier)
            self._starts[place] = asyncio.ensure_future(provider.start())
        await self._starts[place]
        self._started[place] = provider

    def _deliver(
        self, job: TaskJob, work: Work, answer: Completion | Failure, item: Item | None = None
    ) -> None:
        self._record(job, work, answer, item, is_first=True)
        waiting = self._waiting.pop(work.key, ())
        for number, place in zip(waiting[::2], waiting[1::2], strict=True):
            task = self._works[number]
            self._record(task.job, task.shared[place], answer, None, is_first=False)

    def _record(
        self,
        job: TaskJob,
        work: Work,
        answer: Completion | Failure,
        item: Item | None,
        *,
        is_first: bool,
    ) -> None:
        if isinstance(answer, Failure):
            self._hooks.record(Entry(work.slot, None, failure=answer))
            return
        entry = Entry(work.slot, work.key, answer if is_first else None)
        judged = answer, item or job.items[work.slot.item]
        self._grading.grade(entry, judged, job.task, job.grader)

    def _record_abandoned(self) -> None:
        """Say of calls that were to be asked again, and no longer are, what became of them."""
        for lane in self._lanes:
            failure = lane.stopped or Failure("interrupted", "the run ended before it was asked again")
            for call in lane.abandoned():
                last = Failure(failure.kind, failure.message, retryable=True, effort=call.effort())
                self._deliver(call.job, call.work, last)

    def _stopped(self) -> list[str]:
        return [
            f"{lane.spec.name} was given up: {lane.stopped.message}"
            for lane in self._lanes
            if lane.stopped is not None
        ]
