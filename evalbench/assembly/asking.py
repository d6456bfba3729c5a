"""Ask single questions, one at a time and under a spend cap: what `try` and `doctor --call` do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from evalbench.assembly.shown import OVER_BUDGET
from evalbench.assembly.spend_cap import too_dear, unbounded
from evalbench.assembly.wiring import call_ceiling_usd, cost_usd
from evalbench.core.completion import Completion, Failure
from evalbench.core.models import Model, Tier
from evalbench.core.plan import Slot
from evalbench.errors import InputError
from evalbench.pricing.bounds import gap
from evalbench.providers.protocol import Provider
from evalbench.reports.numbers import price as unit_price
from evalbench.runner.attempt import attempt
from evalbench.runner.budget import Budget
from evalbench.runner.desk import Desk
from evalbench.runner.plan import TaskJob


class Asking:
    """Asks under a cap in USD, or without one; what may not fit is not asked."""

    def __init__(self, timeout_s: float, cap_usd: float | None) -> None:
        self._timeout_s = timeout_s
        self._budget = Budget(cap_usd)

    async def open(self, desk: Desk) -> None:
        """Let what is asked at a desk be paid from the same cap."""
        await desk.open(self._budget)

    def ceiling_usd(self, job: TaskJob, slot: Slot) -> float | None:
        """The most that one question can cost, or None when nobody can say."""
        return call_ceiling_usd(self._timeout_s, job, job.request(slot))

    def refusal(self, questions: Iterable[tuple[TaskJob, Slot]]) -> InputError | None:
        """Why a cap could not hold, or leaves a tier without a call; None when all may be asked."""
        cap_usd = self._budget.cap_usd
        if cap_usd is None:
            return None
        dear: tuple[Tier, float, Model] | None = None
        enough_usd = 0.0
        for job, slot in questions:
            tier = job.pool.tiers[slot.tier]
            ceiling = self.ceiling_usd(job, slot)
            if ceiling is None:
                return unbounded(tier, gap(job.pool.models[tier]))
            enough_usd += ceiling
            if ceiling > cap_usd and dear is None:
                dear = tier, ceiling, job.pool.models[tier]
        if dear is None:
            return None
        tier, ceiling, model = dear
        return too_dear(tier, ceiling, cap_usd, model, enough_usd=enough_usd)

    async def ask(self, job: TaskJob, slot: Slot) -> Completion | Failure:
        """One attempt, costed; a failure of its own kind when it could go over the cap."""
        request = job.request(slot)
        ceiling = call_ceiling_usd(self._timeout_s, job, request) or 0.0
        if not self._budget.reserve(ceiling):
            return Failure(OVER_BUDGET, "not asked: it could have gone over the spend cap", retryable=True)
        cost: float | None = None
        try:
            answer = await attempt(job.providers[request.tier], request, self._timeout_s)
            if isinstance(answer, Completion):
                cost = cost_usd(job, request.tier, answer)
                answer = replace(answer, cost_usd=cost)
        finally:
            self._budget.settle(ceiling, cost)
        return answer


def most_words(ceiling_usd: float | None) -> str:
    """The most that a call can cost, in words."""
    if ceiling_usd is None:
        return "what it costs at most is unknown beforehand"
    return f"{unit_price(ceiling_usd)} at most" if ceiling_usd else "nothing to pay"


@asynccontextmanager
async def closing(providers: Sequence[Provider | Desk]) -> AsyncIterator[None]:
    """Let go of all connections at the end, however it ends."""
    try:
        yield
    finally:
        for provider in providers:
            await provider.close()
