from __future__ import annotations

import pytest

from evalbench.graders.exact import Exact
from tests.build import make_item, make_task


@pytest.mark.parametrize("answer", ["Paris", " paris.\n", "**Paris**"])
def test_an_answer_that_says_the_same_is_right(answer: str) -> None:
    grader = Exact({}, make_task())

    score = grader.grade(answer, make_item(target="Paris"))

    assert (score.value, score.reading, score.is_valid) == (1.0, "paris", True)


def test_any_of_several_accepted_answers_is_right() -> None:
    grader = Exact({}, make_task())
    item = make_item(target=["USA", "United States"])

    values = [grader.grade(answer, item).value for answer in ("united states", "usa", "us")]

    assert values == [1.0, 1.0, 0.0]


def test_a_wrong_answer_is_told_what_was_expected() -> None:
    grader = Exact({}, make_task())

    score = grader.grade("Lyon", make_item(target="Paris"))

    assert (score.value, score.explanation) == (0.0, 'expected "Paris"')


def test_an_article_makes_a_difference() -> None:
    grader = Exact({}, make_task())

    score = grader.grade("the Louvre", make_item(target="Louvre"))

    assert score.value == 0.0


@pytest.mark.parametrize(
    ("answer", "value"), [("Paris\n", 1.0), ("paris", 0.0), ("Paris.", 0.0), (" Paris", 0.0)]
)
def test_without_normalisation_every_character_counts_but_the_last_line_end(
    answer: str, value: float
) -> None:
    grader = Exact({"normalize": "none"}, make_task())

    score = grader.grade(answer, make_item(target="Paris"))

    assert score.value == value


def test_an_empty_text_is_a_target() -> None:
    grader = Exact({}, make_task())

    score = grader.grade("\n", make_item(target=""))

    assert score.value == 1.0


def test_options_are_part_of_the_signature() -> None:
    grader = Exact({"normalize": "none", "accept_truncated": True}, make_task())

    assert grader.signature == "exact@1(accept_truncated=true,normalize=none)"
    assert grader.accepts_truncated
