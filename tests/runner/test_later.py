from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import Item
from evalbench.core.plan import Entry, Slot
from evalbench.core.score import Grade, Problem, Score
from evalbench.errors import InputError
from evalbench.runner.later import Grading, grade_all
from tests.build import make_item, make_task


class Thinking:
    """A grader that takes its time, in a thread of its own; the answer says how it goes."""

    signature = "thinking@1"
    accepts_truncated = False
    is_slow = True

    def __init__(self, seconds: float = 0.05) -> None:
        self._seconds = seconds
        self.threads: set[int] = set()

    def grade(self, answer: str, item: Item) -> Grade:
        self.threads.add(threading.get_ident())
        time.sleep(self._seconds)
        if answer == "crash":
            raise InputError("the grader broke", "mend it.")
        if answer == "no sandbox":
            return Failure("sandbox", "there is no sandbox")
        return Score(float(answer == item.target), answer)

    def check(self, items: Sequence[Item]) -> list[Problem]:
        del items
        return []


def slot(number: int) -> Slot:
    return Slot(0, 0, number, 0)


def test_the_event_loop_goes_on_while_a_slow_grader_judges() -> None:
    entries: list[Entry] = []
    grader = Thinking(seconds=0.5)

    async def work() -> float:
        grading = Grading(entries.append)
        entry = Entry(slot(0), b"key", Completion("yes"))
        grading.grade(entry, (Completion("yes"), make_item()), make_task(), grader)
        started_s = time.monotonic()
        await asyncio.sleep(0)
        waited_s = time.monotonic() - started_s
        await grading.finish()
        return waited_s

    waited_s = asyncio.run(work())

    assert waited_s < 0.25
    assert threading.get_ident() not in grader.threads
    first, second = entries
    assert (first.completion, first.score, first.is_late_grade) == (Completion("yes"), None, False)
    assert (second.completion, second.score, second.is_late_grade) == (None, Score(1.0, "yes"), True)


def test_what_could_not_be_judged_is_handed_on_as_a_failure_beside_its_answer() -> None:
    answer = (Entry(slot(0), b"key", Completion("no sandbox")), Completion("no sandbox"), make_item())

    (entry,) = grade_all([answer], make_task(), Thinking())

    assert entry.score is None
    assert entry.failure == Failure("sandbox", "there is no sandbox")
    assert entry.key == b"key"


def test_answers_that_are_all_there_come_back_in_order() -> None:
    texts = ["yes", "no", "yes", "no", "no"]
    answers = [
        (Entry(slot(number), b"key"), Completion(text), make_item()) for number, text in enumerate(texts)
    ]

    entries = list(grade_all(answers, make_task(), Thinking(0.01)))

    assert [entry.slot.item for entry in entries] == [0, 1, 2, 3, 4]
    assert [entry.score and entry.score.value for entry in entries] == [1.0, 0.0, 1.0, 0.0, 0.0]


def test_an_error_of_a_slow_grader_is_raised_and_costs_no_answer() -> None:
    entries: list[Entry] = []

    async def work() -> None:
        grading = Grading(entries.append)
        entry = Entry(slot(0), b"key", Completion("crash"))
        grading.grade(entry, (Completion("crash"), make_item()), make_task(), Thinking())
        await grading.finish()

    with pytest.raises(InputError, match="the grader broke"):
        asyncio.run(work())

    assert [entry.completion for entry in entries] == [Completion("crash")]


def test_once_closed_answers_are_kept_for_the_next_leg_and_not_judged() -> None:
    entries: list[Entry] = []
    grader = Thinking()

    async def work() -> None:
        grading = Grading(entries.append)
        grading.close()
        entry = Entry(slot(0), b"key", Completion("yes"))
        grading.grade(entry, (Completion("yes"), make_item()), make_task(), grader)
        await grading.finish()

    asyncio.run(work())

    assert len(entries) == 1
    assert grader.threads == set()


def test_an_answer_is_heard_once_its_grade_is_there_and_whoever_waits_is_told_of_the_end() -> None:
    told: list[str] = []

    async def work() -> None:
        grading = Grading(
            lambda entry: told.append("late grade" if entry.is_late_grade else "answer"),
            lambda entry, completion: told.append(f"heard {completion.text} {entry.score}"),
            lambda: told.append("ended"),
        )
        entry = Entry(slot(0), b"key", Completion("yes"))
        grading.grade(entry, (Completion("yes"), make_item()), make_task(), Thinking())
        told.append(f"busy: {grading.is_busy}")
        await grading.finish()
        await asyncio.sleep(0)
        told.append(f"busy: {grading.is_busy}")

    asyncio.run(work())

    heard = f"heard yes {Score(1.0, 'yes')}"
    assert told == ["answer", "busy: True", "late grade", heard, "ended", "busy: False"]
