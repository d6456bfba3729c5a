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


FACTS = [["14 March", "March 14"], "Lena", "$4,200"]


@pytest.mark.parametrize(
    ("answer", "options", "value"),
    [
        ("Lena pays $4,200 on March 14.", {"score": "share"}, 1.0),
        ("Lena pays on 14 March.", {"score": "share"}, 2 / 3),
        ("Tom pays later.", {"score": "share"}, 0.0),
        ("Lena pays $4,200 on March 14.", {"all": True}, 1.0),
        ("Lena pays on 14 March.", {"all": True}, 0.0),
        ("On March 14.", {}, 1.0),
    ],
)
def test_one_of_several_texts_may_have_wordings_of_its_own(
    answer: str, options: dict[str, object], value: float
) -> None:
    grader = Contains(options, make_task())
    item = make_item(target=FACTS)

    score = grader.grade(answer, item)

    assert score.value == pytest.approx(value)
    assert ("$4,200" in score.explanation) == ("$4,200" not in answer and value < 1)
    assert grader.check([item]) == []


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (["Lena", ["14 March", ""]], "every answer contains"),
        (["Lena", []], "neither text nor a list"),
        (["Lena", {"not": {"a": 1}}], "neither text nor a list"),
        ([{"not": "Tom"}], "only what must not occur"),
        ([["Lena", ["14 March"]]], "neither text nor a list"),
    ],
)
def test_wordings_are_texts(target: object, message: str) -> None:
    (problem,) = Contains({}, make_task()).check([make_item(target=target)])

    assert message in problem.message


@pytest.mark.parametrize(
    ("answer", "options", "value"),
    [
        ("Lena does it.", {"score": "share"}, 0.5),
        ("Lena does it on March 14, not Tom.", {"score": "share"}, 0.5),
        ("Lena does it on March 14.", {"score": "share"}, 1.0),
        ("Lena or Tom does it on March 14.", {"all": True}, 0.0),
        ("Lena does it on March 14.", {"all": True}, 1.0),
        ("Lena or Tom.", {}, 0.0),
        ("Tom in May.", {"score": "share"}, 0.0),
        ("", {"score": "share"}, 0.0),
        ("Lena.", {}, 1.0),
        ("Nobody.", {}, 0.0),
    ],
)
def test_what_must_not_occur_counts_against_an_answer(
    answer: str, options: dict[str, object], value: float
) -> None:
    grader = Contains(options, make_task())
    item = make_item(target=[["14 March", "March 14"], "Lena", {"not": ["Tom", "Thomas"]}, {"not": "May"}])

    score = grader.grade(answer, item)

    assert score.value == pytest.approx(value)
    assert ('"Tom"' in score.explanation) == ("Tom" in answer)
    assert grader.check([item]) == []
