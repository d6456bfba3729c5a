"""Runs that may stop early, judged by graders that take a while."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest

from evalbench.core.completion import Completion, Failure
from evalbench.core.plan import Entry, Slot
from evalbench.core.score import Score
from evalbench.errors import InputError
from evalbench.runner.budget import Budget
from evalbench.runner.execute import execute
from evalbench.runner.hooks import Settings
from evalbench.runner.plan import TaskJob, plan_task
from evalbench.runner.turns import AHEAD
from tests.runner.test_early_stop import Counting, Paced, hooks, make_job, run
from tests.runner.test_execute import nothing_stored
from tests.runner.test_later import Thinking


class Hearing(Counting):
    """Counts as `Counting` does, and keeps what came of each answer."""

    def __init__(self, after: Mapping[int, int]) -> None:
        super().__init__(after)
        self.scores: list[Score | None] = []
        self.answers: list[Completion | Failure] = []

    def __call__(
        self, job: TaskJob, slot: Slot, answer: Completion | Failure, score: Score | None
    ) -> Collection[int]:
        self.answers.append(answer)
        self.scores.append(score)
        return super().__call__(job, slot, answer, score)


def slowly_judged(small: Paced, large: Paced, items: int = 100) -> TaskJob:
    return replace(make_job(small, large, items), grader=Thinking(0.002))


def test_each_answer_is_heard_once_its_score_is_there() -> None:
    settled = Hearing({})

    run([slowly_judged(Paced(), Paced())], settled)

    assert len(settled.heard) == len(set(settled.heard)) == 200
    assert None not in settled.scores


def test_calls_keep_close_to_what_is_judged() -> None:
    small, large = Paced(), Paced()

    run([slowly_judged(small, large, 300)], Hearing({0: 30, 1: 30}))

    assert len(small.asked) <= 30 + AHEAD + 4
    assert len(large.asked) <= 30 + AHEAD + 4


def test_an_answer_that_could_not_be_graded_is_heard_without_a_score_and_holds_nobody_up() -> None:
    settled = Hearing({})
    small = Paced(answer=lambda _: Completion("no sandbox"))

    _, entries = run([slowly_judged(small, Paced())], settled)

    assert settled.scores.count(None) == 100
    assert all(isinstance(answer, Completion) for answer in settled.answers)
    assert sum(entry.failure is not None for entry in entries) == 100


def test_an_error_of_a_slow_grader_ends_a_run_in_which_everybody_waits_for_it() -> None:
    small = Paced(answer=lambda _: Completion("crash"))

    with pytest.raises(InputError, match="the grader broke"):
        run([slowly_judged(small, Paced())], Hearing({}))

    assert len(small.asked) <= AHEAD + 20


def test_a_resumed_run_hears_the_scores_of_its_first_leg_and_judges_nothing_again() -> None:
    small, large = Paced(), Paced()
    job = slowly_judged(small, large)
    work = plan_task(job, nothing_stored, set())
    slots = list(job.slots())
    stored = {each.key: Completion("yes") for each in work.pending}
    settled, entries = Hearing({}), list[Entry]()
    first = {slot: Score(0.25, "as judged before") for slot in slots[:78]}
    own = replace(
        hooks(entries, settled, stored),
        scores=lambda some: {slot: first[slot] for slot in some if slot in first},
    )

    resumed = plan_task(job, lambda keys: stored.keys() & set(keys), set(), slots[:78], slots[78:80])
    execute([resumed], Settings(5.0, retries=0), Budget(None), own)

    assert settled.heard[:78] == slots[:78]
    assert settled.scores[:78] == [first[slot] for slot in slots[:78]]
    assert {entry.slot for entry in entries}.isdisjoint(slots[:78])
    assert {slots[78], slots[79]} <= {entry.slot for entry in entries if entry.score is not None}
    assert small.asked == large.asked == []
