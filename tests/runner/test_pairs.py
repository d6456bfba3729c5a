"""Answers that are compared: each waits for that of the current tier, in whatever order they come."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from evalbench.core.completion import Completion, Status
from evalbench.core.evalset import Item, Limits
from evalbench.core.plan import Entry, Slot
from evalbench.core.score import Grade, Problem, Score
from evalbench.runner.grading import judge_pair
from evalbench.runner.later import Grading, grade_all
from evalbench.runner.pairs import NOT_COMPARED, Pairs, Yardstick
from tests.build import make_item, make_task

YARDSTICK = Yardstick(tier=2, tiers=3)
TASK = make_task(limits=Limits(max_answer_s=5.0))


class Longer:
    """Prefers the longer answer, and remembers what it was asked."""

    signature = "longer@1"
    accepts_truncated = False

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def compare(self, answer: str, other: str, item: Item) -> Grade:
        del item
        self.asked.append((answer, other))
        return Score(float(len(answer) > len(other)), "compared")

    def check(self, items: Sequence[Item]) -> list[Problem]:
        del items
        return []


def answer(tier: int, text: str, item: int = 0) -> tuple[Entry, Completion, Item]:
    completion = Completion(text)
    return Entry(Slot(0, tier, item, 0), b"key", completion), completion, make_item()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_every_other_answer_is_compared_once_whatever_comes_first(order: tuple[int, ...]) -> None:
    answers = [answer(0, "short"), answer(1, "the longest"), answer(2, "middling")]
    grader = Longer()

    entries = grade_all([answers[tier] for tier in order], TASK, grader, yardstick=YARDSTICK)

    scores = {entry.slot.tier: entry.score and entry.score.value for entry in entries}
    assert scores == {0: 0.0, 1: 1.0, 2: None}
    assert sorted(grader.asked) == [("short", "middling"), ("the longest", "middling")]


def test_an_answer_without_one_to_compare_it_with_is_not_graded_instead_of_lost() -> None:
    (entry,) = grade_all([answer(0, "alone")], TASK, Longer(), yardstick=YARDSTICK)

    assert (entry.score, entry.failure) == (None, NOT_COMPARED)


def test_an_answer_is_handed_on_before_it_is_compared_and_left_alone_once_the_run_is_stopped() -> None:
    entries: list[Entry] = []
    grader = Longer()

    async def work() -> None:
        grading = Grading(entries.append)
        for number in (0, 2):
            entry, completion, item = answer(number, "x" * number)
            grading.grade(entry, (completion, item), TASK, grader, YARDSTICK)
            grading.close()
        await grading.finish()

    asyncio.run(work())

    assert [(entry.slot.tier, entry.score, entry.failure) for entry in entries] == [
        (0, None, None),
        (2, None, None),
    ]
    assert grader.asked == []


def test_nothing_is_kept_of_an_item_whose_answers_have_all_come() -> None:
    pairs = Pairs()

    found = [pairs.add(*answer(tier, "x")[:2], YARDSTICK) for tier in (0, 2, 1)]

    assert [len(each) for each in found] == [0, 1, 1]
    assert list(pairs.left()) == []
    assert pairs.add(*answer(0, "again")[:2], YARDSTICK) == []  # A new item as far as anybody remembers.


GOOD = Completion("fine")
CUT = Completion("fine but", Status.TRUNCATED)
LATE = Completion("fine", latency_s=9.0)
EMPTY = Completion("", Status.EMPTY)
SILENT = Completion(" ", Status.REFUSED)
REFUSED = Completion("I will not.", Status.REFUSED)


@pytest.mark.parametrize("failed", [CUT, LATE, EMPTY, SILENT])
def test_who_failed_has_lost_and_two_who_failed_are_even_and_nobody_is_asked(failed: Completion) -> None:
    grader, item = Longer(), make_item()

    grades = [
        judge_pair(*pair, item, TASK, grader) for pair in [(failed, GOOD), (GOOD, failed), (failed, failed)]
    ]

    assert [grade.value for grade in grades if isinstance(grade, Score)] == [0.0, 1.0, 0.5]
    assert grader.asked == []


def test_a_refusal_that_says_something_is_compared_since_refusing_may_be_right() -> None:
    grader = Longer()

    grade = judge_pair(REFUSED, GOOD, make_item(), TASK, grader)

    assert isinstance(grade, Score)
    assert grader.asked == [("I will not.", "fine")]
