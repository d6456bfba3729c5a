from __future__ import annotations

import pytest

from evalbench.errors import InputError
from evalbench.graders.regex import Regex
from tests.build import make_item, make_task

BOMB = "(a+)+$"


def test_group_one_of_the_match_is_compared_with_the_target() -> None:
    grader = Regex({"pattern": r"Answer: (\w+)"}, make_task())

    score = grader.grade("Well.\nAnswer: Paris\n", make_item(target="paris"))

    assert (score.value, score.reading) == (1.0, "Paris")


def test_a_pattern_without_groups_gives_the_whole_match() -> None:
    grader = Regex({"pattern": r"[A-D]\b"}, make_task())

    score = grader.grade("I choose B.", make_item(target="B"))

    assert score.value == 1.0


def test_a_match_may_be_compared_by_value() -> None:
    grader = Regex({"pattern": r"total: (\S+)", "compare": "numeric"}, make_task())

    score = grader.grade("total: $1,200.00 or so", make_item(target="1200"))

    assert score.value == 1.0


@pytest.mark.parametrize("answer", ["", "no number here"])
def test_an_answer_the_pattern_does_not_match_is_unreadable(answer: str) -> None:
    grader = Regex({"pattern": r"\d+"}, make_task())

    score = grader.grade(answer, make_item(target="5"))

    assert (score.value, score.is_valid) == (0.0, False)


def test_without_a_pattern_the_target_is_the_pattern() -> None:
    grader = Regex({}, make_task())
    item = make_item(target=[r"^\d{4}$", "never"])

    right, wrong = grader.grade("2024", item), grader.grade("24", item)

    assert (right.value, right.reading) == (1.0, "2024")
    assert (wrong.value, wrong.is_valid) == (0.0, True)


@pytest.mark.parametrize("options", [{"pattern": BOMB}, {}])
def test_a_search_without_end_is_given_up(options: dict[str, str]) -> None:
    grader = Regex(options, make_task())

    score = grader.grade("a" * 5_000 + "!", make_item(target=BOMB))

    assert not score.is_valid
    assert "took longer" in score.explanation


def test_a_broken_pattern_is_refused_before_anything_runs() -> None:
    with pytest.raises(InputError, match=r"no regular expression: '\(a'"):
        Regex({"pattern": "(a"}, make_task())


def test_numeric_comparison_needs_a_pattern() -> None:
    with pytest.raises(InputError, match="needs the option 'pattern'"):
        Regex({"compare": "numeric"}, make_task())


def test_a_target_that_is_no_pattern_is_a_problem() -> None:
    grader = Regex({}, make_task())
    items = [
        make_item("broken", target="(a"),
        make_item("fine", target="a|b"),
        make_item("none", target=None),
    ]

    problems = grader.check(items)

    assert [problem.item_id for problem in problems] == ["broken"]
    assert grader.grade("x", items[0]).value == 0.0


def test_a_target_that_is_no_number_is_a_problem_when_compared_by_value() -> None:
    grader = Regex({"pattern": "x", "compare": "numeric"}, make_task())

    problems = grader.check([make_item(target="many")])

    assert "is not a number" in problems[0].message
