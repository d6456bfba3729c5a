from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalbench.core.evalset import JsonValue
from evalbench.errors import InputError
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


ORDER = {
    "issued": "2025-08-30",
    "by": "Dr. Anna Berg",
    "lines": [{"what": "tea", "price": "3 EUR"}, {"what": "pot", "price": 1204.5}],
}


def test_the_spelling_of_fields_that_are_named_does_not_matter() -> None:
    answer = {
        "issued": "30. August 2025",
        "by": "Berg, Anna",
        "lines": [{"what": "pot", "price": "1.204,50 €"}, {"what": "tea", "price": "€3"}],
    }
    forms = {"issued": "date", "by": "name", "lines.price": "price"}
    item = make_item(target=ORDER)

    assert JsonFields({"fields": forms}, make_task()).grade(json.dumps(answer), item).value == 1.0
    assert JsonFields({}, make_task()).grade(json.dumps(answer), item).value == pytest.approx(2 / 6)


def test_what_a_named_field_does_not_hold_is_compared_as_it_is() -> None:
    grader = JsonFields({"fields": {"issued": "date"}}, make_task())

    assert grader.grade('{"issued": "Soon"}', make_item(target={"issued": "soon"})).value == 1.0
    score = grader.grade('{"issued": "31 August 2025"}', make_item(target={"issued": "2025-08-30"}))
    assert (score.value, score.explanation) == (0.0, 'issued is "31 August 2025", expected "2025-08-30"')


def test_targets_that_do_not_hold_what_their_fields_are_said_to_are_problems() -> None:
    grader = JsonFields({"fields": {"issued": "date", "lines.price": "price"}}, make_task())
    ambiguous = make_item("b", target={"issued": "01/02/2024", "lines": [{"price": "dear"}]})

    assert [problem.message for problem in grader.check([make_item(target=ORDER), ambiguous])] == [
        'issued is "01/02/2024", which cannot be read as a date; if it is one, say `date_order: DMY` or MDY',
        'lines.price is "dear", which cannot be read as a price',
    ]
    assert grader.check([make_item(target={"issued": "2025-08-30", "lines": []})])[0].message == (
        "option 'fields' names 'lines.price', which no target has; use one of: issued"
    )


def test_what_a_field_may_hold_is_checked_before_anything_is_asked() -> None:
    with pytest.raises(InputError) as caught:
        JsonFields({"fields": {"issued": "dates"}}, make_task())

    assert caught.value.fix == "did you mean 'date'?"


def test_json_that_could_be_repaired_scores_nothing_but_is_told_what_it_would() -> None:
    answer, item = "{'a': 'x', b: 2", make_item(target={"a": "x", "b": 3})

    strict = JsonFields({}, make_task()).grade(answer, item)
    repaired = JsonFields({"parse": "repaired"}, make_task())

    assert (strict.value, strict.is_valid) == (0.0, False)
    assert strict.explanation.endswith("; repaired, it would score 0.50 (parse: repaired)")
    assert repaired.grade(answer, item).value == pytest.approx(0.5)
    assert repaired.signature == "json_fields@1(parse=repaired)"


@pytest.mark.parametrize(
    "answer",
    ["I cannot.", '{"a":' * 3000, "[" * 5000, "'" * 19_000, "{a:" * 5000, '{"a": 1,' * 60_000],
)
@pytest.mark.parametrize("parse", ["strict", "repaired"])
def test_what_nothing_can_repair_is_unreadable(answer: str, parse: str) -> None:
    score = JsonFields({"parse": parse}, make_task()).grade(answer, make_item(target={"b": 1}))

    assert score.value == 0.0


def test_reading_thousands_of_texts_is_refused_instead_of_taking_minutes() -> None:
    grader = JsonFields({"fields": {"when": "date"}}, make_task())
    answer = json.dumps([{"when": f"{number} 12 bogus 2024"} for number in range(3000)])

    score = grader.grade(answer, make_item(target=[{"when": "2025-08-30"}]))

    assert (score.value, score.is_valid) == (0.0, False)
    assert "too large to compare" in score.explanation
