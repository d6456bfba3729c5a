from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from evalbench.assembly.asking import Asking, closing
from evalbench.core.completion import Completion, Failure
from evalbench.core.models import Model, ModelPool, Price
from evalbench.core.plan import Request, Slot
from evalbench.graders.exact import Exact
from evalbench.providers.scripted import ScriptedProvider
from evalbench.runner.plan import TaskJob
from tests.build import make_item, make_task

HOURLY = Price(per_hour=36.0)  # 0.01 USD a second: 0.10 at most within a deadline of 10 s
SLOT = Slot(0, 0, 0, 0)


def job(price: Price | None = HOURLY, cost_usd: float | None = 0.0) -> TaskJob:
    def answer(request: Request) -> Completion:
        del request
        return Completion("yes", cost_usd=cost_usd)

    task, item = make_task(), make_item()
    return TaskJob(
        position=0,
        task=task,
        items=(item,),
        pool=ModelPool({"large": Model("python/m.py:f", price=price)}, "large"),
        providers={"large": ScriptedProvider(answer)},
        grader=Exact({}, task),
        prompt=lambda item, tier: item.prompt,
    )


def asked(one: TaskJob, cap_usd: float | None, times: int) -> list[Completion | Failure]:
    async def ask() -> list[Completion | Failure]:
        asking = Asking(10.0, cap_usd)
        return [await asking.ask(one, SLOT) for _ in range(times)]

    return asyncio.run(ask())


def test_what_an_answer_left_of_its_worst_case_can_be_spent_on_the_next() -> None:
    assert [type(answer) for answer in asked(job(), 0.15, 3)] == [Completion] * 3


def test_a_question_that_might_not_fit_is_not_asked() -> None:
    one = job(cost_usd=0.1)

    first, second = asked(one, 0.15, 2)

    assert isinstance(first, Completion)
    assert isinstance(second, Failure)
    assert second.kind == "over_budget"
    provider = one.providers["large"]
    assert isinstance(provider, ScriptedProvider)
    assert len(provider.asked) == 1


def test_a_cap_that_cannot_hold_is_refused_beforehand() -> None:
    refusal = Asking(10.0, 0.5).refusal([(job(price=None), SLOT)])

    assert refusal is not None
    assert "nobody knows what a call of 'large' costs at most" in refusal.problem


def test_a_cap_below_a_single_call_is_refused_beforehand() -> None:
    refusal = Asking(10.0, 0.05).refusal([(job(), SLOT)])

    assert refusal is not None
    assert "can cost up to $0.10" in refusal.problem
    assert "`timeout_s:`" in refusal.fix


def test_without_a_cap_everything_may_be_asked() -> None:
    assert Asking(10.0, None).refusal([(job(price=None), SLOT)]) is None


@dataclass(slots=True)
class Closable(ScriptedProvider):
    closed: int = 0

    async def close(self) -> None:
        self.closed += 1


def test_connections_are_let_go_of_although_something_broke() -> None:
    provider = Closable(lambda request: Completion("yes"))

    async def breaks() -> None:
        async with closing([provider]):
            raise KeyError

    with contextlib.suppress(KeyError):
        asyncio.run(breaks())

    assert provider.closed == 1
