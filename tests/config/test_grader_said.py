from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from evalbench.config.evalset_file import read_evalset_file
from evalbench.config.schema import schemas
from evalbench.core.evalset import GraderSpec, JsonValue
from evalbench.errors import EvalSetError


def read(folder: Path, text: str) -> GraderSpec:
    path = folder / "evalset.yaml"
    path.write_text(text, encoding="utf-8")
    found: GraderSpec = read_evalset_file(path)["grader"]
    return found


def part(name: str, weight: float = 1.0, **options: JsonValue) -> JsonValue:
    return {"name": name, "options": options, "weight": weight}


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("grader: exact", GraderSpec("exact")),
        ("grader: {name: contains, all: true}", GraderSpec("contains", {"all": True})),
        (
            "grader:\n  all:\n  - exact\n  - {name: length, max_words: 20}",
            GraderSpec("all", {"graders": [part("exact"), part("length", max_words=20)]}),
        ),
        (
            "grader: {any: [exact, {all: [label, mine.py:grade]}], accept_truncated: true}",
            GraderSpec(
                "any",
                {
                    "graders": [part("exact"), part("all", graders=[part("label"), part("mine.py:grade")])],
                    "accept_truncated": True,
                },
            ),
        ),
        (
            "grader: {weighted: [{grader: rouge, weight: 2}, {grader: {name: length, max_words: 9}}]}",
            GraderSpec("weighted", {"graders": [part("rouge", 2.0), part("length", max_words=9)]}),
        ),
    ],
)
def test_graders_and_combinations_are_read(tmp_path: Path, text: str, spec: GraderSpec) -> None:
    assert read(tmp_path, text) == spec


def test_the_single_graders_of_a_combination_are_found_at_any_depth(tmp_path: Path) -> None:
    spec = read(tmp_path, "grader: {any: [exact, {all: [label, mine.py:grade]}]}")

    assert [single.name for single in spec.singles] == ["exact", "label", "mine.py:grade"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("grader: {all: []}", 1, "has an empty list for 'all'"),
        ("grader: {alle: [exact]}", 1, "has no `name`, and none of `all`, `any` and `weighted`"),
        ("grader: {all: [a], any: [b]}", 1, "has more than one of `all`, `any` and `weighted`"),
        ("grader: {all: [exact], max_words: 3}", 1, "unknown key 'max_words' beside 'all'"),
        ("grader: {all: [exact], accept_trunkated: true}", 1, "did you mean 'accept_truncated'?"),
        ("grader:\n  all:\n  - exact\n  - {nam: x}", 4, "'grader.all.1' has no `name`"),
        (
            "grader:\n  weighted:\n  - {grader: a, weight: -1}",
            3,
            "'grader.weighted.0.weight' is '-1', not above 0",
        ),
        ("grader:\n  weighted:\n  - {grade: a}", 3, "did you mean 'grader'?"),
        ("grader:\n  weighted:\n  - exact", 3, "not a group of keys"),
        ("grader: {name: all, graders: [exact]}", 1, "names 'all', which combines others"),
        ("grader: [exact]", 1, "is neither a name nor a group of keys"),
        ("grader: ''", 1, "is empty"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    with pytest.raises(EvalSetError) as refused:
        read(tmp_path, text)

    assert any(
        f"evalset.yaml:{line}: " in problem and message in problem for problem in refused.value.problems
    )


@pytest.mark.parametrize(
    "grader",
    [
        "exact",
        {"name": "length", "max_words": 3},
        {"all": ["exact", {"name": "length", "max_words": 3}]},
        {"weighted": [{"grader": {"any": ["exact"]}, "weight": 2}]},
    ],
)
def test_an_editor_accepts_combinations(grader: JsonValue) -> None:
    jsonschema.validate({"grader": grader}, json.loads(schemas()["evalset.schema.json"]))


@pytest.mark.parametrize("grader", [{"weighted": ["exact"]}, {"all": "exact"}])
def test_an_editor_marks_what_is_no_combination(grader: JsonValue) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"grader": grader}, json.loads(schemas()["evalset.schema.json"]))


def test_a_combination_is_called_by_its_parts(tmp_path: Path) -> None:
    spec = read(tmp_path, "grader: {any: [exact, {all: [label, mine.py:grade]}]}")

    assert spec.title == "any(exact, all(label, mine.py:grade))"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("grader: {exact: {normalize: none}}", 'write `{name: exact, normalize: "none"}`'),
        ("grader: {all: [length, {contains: {all: true}}]}", "write `{name: contains, all: true}`"),
        ("grader: {exact: }", "write `{name: exact}`"),
    ],
)
def test_a_name_in_place_of_the_key_name_is_answered_with_how_to_write_it(
    tmp_path: Path, text: str, hint: str
) -> None:
    with pytest.raises(EvalSetError) as caught:
        read(tmp_path, text)

    assert caught.value.problems[0].startswith(f"{tmp_path / 'evalset.yaml'}:1: ")
    assert caught.value.fix == f"{hint}."
