from __future__ import annotations

from decimal import Decimal

import pytest

from evalbench.graders.yaml_text import read_yaml


@pytest.mark.parametrize("text", ["no", "012", "1:30", "2024-01-02", "0x1F", ".inf", ".nan", "Yes", "1_000"])
def test_what_is_not_plainly_a_number_or_a_truth_value_stays_text(text: str) -> None:
    assert read_yaml(f"a: {text}") == {"a": text}


def test_plain_values_are_read_and_quoted_ones_stay_text() -> None:
    value = read_yaml("{a: 5, b: '5', c: -1.50, d: true, e: 'true', f: null, g: ~, h: , i: !!str 5}")

    assert value == {
        "a": Decimal(5),
        "b": "5",
        "c": Decimal("-1.5"),
        "d": True,
        "e": "true",
        "f": None,
        "g": None,
        "h": None,
        "i": "5",
    }


def test_aliases_are_resolved() -> None:
    assert read_yaml("a: &x [1]\nb: *x") == {"a": [Decimal(1)], "b": [Decimal(1)]}


def test_several_documents_are_a_list() -> None:
    assert read_yaml("--- a\n--- b\n") == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1\na: 2", "repeats the key 'a'"),
        ("a: &x [*x]", "names nothing before it"),
        ("a: *x", "names nothing before it"),
        ("? [a]\n: b", "not a plain value"),
        ("[" * 10_000, "nested deeper"),
        ("- " * 10_000, "nested deeper"),
        ("a: [", "not YAML"),
        ("\x00", "not YAML"),
    ],
)
def test_what_cannot_be_read_safely_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_yaml(text)


def test_a_tag_builds_no_object() -> None:
    assert read_yaml("!!python/object/apply:os.getcwd []") == []
    assert read_yaml("!thing x") == ["!thing", "x"]
