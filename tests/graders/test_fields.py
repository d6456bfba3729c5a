from __future__ import annotations

from decimal import Decimal

import pytest

from evalbench.core.evalset import JsonValue
from evalbench.graders.fields import FieldComparison


def counts(answer: JsonValue, target: JsonValue) -> tuple[int, int, int]:
    found = FieldComparison(str).compare(answer, target)
    return found.right, found.extra, found.missing


@pytest.mark.parametrize(
    ("answer", "target", "expected"),
    [
        ({}, {}, (0, 0, 0)),
        ([], [], (0, 0, 0)),
        ({"a": "x"}, {"a": "x"}, (1, 0, 0)),
        ({"a": "y"}, {"a": "x"}, (0, 1, 1)),
        ({}, {"a": "x", "b": "y"}, (0, 0, 2)),
        ({"a": "x", "b": "y"}, {"a": "x"}, (1, 1, 0)),
        ({"a": {"b": "x", "c": "y"}}, {"a": {"b": "x", "c": "z"}}, (1, 1, 1)),
        ({"a": "x"}, {"a": {"b": "x", "c": "y"}}, (0, 1, 2)),
        ({"a": []}, {"a": []}, (1, 0, 0)),
        ({"a": []}, {"a": ["x", "y"]}, (0, 1, 2)),
        ({"a": {}}, {}, (0, 1, 0)),
        ({"a": True}, {"a": Decimal(1)}, (0, 1, 1)),
        ({"a": "1"}, {"a": Decimal(1)}, (0, 1, 1)),
        ({"a": Decimal("1.0")}, {"a": Decimal(1)}, (1, 0, 0)),
        ({"a": None}, {"a": None}, (1, 0, 0)),
    ],
)
def test_fields_are_counted_as_right_extra_and_missing(
    answer: JsonValue, target: JsonValue, expected: tuple[int, int, int]
) -> None:
    assert counts(answer, target) == expected


@pytest.mark.parametrize(
    ("answer", "target", "expected"),
    [
        (["y", "x"], ["x", "y"], (2, 0, 0)),
        (["x", "x"], ["x"], (1, 1, 0)),
        (["x"], ["x", "x"], (1, 0, 1)),
        (["z", "y"], ["x", "y"], (1, 1, 1)),
        ([["b", "a"]], [["a", "b"]], (2, 0, 0)),
    ],
)
def test_lists_are_compared_without_regard_to_order(
    answer: JsonValue, target: JsonValue, expected: tuple[int, int, int]
) -> None:
    assert counts(answer, target) == expected


def test_entries_of_a_list_are_paired_for_the_best_total() -> None:
    target = [{"n": "a", "x": "1", "y": "1"}, {"n": "b", "x": "1", "y": "1"}]
    answer = [{"n": "c", "x": "1", "y": "1"}, {"n": "a", "x": "2", "y": "3"}]

    found = counts(answer, target)

    # Taking the first best pair greedily would leave `a` with `b` and lose its name.
    assert found == (3, 3, 3)


def test_the_notes_name_the_wrong_missing_and_extra_fields() -> None:
    found = FieldComparison(str).compare({"a": "y", "c": "z"}, {"a": "x", "b": {"d": "w"}})

    assert found.notes == ('a is "y", expected "x"', 'missing b: {"d": "w"}', 'extra c: "z"')


def test_f1_is_one_when_there_is_nothing_to_find_and_nothing_said() -> None:
    assert FieldComparison(str).compare({}, {}).f1 == 1.0


def test_very_long_lists_that_share_little_are_paired_in_order() -> None:
    target: JsonValue = [{"a": str(number), "b": "x"} for number in range(300)]
    answer: JsonValue = [{"a": f"{number}?", "b": "x"} for number in range(300)]

    found = FieldComparison(str).compare(answer, target)

    assert (found.right, found.extra, found.missing) == (300, 300, 300)
    assert "taken in order" in found.notes[0]


def test_a_comparison_without_end_is_refused() -> None:
    rows: JsonValue = [[{"a": f"{row}.{place}"} for place in range(40)] for row in range(40)]
    other: JsonValue = [[{"a": f"{row}!{place}"} for place in range(40)] for row in range(40)]

    with pytest.raises(ValueError, match="too large to compare"):
        counts(rows, other)
