"""Ask the model that judges: each question once, within the run's budget, every answer stored."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from evalbench.core.completion import Completion, Effort, Failure
from evalbench.core.plan import Judgement, Request
from evalbench.providers.protocol import Provider
from evalbench.providers.retry import delay_s
from evalbench.runner.attempt import finished, once
from evalbench.runner.budget import Budget
from evalbench.runner.busy import BusyMeter
from evalbench.runner.health import Health
from evalbench.runner.keys import answer_key
from evalbench.runner.pacing import Pacing

_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class DeskHooks:
    """What asking a judge needs of its neighbours.

    `recall` finds stored answers by their keys, `record` makes what was said durable, `billed_usd`
    prices an attempt that took so many busy seconds, for which so much was reserved (None without a
    cap, or where nobody knows), `ceiling_usd` is the most a call can cost (None where nobody knows).
    """

    recall: Callable[[Sequence[bytes]], Mapping[bytes, Completion]]
    record: Callable[[Judgement], None]
    billed_usd: Callable[[Completion | Failure, float, float | None], float | None]
    ceiling_usd: Callable[[Request], float | None]


@dataclass(frozen=True, slots=True)
class DeskLimits:
    """How hard to try, and how hard to press: limits of the judge's own, whatever the tiers have.

    `drain_s` is how long an answer that is under way at the end is waited for.
    """

    timeout_s: float = 60.0
    retries: int = 5
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    drain_s: float = 5.0


@dataclass(slots=True)
class _Paid:
    """What the attempts at one question have cost; `most_usd` takes unknown bills at the most they can be."""

    cost_usd: float | None = 0.0
    most_usd: float = 0.0

    @property
    def is_anything(self) -> bool:
        return self.cost_usd is None or self.cost_usd > 0

    def add(self, cost_usd: float | None, most_usd: float) -> None:
        self.cost_usd = None if self.cost_usd is None or cost_usd is None else self.cost_usd + cost_usd
        self.most_usd += most_usd


class Desk:
    """Where graders have their questions answered by the model that judges.

    `complete` is called in threads and waits; the calls are made in the event loop of the run,
    which opens the desk, so that all of its spending is reserved from one budget. Of equal
    questions only one is asked. Once the endpoint fails everything, nobody asks it again.
    """

    def __init__(self, provider: Provider, limits: DeskLimits, hooks: DeskHooks) -> None:
        self._provider = provider
        self._limits = limits
        self._hooks = hooks
        self._loop: asyncio.AbstractEventLoop | None = None
        self._budget = Budget(None)
        self._places = asyncio.Semaphore(max(1, provider.concurrency))
        self._pacing = Pacing(limits.requests_per_minute, limits.tokens_per_minute)
        self._meter = BusyMeter()
        self._asked: OrderedDict[bytes, asyncio.Task[Completion | Failure]] = OrderedDict()
        self._starting: asyncio.Task[None] | None = None
        self._health = Health()
        self._stopped: Failure | None = None
        self._is_closed = False

    async def open(self, budget: Budget) -> None:
        """Take questions from now on, paid from this budget."""
        self._loop, self._budget = asyncio.get_running_loop(), budget

    async def close(self) -> None:
        """Take no more questions, and wait a little for what is being paid for already."""
        self._is_closed = True
        under_way = [task for task in self._asked.values() if not task.done()]
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=self._limits.drain_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._starting is not None:
            await self._provider.close()

    def complete(self, request: Request) -> Completion | Failure:
        """The judge's answer, stored or new; called in any thread but the loop's own."""
        if self._loop is None:
            raise AssertionError(request)
        return asyncio.run_coroutine_threadsafe(self._answer(request), self._loop).result()

    async def _answer(self, request: Request) -> Completion | Failure:
        key = answer_key(request, self._provider)
        task = self._asked.get(key)
        if task is None:
            task = asyncio.ensure_future(self._ask_once(request, key))
            self._asked[key] = task
            self._forget()
        answer = await asyncio.shield(task)
        if isinstance(answer, Failure):
            self._asked.pop(key, None)  # It may be asked again.
        return answer

    def _forget(self) -> None:
        """Let go of old answers: by now the ledger has them."""
        while len(self._asked) > _REMEMBERED and next(iter(self._asked.values())).done():
            self._asked.popitem(last=False)

    async def _ask_once(self, request: Request, key: bytes) -> Completion | Failure:
        stored = self._hooks.recall([key]).get(key)
        if stored is not None:
            self._hooks.record(Judgement(key, None, 0.0))
            return stored
        async with self._places:
            return await self._ask(request, key)

    async def _ask(self, request: Request, key: bytes) -> Completion | Failure:
        paid, answer = _Paid(), None
        try:
            found = await self._insist(request, paid)
            answer = found if isinstance(found, Completion) else None
        finally:
            if answer is not None or paid.is_anything:
                is_in_vain = answer is None
                judgement = Judgement(key, answer, paid.cost_usd, paid.most_usd, is_in_vain=is_in_vain)
                self._hooks.record(judgement)
        return found

    async def _insist(self, request: Request, paid: _Paid) -> Completion | Failure:
        """Ask until there is an answer, or there will be none."""
        failure = Failure("judge", "the run ended before the judge was asked", retryable=True)
        for attempt in range(1 + self._limits.retries):
            if self._is_closed or self._stopped is not None:
                failure = self._stopped or failure
                break
            answer = await self._attempt(request, paid)
            if isinstance(answer, Completion):
                self._health.answered()
                return answer
            failure = answer
            if answer.kind == "over_budget":
                break
            is_last = not answer.retryable or attempt == self._limits.retries
            if self._health.is_hopeless(answer, is_last=is_last):
                self._stopped = answer
            if is_last or self._stopped is not None:
                break
            await asyncio.sleep(delay_s(answer, attempt + 1, self._limits.timeout_s))
        return Failure(failure.kind, f"the judge gave no answer: {failure.message}", retryable=True)

    async def _attempt(self, request: Request, paid: _Paid) -> Completion | Failure:
        """One attempt; reserved beforehand, so that the spend cap holds, and `paid` whatever comes of it."""
        await self._start()
        ceiling_usd = None if self._budget.cap_usd is None else self._hooks.ceiling_usd(request)
        claim = partial(self._budget.claim, ceiling_usd or 0.0)
        is_claimed, place = await self._pacing.turn(request, claim)
        if not is_claimed:
            return Failure("over_budget", "it could have gone over the spend cap", retryable=True)
        cost_usd: float | None = None
        try:
            answer, busy_s = await once(self._provider, request, self._limits.timeout_s, self._meter)
            if isinstance(answer, Completion):
                answer = finished(answer, busy_s, Effort())
            cost_usd = self._hooks.billed_usd(answer, busy_s, ceiling_usd)
        finally:
            self._budget.settle(ceiling_usd or 0.0, cost_usd)
            most_usd = cost_usd
            if most_usd is None:
                most_usd = self._hooks.ceiling_usd(request) if ceiling_usd is None else ceiling_usd
            paid.add(cost_usd, most_usd or 0.0)
        self._pacing.settle(place, request, answer)
        return answer

    async def _start(self) -> None:
        if self._starting is None:
            self._starting = asyncio.ensure_future(self._provider.start())
        await self._starting
