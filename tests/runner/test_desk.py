from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import Message, Prompt, Traffic
from evalbench.core.models import Model
from evalbench.core.plan import Judgement, Request
from evalbench.pricing.cost import billed_usd
from evalbench.providers.scripted import ScriptedProvider
from evalbench.runner.budget import Budget
from evalbench.runner.desk import Desk, DeskHooks, DeskLimits
from evalbench.runner.keys import answer_key

JUDGE = Model("scripted/judge")


def a_cent(answer: Completion | Failure, busy_s: float, reserved_usd: float | None) -> float | None:
    del reserved_usd
    return 0.01 if isinstance(answer, Completion) else billed_usd(answer, busy_s, None, Traffic())


def question(text: str, repeat: int = 0) -> Request:
    return Request("t", "i", "judge", JUDGE, Prompt(text, (Message("user", text),)), repeat)


class Book:
    """What a ledger keeps, in memory."""

    def __init__(self) -> None:
        self.said: list[Judgement] = []

    def recall(self, keys: Sequence[bytes]) -> dict[bytes, Completion]:
        return {
            each.key: each.completion
            for each in self.said
            if each.key in keys and each.completion is not None
        }


def ask(
    provider: ScriptedProvider,
    questions: Sequence[Request],
    budget: Budget | None = None,
    book: Book | None = None,
    retries: int = 0,
) -> tuple[list[Completion | Failure], Book]:
    book = book or Book()
    hooks = DeskHooks(book.recall, book.said.append, a_cent, lambda request: 0.02)
    desk = Desk(provider, DeskLimits(timeout_s=5, retries=retries), hooks)

    async def work() -> list[Completion | Failure]:
        await desk.open(budget or Budget(None))
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(8) as threads:
            futures = [loop.run_in_executor(threads, desk.complete, each) for each in questions]
            answers = list(await asyncio.gather(*futures))
        await desk.close()
        return answers

    return asyncio.run(work()), book


def echo() -> ScriptedProvider:
    return ScriptedProvider(lambda request: Completion(request.prompt.text))


def test_every_question_is_answered_and_every_answer_kept_with_its_cost() -> None:
    provider = echo()

    answers, book = ask(provider, [question("a"), question("b")])

    assert [answer.text for answer in answers if isinstance(answer, Completion)] == ["a", "b"]
    assert {each.key for each in book.said} == {answer_key(each, provider) for each in provider.asked}
    assert [each.cost_usd for each in book.said] == [0.01, 0.01]


def test_equal_questions_are_asked_once_even_at_the_same_time() -> None:
    provider = echo()

    answers, book = ask(provider, [question("a")] * 6)

    assert len(provider.asked) == 1
    assert len(book.said) == 1
    assert len(answers) == 6


def test_a_stored_answer_is_used_and_costs_nothing() -> None:
    first, second = echo(), echo()
    _, book = ask(first, [question("a")])

    answers, _ = ask(second, [question("a")], book=book)

    assert second.asked == []
    assert [answer.text for answer in answers if isinstance(answer, Completion)] == ["a"]
    assert [(each.completion is None, each.cost_usd) for each in book.said[1:]] == [(True, 0.0)]


def test_another_attempt_is_another_question() -> None:
    provider = echo()

    ask(provider, [question("a"), question("a", repeat=1)])

    assert len(provider.asked) == 2


def test_what_might_go_over_the_cap_is_not_asked() -> None:
    provider, budget = echo(), Budget(0.05)

    answers, _ = ask(provider, [question(str(number)) for number in range(10)], budget)

    failures = [answer for answer in answers if isinstance(answer, Failure)]
    assert {failure.kind for failure in failures} == {"over_budget"}
    assert budget.spent_usd == pytest.approx(0.01 * len(provider.asked))
    assert budget.spent_usd <= 0.05
    assert len(provider.asked) == 4  # The fourth still fits with its worst case beside what three cost.


def test_the_budget_is_the_one_that_the_run_has() -> None:
    budget = Budget(1.0, spent_usd=0.99)

    answers, _ = ask(echo(), [question("a")], budget)

    assert isinstance(answers[0], Failure)


def failing(times: int, failure: Failure) -> Callable[[Request], Completion | Failure]:
    left = [times]

    def script(request: Request) -> Completion | Failure:
        left[0] -= 1
        return failure if left[0] >= 0 else Completion(request.prompt.text)

    return script


def test_a_failed_attempt_is_repeated() -> None:
    busy = Failure("error", "busy", retryable=True, retry_after_s=0.01)
    provider = ScriptedProvider(failing(2, busy))

    answers, _ = ask(provider, [question("a")], retries=2)

    assert isinstance(answers[0], Completion)
    assert len(provider.asked) == 3


def test_a_refused_key_is_not_tried_for_every_answer() -> None:
    refused = Failure("auth", "the key is refused", concerns_all=True)
    provider = ScriptedProvider(failing(1000, refused), concurrency=1)

    answers, book = ask(provider, [question(str(number)) for number in range(20)])

    assert len(provider.asked) <= 3
    assert all(isinstance(answer, Failure) for answer in answers)
    assert book.said == []


def test_an_endpoint_that_breaks_every_call_is_given_up_after_a_few_questions() -> None:
    broken = Failure("connection", "broke off", retryable=True, retry_after_s=0.001)
    provider = ScriptedProvider(failing(1000, broken), concurrency=1)

    answers, _ = ask(provider, [question(str(number)) for number in range(40)], retries=2)

    assert len(provider.asked) <= 5 * 3
    kinds = {answer.kind for answer in answers if isinstance(answer, Failure)}
    assert (len(answers), kinds) == (40, {"connection"})


def test_single_questions_that_fail_do_not_give_the_endpoint_up() -> None:
    def script(request: Request) -> Completion | Failure:
        is_bad = int(request.prompt.text) % 2 == 0
        return Failure("error", "too long") if is_bad else Completion(request.prompt.text)

    provider = ScriptedProvider(script, concurrency=1)

    answers, _ = ask(provider, [question(str(number)) for number in range(80)])

    assert len(provider.asked) == 80
    assert sum(isinstance(answer, Completion) for answer in answers) == 40


def test_closing_waits_for_what_is_being_paid_for_and_keeps_it() -> None:
    book = Book()

    class Thinking(ScriptedProvider):
        async def complete(self, request: Request) -> Completion | Failure:
            await asyncio.sleep(0.3)
            return await super().complete(request)

    provider = Thinking(lambda request: Completion(request.prompt.text))
    hooks = DeskHooks(book.recall, book.said.append, a_cent, lambda request: 0.02)
    desk = Desk(provider, DeskLimits(), hooks)

    async def work() -> None:
        await desk.open(Budget(None))
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as threads:
            future = loop.run_in_executor(threads, desk.complete, question("a"))
            await asyncio.sleep(0.1)
            await desk.close()
            await future

    asyncio.run(work())

    assert [each.completion and each.completion.text for each in book.said] == ["a"]


def test_once_closed_nothing_is_asked() -> None:
    book, provider = Book(), echo()
    hooks = DeskHooks(book.recall, book.said.append, a_cent, lambda request: 0.02)
    desk = Desk(provider, DeskLimits(), hooks)

    async def work() -> Completion | Failure:
        await desk.open(Budget(None))
        await desk.close()
        return await asyncio.to_thread(desk.complete, question("a"))

    answer = asyncio.run(work())

    assert isinstance(answer, Failure)
    assert provider.asked == []


@pytest.mark.parametrize(("cap_usd", "reserved_usd"), [(None, None), (1.0, 0.02)])
def test_only_a_cap_has_something_reserved_for_a_question(
    cap_usd: float | None, reserved_usd: float | None
) -> None:
    told: list[float | None] = []

    def bill(answer: Completion | Failure, busy_s: float, most_usd: float | None) -> float | None:
        told.append(most_usd)
        return a_cent(answer, busy_s, most_usd)

    book = Book()
    hooks = DeskHooks(book.recall, book.said.append, bill, lambda request: 0.02)
    desk = Desk(echo(), DeskLimits(), hooks)

    async def work() -> None:
        await desk.open(Budget(cap_usd))
        await asyncio.to_thread(desk.complete, question("a"))
        await desk.close()

    asyncio.run(work())

    assert told == [reserved_usd]


def test_what_a_judge_is_paid_without_answering_is_recorded() -> None:
    late = Failure("timeout", "no answer within 5 s", retryable=True, may_be_billed=True)
    provider = ScriptedProvider(lambda _: late)

    _, book = ask(provider, [question("a")], retries=1)

    (bill,) = book.said
    assert (bill.completion, bill.is_in_vain) == (None, True)
    assert bill.cost_usd is None
    assert bill.most_usd == pytest.approx(0.04)


def test_what_failed_attempts_of_an_answer_can_have_cost_at_most_is_recorded_with_it() -> None:
    answers: list[Completion | Failure] = [
        Failure("timeout", "no answer within 5 s", retryable=True, may_be_billed=True),
        Completion("fine"),
    ]
    provider = ScriptedProvider(lambda _: answers.pop(0))

    _, book = ask(provider, [question("a")], retries=1)

    (judgement,) = book.said
    assert (judgement.cost_usd, judgement.is_in_vain) == (None, False)
    assert judgement.most_usd == pytest.approx(0.03)


def test_a_judge_that_was_never_reached_costs_nothing() -> None:
    provider = ScriptedProvider(lambda _: Failure("connection", "no connection"))

    _, book = ask(provider, [question("a")])

    assert book.said == []


def test_a_question_that_is_cut_off_may_have_been_paid_for() -> None:
    book = Book()

    class Silent(ScriptedProvider):
        async def complete(self, request: Request) -> Completion | Failure:
            await asyncio.sleep(30)
            return await super().complete(request)

    hooks = DeskHooks(book.recall, book.said.append, a_cent, lambda request: 0.02)
    desk = Desk(Silent(lambda _: Completion("late")), DeskLimits(drain_s=0.05), hooks)

    async def work() -> None:
        await desk.open(Budget(None))
        asking = asyncio.create_task(asyncio.to_thread(desk.complete, question("a")))
        await asyncio.sleep(0.1)
        await desk.close()
        await asyncio.gather(asking, return_exceptions=True)

    asyncio.run(work())

    (bill,) = book.said
    assert (bill.is_in_vain, bill.cost_usd, bill.most_usd) == (True, None, 0.02)
