from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from evalbench.config.schema import schemas, write_schemas

COMMITTED = Path(__file__).parents[2] / "docs" / "schema"


@pytest.mark.parametrize("name", ["evalbench.schema.json", "evalset.schema.json", "prices.schema.json"])
def test_the_committed_schema_is_the_one_the_program_checks_with(name: str) -> None:
    committed = (COMMITTED / name).read_text(encoding="utf-8")

    assert committed == schemas()[name]


def test_schemas_are_written_where_asked(tmp_path: Path) -> None:
    write_schemas(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(schemas())


@pytest.mark.parametrize(
    "settings",
    [
        {"items": "a.csv", "labels": ["a", 12, None], "grader": "label"},
        {"items": {"hub": "a/b"}, "grader": {"name": "numeric", "tolerance": 0.1}},
        {"schema": {"type": "object"}, "per_tier": {"small": {"shots": 2}}},
    ],
)
def test_an_editor_accepts_short_and_long_forms(settings: dict[str, object]) -> None:
    schema = json.loads(schemas()["evalset.schema.json"])

    jsonschema.validate(settings, schema)


def test_an_editor_marks_an_unknown_key() -> None:
    schema = json.loads(schemas()["evalbench.schema.json"])

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"tiers": {"a": "x/y"}, "curent": "a"}, schema)
