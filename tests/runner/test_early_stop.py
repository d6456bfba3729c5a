"""A run whose `settled` hook says that tiers need no further answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import JsonValue, Message, Prompt, Traffic
from evalbench.core.models import Model, ModelPool
from evalbench.core.order import asking_order
from evalbench.core.plan import Entry, Request, Slot
from evalbench.core.score import Score
from evalbench.pricing.cost import billed_usd
from evalbench.runner.budget import Budget
from evalbench.runner.execute import execute
from evalbench.runner.hooks import Ending, Hooks, Settings
from evalbench.runner.lane import LaneSpec
from evalbench.runner.plan import TaskJob, plan_task
from evalbench.runner.turns import AHEAD
from evalbench.runner.works import Works
from tests.build import make_item, make_task
from tests.runner.test_execute import Equal, nothing_stored

TIERS = ("small", "large")
Answer = Callable[[int], Completion | Failure]


class Paced:
    """Answers every question after the same time, and counts the calls."""

    version = "1"
    replays = False

    def __init__(self, seconds: float = 0.0, answer: Answer | None = None, concurrency: int = 4) -> None:
        self.concurrency = concurrency
        self.asked: list[str] = []
        self._seconds = seconds
        self._answer = answer or (lambda _: Completion("yes"))

    def identity(self, request: Request) -> Mapping[str, JsonValue]:
        return {"tier": request.tier}

    async def start(self) -> None:
        pass

    async def complete(self, request: Request) -> Completion | Failure:
        self.asked.append(request.item_id)
        number = len(self.asked)
        await asyncio.sleep(self._seconds)
        return self._answer(number)

    async def close(self) -> None:
        pass


class Counting:
    """Settles each tier after so many answers to it."""

    def __init__(self, after: Mapping[int, int]) -> None:
        self._after = after
        self.heard: list[Slot] = []

    def __call__(
        self, job: TaskJob, slot: Slot, answer: Completion | Failure, score: Score | None
    ) -> Collection[int]:
        del job, answer, score
        self.heard.append(slot)
        counts = {tier: sum(each.tier == tier for each in self.heard) for tier in self._after}
        return [tier for tier, after in self._after.items() if counts[tier] >= after]


def make_job(small: Paced, large: Paced, items: int = 100, repeats: int = 1, position: int = 0) -> TaskJob:
    task = make_task(f"task{position}")
    rows = tuple(make_item(f"i{number}", f"text {number}") for number in range(items))
    return TaskJob(
        position=position,
        task=task,
        items=rows,
        pool=ModelPool({tier: Model(f"scripted/{tier}") for tier in TIERS}, "large"),
        providers={"small": small, "large": large},
        grader=Equal(),
        prompt=lambda item, _: Prompt(item.prompt.text, (Message("user", item.prompt.text),)),
        repeats=repeats,
        order=asking_order(rows, task.name, 7),
    )


def run(
    jobs: Sequence[TaskJob],
    settled: Counting,
    budget: Budget | None = None,
    stored: Mapping[bytes, Completion] | None = None,
    done: Collection[Slot] = (),
) -> tuple[Ending, list[Entry]]:
    entries: list[Entry] = []
    known = stored or {}
    claimed: set[bytes] = set()
    works = [plan_task(job, lambda keys: known.keys() & set(keys), claimed, done) for job in jobs]
    own = hooks(entries, settled, known)
    return execute(works, Settings(5.0, retries=0), budget or Budget(None), own), entries


def hooks(entries: list[Entry], settled: Counting, known: Mapping[bytes, Completion] | None = None) -> Hooks:
    known = known or {}
    return Hooks(
        record=entries.append,
        recall=lambda keys: {key: known[key] for key in keys},
        billed_usd=lambda job, tier, answer, busy_s, ceiling_usd: billed_usd(answer, busy_s, None, Traffic()),
        ceiling_usd=lambda job, request: 1.0,
        starting=lambda task, tier: None,
        lane_of=lambda job, tier: LaneSpec(tier, 4, 4),
        settled=settled,
    )


def test_items_come_in_the_order_of_the_job_with_all_repeats_and_tiers_of_one_together() -> None:
    job = make_job(Paced(), Paced(), items=5, repeats=2)
    assert job.order is not None

    slots = list(job.slots())

    assert [slot.item for slot in slots] == [place for place in job.order.places for _ in range(4)]
    assert [(slot.repeat, slot.tier) for slot in slots[:4]] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_the_order_of_asking_changes_no_key_of_an_answer() -> None:
    job = make_job(Paced(), Paced())

    ordered, usual = (
        {(work.slot, work.key) for work in plan_task(each, nothing_stored, set()).pending}
        for each in (job, replace(job, order=None))
    )

    assert ordered == usual


def test_a_settled_tier_is_asked_no_more_and_leaves_no_trace_of_what_was_not_asked() -> None:
    small, large = Paced(), Paced()

    ending, entries = run([make_job(small, large)], Counting({0: 30}))

    assert 30 <= len(small.asked) <= 34
    assert len(large.asked) == 100
    assert len(entries) == len(small.asked) + len(large.asked)
    assert all(entry.failure is None for entry in entries)
    assert (ending.over_budget, ending.stopped) == (0, ())


def test_everything_ends_once_all_tiers_are_settled() -> None:
    small, large = Paced(), Paced()

    run([make_job(small, large)], Counting({0: 30, 1: 30}))

    assert len(small.asked) + len(large.asked) <= 60 + 8


def test_a_fast_endpoint_waits_for_a_slow_one() -> None:
    fast, slow = Paced(), Paced(0.005)

    run([make_job(slow, fast)], Counting({0: 25, 1: 10_000}))

    before = slow.asked.index(slow.asked[-1])
    assert 25 <= before + 1 <= 29
    assert len(fast.asked) == 100  # Once nobody has to be waited for, it goes on to the end.


def test_a_fast_endpoint_is_never_further_ahead_than_allowed() -> None:
    ahead: list[int] = []
    slow = Paced(0.003)

    def noted(number: int) -> Completion:
        ahead.append(number - len(slow.asked))
        return Completion("yes")

    fast = Paced(answer=noted)

    run([make_job(slow, fast, items=60)], Counting({0: 10_000}))

    assert len(fast.asked) == len(slow.asked) == 60
    assert max(ahead) <= AHEAD


def test_the_items_are_asked_in_order() -> None:
    small, large = Paced(concurrency=1), Paced(concurrency=1)
    job = make_job(small, large)
    assert job.order is not None

    run([job], Counting({0: 40, 1: 40}))

    assert small.asked == [job.items[place].id for place in job.order.places][: len(small.asked)]


def test_a_call_that_waits_for_money_when_its_tier_is_settled_is_not_made() -> None:
    small = Paced(0.01, lambda _: Completion("yes", cost_usd=0.0))
    large = Paced(0.01, lambda _: Completion("yes", cost_usd=0.0))
    budget = Budget(1.0)  # One call at a time fits, the others wait for it.

    ending, entries = run([make_job(small, large)], Counting({0: 5, 1: 5}), budget)

    assert len(small.asked) + len(large.asked) == len(entries) <= 11
    assert ending.over_budget == 0
    assert (budget.reserved_usd, budget.calls_under_way) == (0.0, 0)


def test_stored_answers_are_heard_before_anything_is_asked() -> None:
    small, large = Paced(), Paced()
    job = make_job(small, large)
    works = plan_task(job, nothing_stored, set()).pending
    stored = {work.key: Completion("yes") for work in works[:60]}

    run([job], Counting({0: 30, 1: 30}), stored=stored)

    assert small.asked == large.asked == []


def test_a_resumed_run_hears_what_its_first_leg_answered_and_records_it_no_second_time() -> None:
    small, large = Paced(), Paced()
    job = make_job(small, large)
    slots = list(job.slots())
    stored = {work.key: Completion("yes") for work in plan_task(job, nothing_stored, set()).pending}
    settled = Counting({0: 45, 1: 45})

    _, entries = run([job], settled, stored=stored, done=slots[:80])

    assert settled.heard[:80] == slots[:80]
    assert {entry.slot for entry in entries}.isdisjoint(slots[:80])


def test_nobody_waits_for_ever_for_an_answer_that_nobody_will_give() -> None:
    small, large = Paced(), Paced()
    job = make_job(small, large)
    work = plan_task(job, nothing_stored, set(), list(job.slots())[:2])

    execute([replace(work, done=Works(0))], Settings(5.0, retries=0), Budget(None), hooks([], Counting({})))

    assert len(small.asked) == len(large.asked) == 99


def test_an_answer_that_another_task_waits_for_is_asked_for_its_sake() -> None:
    providers = Paced(), Paced()
    first, second = make_job(*providers, position=0), make_job(*providers, position=1)

    class FirstIsSettled(Counting):
        def __call__(
            self, job: TaskJob, slot: Slot, answer: Completion | Failure, score: Score | None
        ) -> Collection[int]:
            super().__call__(job, slot, answer, score)
            return (0, 1) if job.position == 0 else ()

    _, entries = run([first, second], FirstIsSettled({}))

    assert sum(entry.slot.task == 1 for entry in entries) == 200
    assert all(entry.failure is None for entry in entries)


def test_a_tier_that_is_given_up_keeps_no_other_one_waiting() -> None:
    dead = Paced(answer=lambda _: Failure("refused_key", "refused", concerns_all=True))
    large = Paced()

    ending, _ = run([make_job(dead, large)], Counting({}))

    assert len(ending.stopped) == 1
    assert len(large.asked) == 100


def test_without_the_current_tier_nothing_more_is_paid_for() -> None:
    dead = Paced(answer=lambda _: Failure("refused_key", "refused", concerns_all=True))
    small = Paced(0.001)

    ending, _ = run([make_job(small, dead)], Counting({}))

    assert len(ending.stopped) == 1
    assert len(small.asked) <= AHEAD + 4


def test_calls_that_fail_for_good_hold_nobody_up() -> None:
    def sometimes(number: int) -> Completion | Failure:
        return Failure("error", "no") if number % 3 == 0 else Completion("yes")

    small, large = Paced(answer=sometimes), Paced()

    _, entries = run([make_job(small, large)], Counting({}))

    assert len(small.asked) == len(large.asked) == 100
    assert sum(entry.failure is not None for entry in entries) == 33
