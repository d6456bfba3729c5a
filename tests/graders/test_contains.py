from __future__ import annotations

import pytest

from evalbench.graders.contains import Contains
from tests.build import make_item, make_task


def test_one_of_the_accepted_texts_is_enough() -> None:
    grader = Contains({}, make_task())

    score = grader.grade("We went to  the LOUVRE\ntoday", make_item(target=["Orsay", "the Louvre"]))

    assert (score.value, score.reading) == (1.0, "the Louvre")


def test_with_all_every_text_must_occur() -> None:
    grader = Contains({"all": True}, make_task())
    item = make_item(target=["red", "blue"])

    both, one = grader.grade("blue and red", item), grader.grade("only red", item)

    assert (both.value, one.value) == (1.0, 0.0)
    assert one.explanation == 'does not mention ["blue"]'


@pytest.mark.parametrize(("answer", "value"), [("IT costs", 1.0), ("it costs", 0.0)])
def test_case_counts_when_asked(answer: str, value: float) -> None:
    grader = Contains({"case_sensitive": True}, make_task())

    score = grader.grade(answer, make_item(target="IT"))

    assert score.value == value


def test_an_empty_text_is_a_problem_because_every_answer_contains_it() -> None:
    grader = Contains({}, make_task())

    problems = grader.check([make_item(target="")])

    assert "every answer contains" in problems[0].message
