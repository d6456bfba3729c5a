from typing import Any

import pytest

from evalbench.core.evalset import JsonValue
from evalbench.providers.local.tables import Program, has_table, to_json


@pytest.mark.parametrize(
    ("settings", "table", "value"),
    [
        ({}, 'a,b\n1,"x, y"\n', [{"a": 1, "b": "x, y"}]),
        ({}, "a;b\n1,5;x\n", [{"a": "1,5", "b": "x"}]),
        ({}, "a\tb\n007\t-2.5\n", [{"a": "007", "b": -2.5}]),
        ({}, "a,b\n1\n", [{"a": 1, "b": None}]),
        ({}, 'a,b\n1,"two\nlines"\n', [{"a": 1, "b": "two\nlines"}]),
        ({"reading": "naive"}, 'a,b\n1,"x, y"\n', [{"a": 1, "b": '"x'}]),
        ({"numbers": "text"}, "a,b\n1,2\n", [{"a": "1", "b": "2"}]),
        ({"numbers": "continental"}, "a;b\n1.234,5;2\n", [{"a": 1234.5, "b": 2}]),
        ({"numbers": "grouped"}, 'a,b\n"1,234.5",2\n', [{"a": 1234.5, "b": 2}]),
        ({"empty": "omit"}, "a,b\n1,\n", [{"a": 1}]),
        ({"empty": "text"}, "a,b\n1,\n", [{"a": 1, "b": ""}]),
        ({"keys": "snake"}, "Unit Price,B\n1,2\n", [{"unit_price": 1, "b": 2}]),
        ({"booleans": "typed"}, "a,b\nyes,No\n", [{"a": True, "b": False}]),
        ({"dates": "iso_day_first"}, "a,b\n31.03.2024,x\n", [{"a": "2024-03-31", "b": "x"}]),
        ({"quote": "single"}, "a,b\n1,'x, y'\n", [{"a": 1, "b": "x, y"}]),
        ({"quote": "escape"}, "a,b\n1,x\\, y\n", [{"a": 1, "b": "x, y"}]),
        ({"comments": "skip"}, "# note\na,b\n\n1,2\n", [{"a": 1, "b": 2}]),
        ({"trim": "strip"}, "a  | b\n1  | x y \n", [{"a": 1, "b": "x y"}]),
        ({"shape": "object"}, "a,b\n1,2\n", {"a": 1, "b": 2}),
        ({}, "", []),
    ],
)
def test_a_table_becomes_json(settings: dict[str, Any], table: str, value: JsonValue) -> None:
    found = to_json(table, "", Program(**settings))

    assert found == value


@pytest.mark.parametrize(
    ("settings", "instruction", "value"),
    [
        (
            {"keys": "headless"},
            "No headings; the fields are x, y, in this order.",
            [{"x": "a", "y": "b"}, {"x": 1, "y": 2}],
        ),
        ({"keys": "replaced"}, "Use the keys x, y instead.", [{"x": 1, "y": 2}]),
        ({"columns": "named"}, "Only the column b please.", [{"b": 2}]),
        ({"identifiers": "named"}, "Here b is an identifier.", [{"a": 1, "b": "2"}]),
    ],
)
def test_an_instruction_names_columns(settings: dict[str, Any], instruction: str, value: JsonValue) -> None:
    found = to_json("a,b\n1,2\n", instruction, Program(**settings))

    assert found == value


def test_prose_is_no_table() -> None:
    assert not has_table("Just a sentence, no more.")
