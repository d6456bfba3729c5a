"""Make the calls of a run: a fixed pool of workers for each endpoint, and every answer handed on at once."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from evalbench.core.completion import Completion, Effort, Failure
from evalbench.core.evalset import Item
from evalbench.core.models import Tier
from evalbench.core.plan import Entry, Slot
from evalbench.core.score import Score
from evalbench.providers.protocol import Provider
from evalbench.providers.retry import delay_s
from evalbench.runner.attempt import finished, once
from evalbench.runner.budget import Budget
from evalbench.runner.event_loop import run_promptly
from evalbench.runner.hooks import Ending, Hooks, Settings
from evalbench.runner.lane import Call, Lane
from evalbench.runner.lanes import lanes_of
from evalbench.runner.later import Grading
from evalbench.runner.memory import give_back
from evalbench.runner.plan import TaskJob, TaskWork
from evalbench.runner.reuse import reuse
from evalbench.runner.sharing import Waiting
from evalbench.runner.storable import storable
from evalbench.runner.turns import Turn, Turns
from evalbench.runner.works import Work

DRAIN_S = 5.0


def execute(works: Sequence[TaskWork], settings: Settings, budget: Budget, hooks: Hooks) -> Ending:
    """Ask for everything that is pending, reuse what is stored, and hand each entry on.

    Ctrl-C stops asking, waits a few seconds for answers under way, and returns; a second one
    returns at once. Everything that was handed on is kept.
    """
    give_back()
    ending, lateness = run_promptly(_Execution(works, settings, budget, hooks).run())
    return replace(ending, late_s=lateness.mean_s)


class _Execution:
    def __init__(self, works: Sequence[TaskWork], settings: Settings, budget: Budget, hooks: Hooks) -> None:
        self._works = works
        self._settings = settings
        self._budget = budget
        self._hooks = hooks
        self._waiting = Waiting(works)
        self._turns = Turns([task.job for task in works], hooks.settled)
        self._failed = {slot: failure for task in works for slot, failure in task.failed.items()}
        self._lanes: list[Lane] = []
        self._starts: dict[tuple[int, Tier], asyncio.Task[None]] = {}
        self._started: dict[tuple[int, Tier], Provider] = {}
        self._workers: list[asyncio.Task[None]] = []
        self._grading = Grading(hooks.record, self._graded, self._nudge)
        self._signal: int | None = None
        self._over_budget = 0

    async def run(self) -> Ending:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._interrupt, number)
        desk = self._hooks.desk
        try:
            if desk is not None:
                await desk.open(self._budget)
            await reuse(
                self._works, self._hooks, self._grading, self._turns.heard, lambda: self._signal is None
            )
            if self._signal is None:
                self._lanes = lanes_of(self._works, self._hooks.lane_of, self._turn)
            self._workers = [
                asyncio.create_task(self._work(lane)) for lane in self._lanes for _ in range(lane.spec.most)
            ]
            try:
                await self._finish_workers()
            finally:
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
        return Ending(self._signal, self._over_budget, tuple(self._stopped()))

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

    async def _work(self, lane: Lane) -> None:
        while (call := await lane.take()) is not None:
            failure = self._failed.get(call.work.slot) if self._failed and not call.attempts else None
            if failure is not None:
                call.go_on_from(failure)
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
            self._deliver(job, call.work, storable(await provider.complete(request)), item)
            return
        is_capped = self._budget.cap_usd is not None  # Nobody looks at reservations where there is no cap.
        ceiling_usd = self._hooks.ceiling_usd(job, request) if is_capped else None
        claim = partial(self._budget.claim, ceiling_usd or 0.0)
        is_claimed, place = (False, None) if lane.is_closed else await lane.pacing.turn(request, claim)
        if not is_claimed:
            self._leave_out(lane, call)
            return
        # It may have been settled while it waited for its place.
        if not call.attempts and self._turn(call.work) is Turn.NEVER:
            self._budget.settle(ceiling_usd or 0.0, 0.0)
            lane.pacing.settle(place, request, None)
            return
        left_s = time.monotonic()
        call.queue_s += max(0.0, left_s - call.ready_s)
        call.began_s = left_s if call.began_s is None else call.began_s
        try:
            answer, busy_s = await once(provider, request, self._settings.timeout_s, lane.meter)
        except asyncio.CancelledError:
            call.cut_off(lane.meter.last_s)
            lane.put_back(call)
            raise
        call.attempts += 1
        call.busy_s += busy_s
        cost_usd = self._hooks.billed_usd(job, request.tier, answer, busy_s, ceiling_usd)
        self._budget.settle(ceiling_usd or 0.0, cost_usd)
        lane.pacing.settle(place, request, answer)
        if isinstance(answer, Completion):
            lane.answered()
            self._deliver(job, call.work, finished(answer, call.busy_s, call.effort()), item)
        else:
            self._fail(lane, call, answer, time.monotonic() - left_s)
        if self._hooks.trouble() is not None:
            self._close_lanes()

    def _fail(self, lane: Lane, call: Call, failure: Failure, took_s: float) -> None:
        call.tries += not failure.is_overload
        call.lose(failure)
        wait_s = self._retry_delay_s(call, failure, took_s)
        is_news = not (call.failed_before and failure.is_items_own)
        lane.failed(failure, is_last=wait_s is None and is_news)
        if lane.stopped is not None:
            self._give_up(lane)
        if wait_s is None:
            self._deliver(call.job, call.work, storable(replace(failure, effort=call.effort_in_vain())))
        else:
            lane.later(call, wait_s)

    def _give_up(self, lane: Lane) -> None:
        for task, tier in lane.tiers:
            self._turns.give_up(task, tier)
        self._nudge()

    def _nudge(self) -> None:
        for lane in self._lanes:
            lane.nudge()

    def _turn(self, work: Work) -> Turn:
        """Whether a call may be made: also for the sake of another tier or task that waits for its answer."""
        turn = self._turns.of(work.slot)
        if turn is Turn.NOW:
            return turn
        if turn is Turn.LATER:
            is_idle = not self._grading.is_busy and not any(lane.is_busy for lane in self._lanes)
            return Turn.NOW if is_idle else turn  # With nothing under way it could wait for nothing.
        others = (self._turns.of(other.slot) for _, other in self._waiting.of(work.key))
        return Turn.NEVER if all(other is Turn.NEVER for other in others) else Turn.NOW

    def _retry_delay_s(self, call: Call, failure: Failure, took_s: float) -> float | None:
        """How long to wait before the next attempt, or None when there will be none."""
        if not failure.retryable or call.tries > self._settings.retries or self._signal is not None:
            return None
        attempts = call.attempts - call.tries if failure.is_overload else call.tries
        wait_s = delay_s(failure, attempts, self._settings.timeout_s, took_s)
        began_s = call.began_s or 0.0
        is_too_late = time.monotonic() + wait_s - began_s > self._settings.item_s
        return None if is_too_late else wait_s

    def _leave_out(self, lane: Lane, call: Call) -> None:
        if lane.is_closed or self._budget.is_closed:
            lane.put_back(call)
            return
        effort = call.effort_in_vain()
        failure = Failure(
            "over_budget",
            "not asked: it could have gone over the spend cap",
            retryable=True,
            effort=effort if call.attempts or effort.is_billed else Effort(),
        )
        self._over_budget += 1 + self._waiting.count(call.work.key)
        self._deliver(call.job, call.work, failure)

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
        if isinstance(answer, Failure) and answer.effort != Effort():
            answer = replace(answer, effort=Effort())  # Who only waits for an answer pays for no attempt.
        for other, waiting in self._waiting.served(work.key):
            self._record(other, waiting, answer, None, is_first=False)

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
            self._hear(work.slot, answer, None)
            return
        entry = Entry(work.slot, work.key, answer if is_first else None)
        judged = answer, item or job.items[work.slot.item]
        self._grading.grade(entry, judged, job.task, job.grader, job.yardstick)

    def _graded(self, entry: Entry, answer: Completion) -> None:
        self._hear(entry.slot, answer, entry.score)

    def _hear(self, slot: Slot, answer: Completion | Failure, score: Score | None) -> None:
        if self._turns.heard(slot, answer, score):
            self._nudge()

    def _record_abandoned(self) -> None:
        """Say of calls that were under way, or to be asked again, what became of them."""
        for lane in self._lanes:
            failure = lane.stopped or Failure("interrupted", "the run ended before its answer came")
            for call in lane.abandoned():
                last = Failure(failure.kind, failure.message, retryable=True, effort=call.effort_in_vain())
                self._deliver(call.job, call.work, storable(last))

    def _stopped(self) -> list[str]:
        return [
            f"{lane.spec.name} was given up: {lane.stopped.message}"
            for lane in self._lanes
            if lane.stopped is not None
        ]
