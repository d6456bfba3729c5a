from __future__ import annotations

from typing import Any

import pytest

from evalbench.errors import InputError
from evalbench.graders.choice import Choice
from tests.build import make_item, make_task

QUESTION = "What is the capital of France?\nA) Rome\nB) Paris\nC) Paris, Texas\nD) Berlin"


def read(answer: str, text: str = QUESTION, target: str = "B", **options: Any) -> tuple[str | None, bool]:
    score = Choice(options, make_task()).grade(answer, make_item(text=text, target=target))
    return score.reading, score.is_valid


@pytest.mark.parametrize(
    "answer",
    [
        *("B", "b", "(B)", " B.\n", "**B**", "```\nB\n```", "<answer>B</answer>", '{"answer": "B"}'),
        *(
            "The answer is (B).",
            "Answer: **B**",
            "The answer is\n\nB",
            "ANSWER: B",
            "My final answer is option b.",
        ),
        *("**B)** because it is", "B. Paris", "B: Paris", "B - Paris", "(B) Paris", "Option b"),
        *("\\boxed{B}", "$\\boxed{\\text{B}}$", "#### B", "I choose B", "B is correct", "I think it's B"),
        *("Paris", "paris.", "The capital is Paris.", "The answer is B because A is wrong"),
        "A) Rome is in Italy\nB) Paris is in France\nThe answer is B.",
        "Option A is wrong. Option B is right.",
    ],
)
def test_the_choice_is_found_however_it_is_said(answer: str) -> None:
    assert read(answer) == ("B", True)


@pytest.mark.parametrize(
    ("answer", "reading"),
    [("It is Paris, Texas", "C"), ("A", "A"), ("I think it's A.", "A"), ("A: Rome", "A")],
)
def test_another_choice_is_read_as_what_it_is(answer: str, reading: str) -> None:
    assert read(answer) == (reading, True)


@pytest.mark.parametrize(
    "answer",
    [
        *("A or B", "Both A and B", "The answer is A or B", "A/B", "Option A, or option B", "(A) (B)"),
        *(
            "B) Rome",
            "A: B",
            "A\n\nThe answer is B",
            "The answer is A. No, the answer is B.",
            "Rome or Berlin",
        ),
        "A) Rome\nB) Paris\nC) Paris, Texas\nD) Berlin",
    ],
)
def test_several_choices_are_no_choice(answer: str) -> None:
    assert read(answer) == (None, False)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "I don't know",
        "A dog",
        "The answer is a tricky thing",
        "As an AI I cannot",
        "42",
        "The answer is E",
    ],
)
def test_an_answer_that_names_no_choice_is_unreadable(answer: str) -> None:
    assert read(answer) == (None, False)


def test_a_letter_that_is_not_on_offer_is_named() -> None:
    score = Choice({}, make_task()).grade("The answer is E", make_item(text=QUESTION, target="B"))

    assert score.explanation == "the answer names E, which is not one of A, B, C, D"


def test_an_amount_is_the_text_of_its_choice_not_a_letter() -> None:
    text = "2 + 2?\nA) 3\nB) 4\nC) 5"

    assert [read("The answer is 4.", text), read("4", text)] == [("B", True), ("B", True)]


def test_digits_are_choices_where_they_are_offered() -> None:
    assert read("The answer is 2.", "Which?", "2", letters="1234") == ("2", True)


def test_the_last_list_of_choices_is_the_question() -> None:
    text = "Example\nA) x\nB) y\n\nQuestion\nA) Rome\nB) Paris"

    assert read("Paris", text) == ("B", True)
    assert read("y", text) == (None, False)


@pytest.mark.parametrize(
    "column",
    [["Rome", "Paris"], {"label": ["A", "B"], "text": ["Rome", "Paris"]}, {"A": "Rome", "B": "Paris"}],
)
def test_choices_come_from_a_column(column: Any) -> None:
    item = make_item(text="Which?", target="Paris", fields={"choices": column})
    grader = Choice({}, make_task())

    assert grader.check([item]) == []
    assert [grader.grade(answer, item).value for answer in ("B", "Paris", "A")] == [1.0, 1.0, 0.0]


def test_targets_that_are_on_no_offer_are_problems() -> None:
    items = [
        make_item(str(n), QUESTION, target) for n, target in enumerate(["B", "(c)", "Berlin", "E", "London"])
    ]

    problems = Choice({}, make_task()).check(items)

    assert [problem.item_id for problem in problems] == ["3", "4"]
    assert "none of the choices A, B, C, D" in problems[0].message


@pytest.mark.parametrize("letters", ["A", "AAB", "A B", "ABÜ"])
def test_letters_that_cannot_be_choices_are_refused(letters: str) -> None:
    with pytest.raises(InputError, match="not two or more different letters"):
        Choice({"letters": letters}, make_task())


def test_any_accepted_choice_is_right() -> None:
    score = Choice({}, make_task()).grade("d", make_item(text=QUESTION, target=["B", "D"]))

    assert score.value == 1.0
