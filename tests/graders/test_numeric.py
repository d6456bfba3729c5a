from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalbench.core.evalset import JsonValue
from evalbench.errors import InputError
from evalbench.graders.numeric import Numeric
from tests.build import make_item, make_task

RECORDINGS = Path(__file__).parents[3] / "shared/data/recordings/gsm8k.jsonl"


@pytest.mark.parametrize(
    "answer", ["20", "$20.00", "20 dollars.", "It is 5 + 15 = 20", "2e1", "#### 20", "**20**", "20 %", "40/2"]
)
def test_a_number_is_compared_by_value(answer: str) -> None:
    grader = Numeric({}, make_task())

    score = grader.grade(answer, make_item(target="20"))

    assert (score.value, score.reading) == (1.0, "20")


@pytest.mark.parametrize(
    "answer",
    [
        "First 3, then 7.",
        "#### 7\nNote: 3 of them are red.",
        r"So \boxed{7} of the 12 remain",
        "The answer is 7 because 3 + 4 = 7, and not 12.",
        "**Answer:** 7 (of 12)",
        "The answer is 3 + 4 = 7 apples. All 12 are there.",
        "3 + 4 = $7.\n\nSo it costs $7 more for 1/2 pound of nuts.",
    ],
)
def test_the_conclusion_of_a_chain_of_thought_counts(answer: str) -> None:
    grader = Numeric({}, make_task())

    score = grader.grade(answer, make_item(target="7"))

    assert score.value == 1.0


def test_a_fraction_at_the_end_is_the_answer_when_no_equation_says_otherwise() -> None:
    grader = Numeric({}, make_task())

    score = grader.grade("Of 4 pieces she ate 3, so 3/4 of the cake.", make_item(target="0.75"))

    assert score.value == 1.0


@pytest.mark.parametrize(("take", "reading"), [("last", "9"), ("first", "2"), ("only", None)])
def test_take_says_which_number_counts(take: str, reading: str | None) -> None:
    grader = Numeric({"take": take}, make_task())

    score = grader.grade("2, maybe 9", make_item(target="9"))

    assert (score.reading, score.is_valid) == (reading, reading is not None)


def test_only_accepts_one_value_said_twice() -> None:
    grader = Numeric({"take": "only"}, make_task())

    score = grader.grade("$20, that is 20.00", make_item(target="20"))

    assert score.value == 1.0


@pytest.mark.parametrize(("answer", "value"), [("3.14", 1.0), ("3.15", 1.0), ("3.16", 0.0)])
def test_the_absolute_tolerance_is_inclusive(answer: str, value: float) -> None:
    grader = Numeric({"tolerance": 0.01}, make_task())

    score = grader.grade(answer, make_item(target="3.14"))

    assert score.value == value


@pytest.mark.parametrize(("answer", "value"), [("-101", 1.0), ("-99", 1.0), ("-102", 0.0)])
def test_the_relative_tolerance_is_a_share_of_the_target(answer: str, value: float) -> None:
    grader = Numeric({"rel_tolerance": 0.01}, make_task())

    score = grader.grade(answer, make_item(target="-100"))

    assert score.value == value


@pytest.mark.parametrize("answer", ["", "no idea", "NaN", "inf"])
def test_an_answer_without_a_number_is_unreadable(answer: str) -> None:
    grader = Numeric({}, make_task())

    score = grader.grade(answer, make_item(target="1"))

    assert (score.value, score.is_valid) == (0.0, False)


def test_five_percent_is_five() -> None:
    grader = Numeric({}, make_task())
    item = make_item(target="5%")

    assert (grader.grade("5", item).value, grader.grade("0.05", item).value) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("answer", "value"), [("5 km", 1.0), ("5,000 m", 1.0), ("5000", 1.0), ("500 m", 0.0), ("5 kmh", 0.0)]
)
def test_units_count_for_what_they_are_said_to_be_worth(answer: str, value: float) -> None:
    grader = Numeric({"units": {"m": 1, "km": 1000}}, make_task())

    assert grader.grade(answer, make_item(target="5km")).value == value
    assert grader.signature == 'numeric@2(units={"km": 1000, "m": 1})'


@pytest.mark.parametrize("answer", ["5%", "0.05", "The answer is 5 %.", "1/20"])
def test_a_percentage_can_be_a_share(answer: str) -> None:
    grader = Numeric({"units": {"%": 0.01}}, make_task())

    assert grader.grade(answer, make_item(target="5 %")).value == 1.0


@pytest.mark.parametrize("worth", [0, -1, "much", None])
def test_a_unit_that_is_worth_nothing_is_refused(worth: JsonValue) -> None:
    with pytest.raises(InputError, match="not a number above zero"):
        Numeric({"units": {"km": worth}}, make_task())


@pytest.mark.parametrize("answer", ["Twenty-one", "We count. The answer is twenty-one.", "twenty one apples"])
def test_an_answer_without_digits_may_be_a_number_in_words(answer: str) -> None:
    score = Numeric({}, make_task()).grade(answer, make_item(target="21"))

    assert (score.value, score.reading) == (1.0, "21")


def test_digits_come_before_words() -> None:
    score = Numeric({}, make_task()).grade("Twenty-one of 30", make_item(target="21"))

    assert (score.value, score.reading) == (0.0, "30")


def test_a_list_of_targets_accepts_any_of_them() -> None:
    grader = Numeric({}, make_task())

    score = grader.grade("8", make_item(target=["7", 8]))

    assert score.value == 1.0


def test_a_target_may_be_a_solution_that_marks_its_answer() -> None:
    grader = Numeric({}, make_task())
    item = make_item(target="2 + 3 = 5\n#### 5")

    assert grader.check([item]) == []
    assert grader.grade("5", item).value == 1.0


def test_targets_that_are_not_one_number_are_problems() -> None:
    grader = Numeric({}, make_task())
    items = [
        make_item("word", target="many"),
        make_item("two", target="1 or 2"),
        make_item("none", target=None),
    ]

    problems = grader.check(items)

    assert [problem.item_id for problem in problems] == ["word", "two"]


@pytest.mark.skipif(not RECORDINGS.exists(), reason="the recordings of gsm8k are not here")
def test_recorded_answers_of_a_strong_model_are_88_86_percent_right_by_value() -> None:
    grader = Numeric({}, make_task())
    rows = [json.loads(line) for line in RECORDINGS.read_text(encoding="utf-8").splitlines()]
    answers = [row for row in rows if row["model"] == "gpt-4-1106-preview"]

    values = [grader.grade(row["output"], make_item(target=row["target"])).value for row in answers]

    assert (sum(values), len(values)) == (1172, 1319)
    recorded = [row["score"] for row in answers]
    assert sum(1 for value, score in zip(values, recorded, strict=True) if value > score) == 42
    assert sum(1 for value, score in zip(values, recorded, strict=True) if value < score) == 0
