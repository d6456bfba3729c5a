from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from evalbench.core.completion import Completion, Effort, Failure, Status, Usage
from evalbench.core.evalset import Item, JsonValue, Message, Prompt, Traffic
from evalbench.core.models import Model, ModelPool
from evalbench.core.plan import Entry, Request, Slot
from evalbench.core.score import Problem, Score
from evalbench.errors import InputError
from evalbench.pricing.cost import billed_usd
from evalbench.providers.scripted import ScriptedProvider
from evalbench.runner.budget import Budget
from evalbench.runner.execute import execute
from evalbench.runner.hooks import Ending, Hooks, Settings
from evalbench.runner.lane import LaneSpec
from evalbench.runner.plan import TaskJob, TaskWork, plan_task
from tests.build import make_item, make_task

QUICK = Settings(timeout_s=5.0, retries=0)


class Equal:
    """Right when the answer is the target; breaks on the answer `crash`."""

    signature = "equal@1"
    accepts_truncated = False

    def grade(self, answer: str, item: Item) -> Score:
        if answer == "crash":
            raise InputError("the grader broke", "mend it.")
        return Score(float(answer == item.target), answer)

    def check(self, items: Sequence[Item]) -> list[Problem]:
        del items
        return []


class Slow:
    """Answers after a while, so that something can happen meanwhile."""

    version = "1"
    concurrency = 2
    replays = False

    def __init__(self, seconds: float, on_call: Callable[[int], None] = lambda _: None) -> None:
        self._seconds = seconds
        self._on_call = on_call
        self.calls = 0

    def identity(self, request: Request) -> Mapping[str, JsonValue]:
        del request
        return {}

    async def start(self) -> None:
        pass

    async def complete(self, request: Request) -> Completion | Failure:
        self.calls += 1
        self._on_call(self.calls)
        await asyncio.sleep(self._seconds)
        return Completion(request.prompt.text)

    async def close(self) -> None:
        pass


def make_job(provider: Any, texts: Sequence[str] = ("a", "b", "c"), target: str = "a") -> TaskJob:
    items = tuple(make_item(f"i{number}", text, target) for number, text in enumerate(texts))
    return TaskJob(
        position=0,
        task=make_task(),
        items=items,
        pool=ModelPool({"only": Model("scripted/x")}, "only"),
        providers={"only": provider},
        grader=Equal(),
        prompt=lambda item, _: Prompt(item.prompt.text, (Message("user", item.prompt.text),)),
        repeats=1,
    )


def run(
    work: TaskWork,
    settings: Settings = QUICK,
    budget: Budget | None = None,
    ceiling_usd: float = 0.0,
    stored: Mapping[bytes, Completion] | None = None,
) -> tuple[Ending, list[Entry]]:
    entries: list[Entry] = []
    hooks = Hooks(
        record=entries.append,
        recall=lambda keys: {key: (stored or {})[key] for key in keys},
        billed_usd=lambda job, tier, answer, busy_s, ceiling_usd: billed_usd(answer, busy_s, None, Traffic()),
        ceiling_usd=lambda job, request: ceiling_usd,
        starting=lambda task, tier: None,
        lane_of=lambda job, tier: LaneSpec(
            tier, job.providers[tier].concurrency, job.providers[tier].concurrency
        ),
    )
    ending = execute([work], settings, budget or Budget(None), hooks)
    return ending, sorted(entries, key=lambda entry: entry.slot.item)


def nothing_stored(keys: Sequence[bytes]) -> set[bytes]:
    del keys
    return set()


def answering(**changes: Any) -> ScriptedProvider:
    return ScriptedProvider(lambda request: Completion(request.prompt.text, **changes))


def test_every_item_is_asked_graded_and_recorded() -> None:
    provider = answering(cost_usd=0.5)
    job = make_job(provider)

    ending, entries = run(plan_task(job, nothing_stored, set()))

    assert [entry.score.value for entry in entries if entry.score] == [1.0, 0.0, 0.0]
    assert all(entry.completion is not None and entry.completion.created for entry in entries)
    assert ending == Ending(None, 0)


def test_equal_prompts_share_one_answer_and_each_is_graded() -> None:
    provider = answering(cost_usd=0.5)
    job = make_job(provider, ("a", "a", "b"))

    budget = Budget(None)

    _, entries = run(plan_task(job, nothing_stored, set()), budget=budget)

    assert len(provider.asked) == 2
    assert [entry.completion is not None for entry in entries] == [True, False, True]
    assert [entry.score.value for entry in entries if entry.score] == [1.0, 1.0, 0.0]
    assert budget.spent_usd == 1.0


def test_a_stored_answer_is_graded_again_and_not_asked_again() -> None:
    provider = answering()
    job = make_job(provider, ("a",))
    key = plan_task(job, nothing_stored, set()).pending[0].key

    _, (entry,) = run(plan_task(job, lambda keys: {key}, set()), stored={key: Completion("a")})

    assert provider.asked == []
    assert (entry.is_reused, entry.completion, entry.score and entry.score.value) == (True, None, 1.0)


def test_the_machinerys_failure_is_tried_again_and_then_missing() -> None:
    provider = ScriptedProvider(lambda _: Failure("error", "busy", retryable=True))
    job = make_job(provider, ("a",))

    _, (entry,) = run(plan_task(job, nothing_stored, set()), Settings(timeout_s=5.0, retries=1))

    assert len(provider.asked) == 2
    assert entry.failure is not None
    assert (entry.failure.kind, entry.failure.effort.attempts, entry.score) == ("error", 2, None)


def test_a_failure_that_cannot_pass_is_not_tried_again() -> None:
    provider = ScriptedProvider(lambda _: Failure("error", "wrong name"))
    job = make_job(provider, ("a",))

    run(plan_task(job, nothing_stored, set()), Settings(timeout_s=5.0, retries=3))

    assert len(provider.asked) == 1


def stumbling(error: Exception) -> ScriptedProvider:
    def script(request: Request) -> Completion:
        del request
        raise error

    return ScriptedProvider(script, concurrency=1)


def test_a_bug_that_meets_every_reply_is_not_paid_again_for_each_retry() -> None:
    provider = stumbling(KeyError("choices"))

    job = make_job(provider, "abcdefghij")

    ending, entries = run(plan_task(job, nothing_stored, set()), Settings(timeout_s=5.0, retries=5))

    assert len(provider.asked) == 5
    assert [found.failure is not None for found in entries] == [True] * 5
    assert ending.stopped


def test_a_call_that_a_bug_has_met_is_asked_again_in_the_next_leg() -> None:
    _, (first,) = run(plan_task(make_job(stumbling(KeyError("choices")), "a"), nothing_stored, set()))
    assert first.failure is not None

    _, (entry,) = run(
        plan_task(make_job(answering(), "a"), nothing_stored, set(), failed={first.slot: first.failure})
    )

    assert entry.completion is not None
    assert entry.completion.effort.unknown_bills == 1


def test_a_deadline_is_a_failure_of_the_machinery_not_a_wrong_answer() -> None:
    job = make_job(Slow(30.0), ("a",))

    _, (entry,) = run(plan_task(job, nothing_stored, set()), Settings(timeout_s=0.05, retries=0))

    assert entry.failure is not None
    assert (entry.failure.kind, entry.score) == ("timeout", None)


def test_no_call_is_made_that_could_go_over_the_cap() -> None:
    provider = answering(cost_usd=0.10)
    job = make_job(provider, tuple("abcdefgh"))

    budget = Budget(0.45)

    ending, entries = run(plan_task(job, nothing_stored, set()), budget=budget, ceiling_usd=0.20)

    assert (len(provider.asked), ending.over_budget) == (3, 5)
    assert budget.spent_usd == pytest.approx(0.30)
    assert [entry.failure.kind for entry in entries if entry.failure] == ["over_budget"] * 5


def test_an_empty_answer_is_the_models_failure() -> None:
    job = make_job(ScriptedProvider(lambda _: Completion(" \n")), ("a",))

    _, (entry,) = run(plan_task(job, nothing_stored, set()))

    assert entry.completion is not None
    assert (entry.completion.status, entry.score and entry.score.value) == (Status.EMPTY, 0.0)


def test_an_answer_that_is_no_text_is_made_storable() -> None:
    job = make_job(ScriptedProvider(lambda _: Completion("half \ud800 a pair")), ("a",))

    _, (entry,) = run(plan_task(job, nothing_stored, set()))

    assert entry.completion is not None
    assert entry.completion.text == "half ? a pair"


def test_whatever_is_stored_beside_an_answer_is_made_storable() -> None:
    odd = Completion("yes", finish_reason="st\ud800op", detail={"mod\ud800el": "x\ud800"})
    job = make_job(ScriptedProvider(lambda _: odd), ("a",))

    _, (entry,) = run(plan_task(job, nothing_stored, set()))

    assert entry.completion is not None
    assert entry.completion.finish_reason == "st?op"
    assert entry.completion.detail == {"mod?el": "x?"}


def test_a_failure_that_is_no_text_is_made_storable() -> None:
    job = make_job(ScriptedProvider(lambda _: Failure("error", "half \ud800 a pair")), ("a",))

    _, (entry,) = run(plan_task(job, nothing_stored, set()))

    assert entry.failure is not None
    assert entry.failure.message == "half ? a pair"


def test_an_answer_is_kept_when_its_grader_breaks() -> None:
    entries: list[Entry] = []
    job = make_job(ScriptedProvider(lambda _: Completion("crash")), ("a",))
    work = plan_task(job, nothing_stored, set())

    with pytest.raises(InputError, match="grader broke"):
        execute([work], QUICK, Budget(None), hooks_into(entries))

    assert [entry.completion and entry.completion.text for entry in entries] == ["crash"]


def hooks_into(entries: list[Entry]) -> Hooks:
    return Hooks(
        record=entries.append,
        recall=lambda _: {},
        billed_usd=lambda job, tier, answer, busy_s, ceiling_usd: 0.0,
        ceiling_usd=lambda job, request: 0.0,
        starting=lambda task, tier: None,
        lane_of=lambda job, tier: LaneSpec(
            tier, job.providers[tier].concurrency, job.providers[tier].concurrency
        ),
    )


def test_an_interrupt_lets_answers_under_way_arrive_and_asks_no_more() -> None:
    def interrupt_at_third_call(calls: int) -> None:
        if calls == 3:
            os.kill(os.getpid(), signal.SIGINT)

    provider = Slow(0.05, interrupt_at_third_call)
    job = make_job(provider, tuple("abcdefghijklmnop"))

    ending, entries = run(plan_task(job, nothing_stored, set()))

    assert ending.signal_number == signal.SIGINT
    assert provider.calls == len(entries) < 16
    assert all(entry.completion is not None for entry in entries)


def test_a_second_interrupt_leaves_calls_under_way_and_says_that_they_may_be_billed() -> None:
    def interrupt_twice(calls: int) -> None:
        if calls == 2:
            for delay_s in (0.0, 0.05):
                asyncio.get_running_loop().call_later(delay_s, os.kill, os.getpid(), signal.SIGINT)

    provider = Slow(30.0, interrupt_twice)
    began_s = time.monotonic()

    ending, entries = run(plan_task(make_job(provider), nothing_stored, set()))

    failures = [entry.failure for entry in entries]
    assert time.monotonic() - began_s < 5
    assert ending.signal_number == signal.SIGINT
    assert provider.calls == len(failures) == 2
    assert [failure and failure.kind for failure in failures] == ["interrupted"] * 2
    assert [failure and failure.effort.unknown_bills for failure in failures] == [1, 1]
    assert all(failure and failure.effort.busy_s > 0 for failure in failures)


def test_one_endpoint_is_never_asked_for_more_than_it_takes_at_once() -> None:
    under_way, most = 0, 0

    class Watched(Slow):
        async def complete(self, request: Request) -> Completion | Failure:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            answer = await super().complete(request)
            under_way -= 1
            return answer

    run(plan_task(make_job(Watched(0.01), tuple("abcdefghij")), nothing_stored, set()))

    assert most == 2


def test_busy_time_is_shared_by_the_calls_under_way() -> None:
    job = make_job(Slow(0.2), ("a", "b"))

    _, entries = run(plan_task(job, nothing_stored, set()))

    busy_s = [entry.completion.busy_s for entry in entries if entry.completion]
    assert sum(each or 0.0 for each in busy_s) == pytest.approx(0.2, abs=0.1)


def test_a_grader_that_breaks_costs_no_answer_under_way() -> None:
    class Mixed(Slow):
        async def complete(self, request: Request) -> Completion | Failure:
            if request.item_id == "i0":
                return Completion("crash")
            return await super().complete(request)

    entries: list[Entry] = []
    provider = Mixed(0.1)
    job = make_job(provider, tuple("abcdef"))

    with pytest.raises(InputError, match="grader broke"):
        execute([plan_task(job, nothing_stored, set())], QUICK, Budget(None), hooks_into(entries))

    assert provider.calls == sum(entry.completion is not None for entry in entries) - 1 >= 1


def test_what_was_paid_in_vain_is_recorded_though_a_grader_breaks() -> None:
    class Billed(Slow):
        async def complete(self, request: Request) -> Completion | Failure:
            if request.item_id == "i0":
                used = Usage(10, 2)
                return Failure("bad_reply", "cut off", retryable=True, usage=used, retry_after_s=60)
            return await super().complete(request)

    entries: list[Entry] = []
    job = make_job(Billed(0.1), ("a", "crash"))

    with pytest.raises(InputError, match="grader broke"):
        execute([plan_task(job, nothing_stored, set())], Settings(), Budget(None), hooks_into(entries))

    (lost,) = [entry.failure.effort.lost for entry in entries if entry.failure is not None]
    assert lost == Usage(10, 2)


def test_a_call_to_be_asked_again_does_not_hold_the_others_up() -> None:
    asked: list[str] = []

    def stubborn_at_first(request: Request) -> Completion | Failure:
        asked.append(request.item_id)
        if asked.count("i0") < 2 and request.item_id == "i0":
            return Failure("server_error", "busy", retryable=True)
        return Completion(request.prompt.text)

    job = make_job(ScriptedProvider(stubborn_at_first, concurrency=1), ("a", "b", "c"))

    _, entries = run(plan_task(job, nothing_stored, set()), Settings(timeout_s=5.0, retries=2))

    assert asked == ["i0", "i1", "i2", "i0"]
    first = entries[0].completion
    assert first is not None
    assert first.effort.attempts == 2
    assert first.effort.backoff_s > 0.0
    assert (first.busy_s or 0.0) < 0.1


def test_an_item_is_given_up_when_it_would_be_asked_again_too_late() -> None:
    busy = Failure(
        "rate_limited", "come back tomorrow", retryable=True, is_overload=True, retry_after_s=86_400
    )
    job = make_job(ScriptedProvider(lambda _: busy), ("a",))

    _, (entry,) = run(plan_task(job, nothing_stored, set()), Settings(timeout_s=5.0, retries=5))

    assert entry.failure is not None
    assert (entry.failure.kind, entry.failure.effort.attempts) == ("rate_limited", 1)


def test_an_endpoint_that_refuses_the_key_is_given_up_after_a_few_calls() -> None:
    refused = Failure("refused_key", "the key in MY_KEY was refused", concerns_all=True)
    provider = ScriptedProvider(lambda _: refused, concurrency=64)
    job = make_job(provider, tuple(str(number) for number in range(500)))

    ending, entries = run(plan_task(job, nothing_stored, set()))

    assert len(provider.asked) == len(entries) <= 8
    assert ending.stopped == ("only was given up: the key in MY_KEY was refused",)


def test_being_told_to_slow_down_uses_no_retries_up() -> None:
    asked = 0

    def busy_for_a_while(request: Request) -> Completion | Failure:
        nonlocal asked
        asked += 1
        if asked <= 4:
            return Failure("rate_limited", "slow down", retryable=True, is_overload=True, retry_after_s=0.01)
        return Completion(request.prompt.text)

    job = make_job(ScriptedProvider(busy_for_a_while), ("a",))

    _, (entry,) = run(plan_task(job, nothing_stored, set()), Settings(timeout_s=5.0, retries=1))

    assert entry.completion is not None
    assert entry.completion.effort.attempts == 5


def test_a_call_that_may_have_been_billed_counts_against_the_cap() -> None:
    budget = Budget(1.0)
    job = make_job(Slow(30.0), ("a",))

    run(plan_task(job, nothing_stored, set()), Settings(timeout_s=0.05, retries=0), budget, 0.4)

    assert budget.spent_usd == 0.4


def test_connections_are_let_go_of_at_the_end() -> None:
    closed: list[bool] = []

    class Open(Slow):
        async def close(self) -> None:
            closed.append(True)

    run(plan_task(make_job(Open(0.0)), nothing_stored, set()))

    assert closed == [True]


BILLED = Failure("bad_reply", "cut", retryable=True, effort=Effort(3, 1.0, 1.0, Usage(20, 2), 1))


def billed_before(*items: int) -> dict[Slot, Failure]:
    return {Slot(0, 0, item, 0): BILLED for item in items}


def test_an_answer_of_a_later_leg_takes_over_what_failed_attempts_cost() -> None:
    job = make_job(answering(), ("a", "b"))

    _, entries = run(plan_task(job, nothing_stored, set(), failed=billed_before(1)))

    efforts = [entry.completion.effort for entry in entries if entry.completion]
    assert [(effort.attempts, effort.lost, effort.unknown_bills) for effort in efforts] == [
        (1, None, 0),
        (1, Usage(20, 2), 1),
    ]
    assert efforts[1].backoff_s == 0.0


def test_a_failure_of_a_later_leg_takes_over_what_failed_attempts_cost() -> None:
    cut = Failure("bad_reply", "cut", retryable=True, usage=Usage(10, 1), may_be_billed=True)
    job = make_job(ScriptedProvider(lambda _: cut), ("a",))

    _, (entry,) = run(plan_task(job, nothing_stored, set(), failed=billed_before(0)))

    assert entry.failure is not None
    assert (entry.failure.effort.lost, entry.failure.effort.unknown_bills) == (Usage(30, 3), 1)


def test_the_time_of_attempts_in_vain_is_kept_and_goes_over_to_the_answer_of_a_later_leg() -> None:
    class Late(Slow):
        async def complete(self, request: Request) -> Completion | Failure:
            del request
            await asyncio.sleep(0.02)
            return Failure("error", "broken", retryable=True)

    twice = Settings(timeout_s=5.0, retries=1)
    _, (failed,) = run(plan_task(make_job(Late(0.0), ("a",)), nothing_stored, set()), twice)
    assert failed.failure is not None
    before = {failed.slot: failed.failure}

    _, (entry,) = run(plan_task(make_job(answering(), ("a",)), nothing_stored, set(), failed=before))

    assert failed.failure.effort.busy_s > 0.035
    assert entry.completion is not None
    assert entry.completion.busy_s is not None
    assert entry.completion.busy_s >= failed.failure.effort.busy_s
    assert entry.completion.effort.busy_s == 0.0


def test_a_call_that_does_not_fit_the_cap_keeps_what_its_failed_attempts_cost() -> None:
    work = plan_task(make_job(answering(), ("a",)), nothing_stored, set(), failed=billed_before(0))

    _, (entry,) = run(work, budget=Budget(0.1), ceiling_usd=0.2)

    assert entry.failure is not None
    assert (entry.failure.kind, entry.failure.effort.lost) == ("over_budget", Usage(20, 2))


def test_what_failed_attempts_cost_is_told_once_of_items_that_share_an_answer() -> None:
    cut = Failure("bad_reply", "cut", retryable=True, usage=Usage(10, 1), may_be_billed=True)
    job = make_job(ScriptedProvider(lambda _: cut), ("a", "a"))

    _, entries = run(plan_task(job, nothing_stored, set()))

    assert [entry.failure.effort.lost for entry in entries if entry.failure] == [Usage(10, 1), None]


def failing_on(bad: Callable[[int], bool], concurrency: int = 1) -> ScriptedProvider:
    def answer(request: Request) -> Completion | Failure:
        is_bad = bad(int(request.item_id.removeprefix("i")))
        return Failure("error", "image decode failed") if is_bad else Completion("a")

    return ScriptedProvider(answer, concurrency=concurrency)


def test_items_that_fail_for_good_at_the_beginning_cost_no_others() -> None:
    job = make_job(failing_on(lambda number: number < 30, 4), [str(number) for number in range(100)])

    ending, entries = run(plan_task(job, nothing_stored, set()))

    assert (ending.stopped, len(entries)) == ((), 100)
    assert [entry.completion is not None for entry in entries] == [False] * 30 + [True] * 70


def test_an_endpoint_that_fails_every_item_for_good_is_given_up_after_calls_from_all_over() -> None:
    provider = failing_on(lambda _: True, 32)
    job = make_job(provider, [str(number) for number in range(1000)])

    ending, entries = run(plan_task(job, nothing_stored, set()))

    assert len(ending.stopped) == 1
    assert len(entries) <= 14
    assert sum(entry.slot.item >= 250 for entry in entries) >= 4


def test_items_that_failed_for_good_before_do_not_stop_an_endpoint_when_they_do_again() -> None:
    failed = {Slot(0, 0, item, 0): Failure("error", "image decode failed") for item in range(30)}
    job = make_job(failing_on(lambda number: number < 30), [str(number) for number in range(31)])

    ending, entries = run(plan_task(job, nothing_stored, set(), failed=failed))

    assert (ending.stopped, len(entries)) == ((), 31)
