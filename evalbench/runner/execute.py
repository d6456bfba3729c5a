"""Make the calls of a run: a fixed pool of workers for each endpoint, and every answer handed on at once."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_result,
    stop_after_attempt,
    wait_random_exponential,
)

from evalbench.core.completion import Completion, Failure, Status
from evalbench.core.models import Tier
from evalbench.core.plan import Entry, Request
from evalbench.providers.protocol import Provider
from evalbench.runner.budget import Budget
from evalbench.runner.busy import BusyMeter
from evalbench.runner.grading import judge
from evalbench.runner.plan import TaskJob, TaskWork, Work

DRAIN_S = 5.0
_LONGEST_BACKOFF_S = 30.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How hard to try: a deadline for each attempt, and how often to try again."""

    timeout_s: float = 60.0
    retries: int = 5


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a run needs of its neighbours.

    `record` makes an entry durable, `recall` finds a stored answer, `cost_usd` prices a new
    one, `ceiling_usd` is the most a call can cost (None where nobody knows),
    `starting` is told when a model gets ready, and `lane_of` names the endpoint a tier is
    asked at: tiers of one endpoint take turns.
    """

    record: Callable[[Entry], None]
    recall: Callable[[bytes], Completion | None]
    cost_usd: Callable[[TaskJob, Tier, Completion], float | None]
    ceiling_usd: Callable[[TaskJob, Request], float | None]
    starting: Callable[[str, Tier], None]
    lane_of: Callable[[TaskJob, Tier], str]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended: by which signal, if any, and how many calls the spend cap left out."""

    signal_number: int | None
    over_budget: int
    spent_usd: float | None


@dataclass(slots=True)
class _Lane:
    works: Iterator[tuple[TaskJob, Work]]
    concurrency: int
    meter: BusyMeter = field(default_factory=BusyMeter)


def execute(works: Sequence[TaskWork], settings: Settings, budget: Budget, hooks: Hooks) -> Ending:
    """Ask for everything that is pending, reuse what is stored, and hand each entry on.

    Ctrl-C stops asking, waits a few seconds for answers under way, and returns; a second one
    returns at once. Everything that was handed on is kept.
    """
    return asyncio.run(_Execution(works, settings, budget, hooks).run())


class _Execution:
    def __init__(self, works: Sequence[TaskWork], settings: Settings, budget: Budget, hooks: Hooks) -> None:
        self._works = works
        self._settings = settings
        self._budget = budget
        self._hooks = hooks
        self._waiting: dict[bytes, list[tuple[TaskJob, Work]]] = defaultdict(list)
        for work in works:
            for key, shared in work.shared.items():
                self._waiting[key] += [(work.job, each) for each in shared]
        self._starts: dict[tuple[int, Tier], asyncio.Task[None]] = {}
        self._workers: list[asyncio.Task[None]] = []
        self._signal: int | None = None
        self._over_budget = 0
        self._has_unknown_cost = False
        self._settled = asyncio.Condition()

    async def run(self) -> Ending:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._interrupt, number)
        try:
            await self._reuse()
            self._workers = [
                asyncio.create_task(self._work(lane))
                for lane in self._lanes()
                for _ in range(lane.concurrency)
            ]
            await self._finish_workers()
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
        spent = None if self._has_unknown_cost else self._budget.spent_usd
        return Ending(self._signal, self._over_budget, spent)

    async def _finish_workers(self) -> None:
        try:
            await asyncio.gather(*self._workers)
        except asyncio.CancelledError:
            if self._signal is None:
                raise
        finally:
            # After an error in one worker the others must not go on paying for answers.
            for worker in self._workers:
                worker.cancel()
            await asyncio.gather(*self._workers, return_exceptions=True)

    def _interrupt(self, number: int) -> None:
        is_second = self._signal is not None
        self._signal = number
        delay_s = 0.0 if is_second else DRAIN_S
        asyncio.get_running_loop().call_later(delay_s, self._cancel_workers)

    def _cancel_workers(self) -> None:
        for worker in self._workers:
            worker.cancel()

    async def _reuse(self) -> None:
        for task in self._works:
            for number, work in enumerate(task.stored):
                if self._signal is not None:
                    return
                self._reuse_one(task.job, work)
                if number % 100 == 0:
                    await asyncio.sleep(0)  # Lets Ctrl-C through while thousands of answers are reused.

    def _reuse_one(self, job: TaskJob, work: Work) -> None:
        completion = self._hooks.recall(work.key)
        if completion is None:
            raise AssertionError(work)
        score = judge(completion, job.items[work.slot.item], job.task, job.grader)
        self._hooks.record(Entry(work.slot, work.key, score=score, is_reused=not work.is_own))

    def _lanes(self) -> list[_Lane]:
        found: dict[str, list[tuple[TaskJob, Work]]] = defaultdict(list)
        concurrency: dict[str, int] = {}
        for task in self._works:
            names = [self._hooks.lane_of(task.job, tier) for tier in task.job.pool.tiers]
            for work in task.pending:
                found[names[work.slot.tier]].append((task.job, work))
            for name, tier in zip(names, task.job.pool.tiers, strict=True):
                concurrency[name] = max(concurrency.get(name, 1), task.job.providers[tier].concurrency)
        return [_Lane(iter(works), min(concurrency[name], len(works))) for name, works in found.items()]

    async def _work(self, lane: _Lane) -> None:
        for job, work in lane.works:
            if self._signal is not None:
                return
            await self._answer(lane, job, work)

    async def _answer(self, lane: _Lane, job: TaskJob, work: Work) -> None:
        tier = job.pool.tiers[work.slot.tier]
        provider = job.providers[tier]
        request = job.request(work.slot)
        ceiling_usd = self._hooks.ceiling_usd(job, request) or 0.0
        if not provider.replays and not await self._reserved(ceiling_usd):
            self._leave_out(job, work)
            return
        await self._started(job, tier, provider)
        answer = await self._attempts(lane, provider, request)
        if not provider.replays:
            await self._settle(job, tier, ceiling_usd, answer)
        self._deliver(job, work, answer)

    async def _reserved(self, ceiling_usd: float) -> bool:
        """Whether the call fits the cap; while others are under way, what they cost decides."""
        async with self._settled:
            while not self._budget.reserve(ceiling_usd):
                if not self._budget.calls_under_way:
                    return False
                await self._settled.wait()
        return True

    async def _settle(
        self, job: TaskJob, tier: Tier, ceiling_usd: float, answer: Completion | Failure
    ) -> None:
        cost_usd = self._hooks.cost_usd(job, tier, answer) if isinstance(answer, Completion) else 0.0
        self._has_unknown_cost |= cost_usd is None
        async with self._settled:
            self._budget.settle(ceiling_usd, cost_usd)
            self._settled.notify_all()

    def _leave_out(self, job: TaskJob, work: Work) -> None:
        failure = Failure("over_budget", "not asked: it could have gone over the spend cap", retryable=True)
        self._over_budget += 1 + len(self._waiting[work.key])
        self._deliver(job, work, failure)

    async def _started(self, job: TaskJob, tier: Tier, provider: Provider) -> None:
        place = (job.position, tier)
        if place not in self._starts:
            self._hooks.starting(job.task.name, tier)
            self._starts[place] = asyncio.ensure_future(provider.start())
        await self._starts[place]

    async def _attempts(self, lane: _Lane, provider: Provider, request: Request) -> Completion | Failure:
        retrying = AsyncRetrying(
            stop=stop_after_attempt(1 + self._settings.retries),
            wait=wait_random_exponential(multiplier=0.5, max=_LONGEST_BACKOFF_S),
            retry=retry_if_result(_is_retryable),
            retry_error_callback=_last_result,
        )
        answer: Completion | Failure = await retrying(
            attempt, provider, request, self._settings.timeout_s, lane.meter
        )
        return answer

    def _deliver(self, job: TaskJob, work: Work, answer: Completion | Failure) -> None:
        self._record(job, work, answer, is_first=True)
        for other_job, other in self._waiting.pop(work.key, ()):
            self._record(other_job, other, answer, is_first=False)

    def _record(self, job: TaskJob, work: Work, answer: Completion | Failure, *, is_first: bool) -> None:
        if isinstance(answer, Failure):
            self._hooks.record(Entry(work.slot, None, failure=answer))
            return
        entry = Entry(work.slot, work.key, completion=answer if is_first else None)
        try:
            score = judge(answer, job.items[work.slot.item], job.task, job.grader)
        except BaseException:
            self._hooks.record(entry)  # A grader that breaks must not cost the answer.
            raise
        self._hooks.record(replace(entry, score=score))


async def attempt(
    provider: Provider, request: Request, timeout_s: float, meter: BusyMeter | None = None
) -> Completion | Failure:
    """Ask once, within the machinery's deadline; a late answer is a failure to try again.

    `meter` belongs to the endpoint; without one the call counts as the only one under way.
    """
    if provider.replays:
        return await provider.complete(request)
    meter = meter or BusyMeter()
    mark = meter.enter(time.monotonic())
    try:
        async with asyncio.timeout(timeout_s):
            answer = await provider.complete(request)
    except TimeoutError:
        return Failure("timeout", f"no answer within {timeout_s:g} s", retryable=True)
    finally:
        busy_s = meter.leave(mark, time.monotonic())
    return answer if isinstance(answer, Failure) else _finished(answer, busy_s)


def _is_retryable(answer: Completion | Failure) -> bool:
    return isinstance(answer, Failure) and answer.retryable


def _last_result(state: RetryCallState) -> Completion | Failure:
    outcome = state.outcome
    if outcome is None:
        raise AssertionError(state)
    answer: Completion | Failure = outcome.result()
    return answer


def _finished(answer: Completion, busy_s: float) -> Completion:
    # Lone surrogates are no text that could be stored or shown.
    text = answer.text.encode("utf-8", "replace").decode("utf-8")
    is_empty = answer.status is Status.OK and not text.strip()
    return replace(
        answer,
        text=text,
        status=Status.EMPTY if is_empty else answer.status,
        busy_s=busy_s if answer.busy_s is None else answer.busy_s,
        created=answer.created or datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )
