from __future__ import annotations

from typing import Any

import pytest

from evalbench.core.score import Score
from evalbench.errors import InputError
from evalbench.graders.json_schema import JsonSchema
from tests.build import make_item, make_task

ORDER = {
    "type": "object",
    "required": ["amount"],
    "properties": {"amount": {"type": "integer"}, "tags": {"$ref": "#/$defs/tags"}},
    "additionalProperties": False,
    "$defs": {"tags": {"type": "array", "uniqueItems": True}},
}


def grade(answer: str, form: Any = None, /, **options: Any) -> Score:
    return JsonSchema(options, make_task(schema=form or ORDER)).grade(answer, make_item())


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ('{"amount": 3}', 1.0),
        ('{"amount": 3.0, "tags": ["a", 1, true]}', 1.0),
        ('{"amount": 3.5}', 0.0),
        ('{"amount": "3"}', 0.0),
        ('{"amount": 3, "more": 1}', 0.0),
        ('{"amount": 3, "tags": [{"a": 1}, {"a": 1.0}]}', 0.0),
        ("[]", 0.0),
    ],
)
def test_json_fits_or_does_not(answer: str, value: float) -> None:
    score = grade(answer)

    assert (score.value, score.is_valid) == (value, True)


def test_what_does_not_fit_is_named_with_its_place() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}}}

    assert grade('{"a": ["x", 7]}', schema).explanation == "a[1]: 7 is not of type 'string'"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "Here: {}",
        '{"amount": 3,}',
        "{'amount': 3}",
        '{"amount": NaN}',
        '```json\n{"amount": 3}\n```',
        '{"amount": 1, "amount": 2}',
    ],
)
def test_what_is_no_strict_json_is_unreadable(answer: str) -> None:
    assert not grade(answer).is_valid


def test_a_fence_can_be_passed_over() -> None:
    assert grade('```json\n{"amount": 3}\n```', fence="accept").value == 1.0


def test_the_option_goes_before_the_schema_of_the_eval_set() -> None:
    assert grade("7", ORDER, schema={"type": "integer"}).value == 1.0


@pytest.mark.parametrize(
    "reference", ["https://example.invalid/schema.json", "other.json#/a", "#/$defs/nothing"]
)
def test_a_reference_to_elsewhere_is_refused_and_not_fetched(reference: str) -> None:
    with pytest.raises(InputError, match="which is not in it"):
        JsonSchema({"schema": {"properties": {"a": {"$ref": reference}}}}, make_task())


def test_a_recursive_schema_is_followed() -> None:
    schema = {"type": "object", "properties": {"next": {"$ref": "#"}}, "additionalProperties": False}

    assert grade('{"next": {"next": {}}}', schema).value == 1.0
    assert grade('{"next": {"nxt": {}}}', schema).value == 0.0


def test_a_pattern_that_would_take_forever_is_given_up() -> None:
    score = grade(f'"{"a" * 5_000}!"', {"type": "string", "pattern": "^(a|a)*$"})

    assert score.value == 0.0


def test_many_objects_are_compared_in_linear_time() -> None:
    answer = "[" + ",".join(f'{{"a": {number}}}' for number in range(8_000)) + "]"

    assert grade(answer, {"type": "array", "uniqueItems": True}).value == 1.0


def test_a_target_that_does_not_fit_itself_is_a_problem() -> None:
    items = [
        make_item("1", target={"amount": "x"}),
        make_item("2", target={"amount": 1}),
        make_item("3", target="text"),
    ]

    assert [problem.item_id for problem in JsonSchema({}, make_task(schema=ORDER)).check(items)] == ["1"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "no schema to check with"),
        ({"schema": {"type": "strin"}}, "no JSON Schema"),
        ({"schema": "a.json"}, "a group of keys"),
    ],
)
def test_without_a_usable_schema_there_is_no_grader(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        JsonSchema(options, make_task())
