from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

import pytest

from evalbench.core.evalset import GraderSpec, Item
from evalbench.core.score import Grade, Problem, Score
from evalbench.graders.contract import broken_promises, score_faults
from evalbench.graders.exact import Exact
from evalbench.graders.factory import make_grader
from tests.build import make_item, make_task


class Pliable:
    """A grader that does whatever a test wants."""

    accepts_truncated = False

    def __init__(
        self,
        grade: Callable[[str, Item], Grade],
        signature: str = "pliable@1",
        problems: Sequence[Problem] = (),
    ) -> None:
        self._grade = grade
        self.signature = signature
        self._problems = list(problems)

    def grade(self, answer: str, item: Item) -> Grade:
        return self._grade(answer, item)

    def check(self, items: Sequence[Item]) -> list[Problem]:
        return self._problems if items else []


def right(answer: str, item: Item) -> Score:
    return Score(float(item.target is not None and answer == item.target))


def test_a_shipped_grader_keeps_the_contract() -> None:
    assert broken_promises(lambda: Exact({}, make_task()), make_item(target="yes"), "Yes.") == []


def test_a_combination_keeps_the_contract(tmp_path: Path) -> None:
    parts = [{"name": "exact", "options": {}}, {"name": "length", "options": {"max_words": 3}}]

    def make() -> Pliable:
        grader = make_grader(GraderSpec("all", {"graders": parts}), make_task(), tmp_path)
        return Pliable(grader.grade, grader.signature)

    assert broken_promises(make, make_item(target="yes"), "Yes.") == []


def test_a_plain_grader_keeps_the_contract() -> None:
    assert broken_promises(lambda: Pliable(right), make_item(target="yes"), "yes") == []


def _raises(answer: str, item: Item) -> Score:
    if "\ud800" in answer:
        raise ValueError("what is this")
    return right(answer, item)


def _forgets(answer: str, item: Item, numbers: count[int] = count()) -> Score:  # noqa: B008 - kept between calls
    return Score(right(answer, item).value, str(next(numbers)))


@pytest.mark.parametrize(
    ("grade", "broken"),
    [
        (lambda answer, item: Score(0.5), "gives the right answer 0.5"),
        (lambda answer, item: Score(float(answer == "yes")), "gives points where there is no target"),
        (_raises, "answer 'half surrogate': raises ValueError: what is this"),
        (_forgets, "answer 'right': is judged differently the second time"),
        (lambda answer, item: Score(right(answer, item).value, answer), "leaves a reading or an explanation"),
        (lambda answer, item: Score(right(answer, item).value or math.nan), "scores nan, not from 0 to 1"),
    ],
)
def test_what_no_grader_may_do_is_told(grade: Callable[[str, Item], Score], broken: str) -> None:
    found = broken_promises(lambda: Pliable(grade), make_item(target="yes"), "yes")

    assert any(broken in promise for promise in found)


def test_a_signature_that_changes_is_told() -> None:
    numbers = count()

    found = broken_promises(lambda: Pliable(right, f"a@{next(numbers)}"), make_item(target="yes"), "yes")

    assert found[0].startswith("has two signatures when made twice: 'a@")


def test_a_fault_found_in_a_good_target_is_told() -> None:
    found = broken_promises(
        lambda: Pliable(right, problems=[Problem("i1", "no")]), make_item(target="yes"), "yes"
    )

    assert found[0] == "finds fault with a good target: no"


@pytest.mark.parametrize(
    ("score", "fault"),
    [
        (Score(1.5), "scores 1.5, not from 0 to 1"),
        (Score(0.0, is_valid=False), "is unreadable, but has points or no explanation"),
        (Score(0.0, "x" * 60_000), "leaves 60,000 bytes of reading and explanation"),
        (Score(0.0, statistics=(-1.0,)), "leaves counts that cannot be summed"),
    ],
)
def test_what_no_score_may_be_is_told(score: Score, fault: str) -> None:
    (found,) = score_faults(score)

    assert found == fault
