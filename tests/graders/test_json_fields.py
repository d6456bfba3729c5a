from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalbench.core.evalset import JsonValue
from evalbench.graders.json_fields import JsonFields
from tests.build import make_item, make_task

SLOTS = Path(__file__).parents[3] / "shared/data/plain/restaurant8k-extraction.jsonl"


def test_the_score_is_f1_over_the_fields() -> None:
    grader = JsonFields({}, make_task())
    item = make_item(target={"name": "Ann", "people": 4, "time": "19:00"})

    score = grader.grade('{"people": 4.0, "name": "ANN", "time": "20:00"}', item)

    assert score.value == pytest.approx(2 / 3)
    assert score.statistics == (2.0, 1.0, 1.0)
    assert score.explanation == 'time is "20:00", expected "19:00"'


@pytest.mark.parametrize(
    ("answer", "value"), [('{"a": "x"}', 1.0), ('{"a": "x", "b": 1}', 0.0), ('{"a": "y"}', 0.0), ("{}", 0.0)]
)
def test_with_score_all_every_field_must_be_right_and_none_extra(answer: str, value: float) -> None:
    grader = JsonFields({"score": "all"}, make_task())

    score = grader.grade(answer, make_item(target={"a": "x"}))

    assert score.value == value


@pytest.mark.parametrize("options", [{}, {"score": "all"}])
@pytest.mark.parametrize(("answer", "value"), [("{}", 1.0), ('{"a": 1}', 0.0)])
def test_an_empty_object_is_a_target_of_its_own(options: dict[str, str], answer: str, value: float) -> None:
    grader = JsonFields(options, make_task())

    score = grader.grade(answer, make_item(target={}))

    assert (score.value, score.is_valid) == (value, True)


@pytest.mark.parametrize(
    "answer", ["", "none", "{'a': 1}", '{"a": NaN}', '{"a": 1, "a": 1}', '{"a": ' * 10_000]
)
def test_an_answer_without_strict_json_is_unreadable_and_lacks_every_field(answer: str) -> None:
    grader = JsonFields({}, make_task())

    score = grader.grade(answer, make_item(target={"a": 1, "b": [1, 2]}))

    assert (score.value, score.is_valid, score.statistics) == (0.0, False, (0.0, 0.0, 3.0))
    assert score.explanation.startswith("the answer ")


def test_without_normalisation_case_counts() -> None:
    grader = JsonFields({"normalize": "none"}, make_task())

    score = grader.grade('{"a": "ann"}', make_item(target={"a": "Ann"}))

    assert score.value == 0.0


@pytest.mark.parametrize(("nulls", "value"), [("value", 2 / 3), ("absent", 1.0)])
def test_a_null_counts_as_a_value_or_as_absent(nulls: str, value: float) -> None:
    grader = JsonFields({"nulls": nulls}, make_task())

    score = grader.grade('{"a": 1, "b": null}', make_item(target={"a": 1}))

    assert score.value == pytest.approx(value)


@pytest.mark.parametrize("target", ['{"a": [1, 2]}', {"a": [2, 1]}])
def test_a_target_may_be_json_or_json_text(target: JsonValue) -> None:
    grader = JsonFields({}, make_task())

    score = grader.grade('{"a": [1, 2]}', make_item(target=target))

    assert score.value == 1.0


def test_targets_that_are_neither_object_nor_list_are_problems() -> None:
    grader = JsonFields({}, make_task())
    items = [
        make_item("text", target="hello"),
        make_item("scalar", target="5"),
        make_item("broken", target="{"),
        make_item("list", target=[]),
        make_item("none", target=None),
    ]

    problems = grader.check(items)

    assert [problem.item_id for problem in problems] == ["text", "scalar", "broken"]


@pytest.mark.skipif(not SLOTS.exists(), reason="the extraction set restaurant8k is not here")
def test_every_target_of_a_real_set_is_right_as_an_answer_to_itself() -> None:
    grader = JsonFields({}, make_task())
    targets = [json.loads(line)["target"] for line in SLOTS.read_text(encoding="utf-8").splitlines()]

    values = {grader.grade(json.dumps(target), make_item(target=target)).value for target in targets}

    assert values == {1.0}
