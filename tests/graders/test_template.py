from __future__ import annotations

from typing import Any

import pytest

from evalbench.core.score import Score
from evalbench.graders.template import Template
from tests.build import make_item, make_task

LETTER = "Dear {{name}}, your parcel {{ number }} arrives on {{day}}."
FIELDS = {"name": "Ann Lee", "number": "X-17", "day": "Monday"}


def grade(answer: str, target: Any = LETTER, fields: Any = None, text: str = "", **options: Any) -> Score:
    item = make_item(text=text, target=target, fields=FIELDS if fields is None else fields)
    assert Template(options, make_task()).check([item]) == []
    return Template(options, make_task()).grade(answer, item)


def test_a_template_filled_with_the_right_values_is_right() -> None:
    score = grade("Dear Ann Lee, your parcel X-17 arrives on Monday.", score="whole")

    assert (score.value, score.explanation) == (1.0, "")


def test_a_wrong_value_costs_its_share_and_is_named() -> None:
    score = grade("Dear Ann Lee, your parcel X-18 arrives on Monday.")

    assert score.value == pytest.approx((2 / 3 + 9 / 10) / 2)
    assert score.explanation == 'missing number "X-17"; 90% of the wording'


def test_values_at_each_others_places_are_noticed() -> None:
    score = grade("from B to A", "from {{x}} to {{y}}", {"x": "A", "y": "B"}, score="whole")

    assert score.value == 0.0


@pytest.mark.parametrize(("score", "value"), [("slots", 1.0), ("wording", 2 * 5 / (5 + 10))])
def test_slots_and_wording_can_be_judged_alone(score: str, value: float) -> None:
    assert grade("Ann Lee X-17 Monday", score=score).value == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "name[Blue Spice], eatType[coffee shop], familyFriendly[yes]",
        "name: Blue Spice\neatType: coffee shop",
        '{"name": "Blue Spice", "eatType": "coffee shop"}',
    ],
)
def test_the_values_of_a_filled_text_are_read_off_the_input(text: str) -> None:
    target = ["Blue Spice is a coffee shop.", "A coffee shop called Blue Spice."]

    assert grade("A coffee shop called Blue Spice", target, {}, text).value == 1.0
    assert 'missing name "Blue Spice"' in grade("A coffee shop called Red", target, {}, text).explanation


def test_values_come_from_an_object_in_a_column() -> None:
    fields = {"data": {"name": "Ann", "age": 7}, "name": "somebody else"}

    assert grade("Ann is 7", "{{name}} is {{age}}", fields, slots="data").value == 1.0


def test_a_text_without_values_is_judged_by_its_wording() -> None:
    assert grade("good day", "good bye", {}).value == pytest.approx(0.5)


def test_a_gap_that_nothing_fills_is_a_problem() -> None:
    items = [
        make_item("1", target="Dear {{nobody}}"),
        make_item("2", target=" "),
        make_item("3", target={"a": 1}),
    ]

    problems = {problem.item_id: problem.message for problem in Template({}, make_task()).check(items)}

    assert "'nobody', for which the item has no value" in problems["1"]
    assert "holds no words" in problems["2"]
    assert "neither text nor a list" in problems["3"]
