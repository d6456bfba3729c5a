from __future__ import annotations

from decimal import Decimal

import pytest

from evalbench.graders.json_text import as_json, exact, find_json, parse_json


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{'a': 1}", "not JSON"),
        ('{"a": 1,}', "not JSON"),
        ('{"a": 1, "a": 2}', "repeats the key 'a'"),
        ('{"a": NaN}', "holds NaN"),
        ('{"a": -Infinity}', "holds -Infinity"),
        ("[" * 10_000 + "]" * 10_000, "nested deeper than 100"),
        ("[" * 1_000_000, "nested deeper than 100"),
        ('"' + "x" * 1_000_000 + '"', "longer than 1,000,000"),
        ('{"a": 1e99999999999999999999}', "too large"),
        ("", "not JSON"),
    ],
)
def test_what_is_not_strict_json_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_json(text)


def test_brackets_inside_text_do_not_count_as_depth() -> None:
    assert parse_json('"' + "[" * 500 + '"') == "[" * 500


def test_numbers_keep_their_exact_value() -> None:
    assert parse_json("[0.1, 1.0, 12345678901234567890.5]") == [
        Decimal("0.1"),
        Decimal(1),
        Decimal("12345678901234567890.5"),
    ]


def test_a_float_of_a_target_equals_the_same_number_in_an_answer() -> None:
    assert exact({"a": [0.1, True, None, "x"]}) == {"a": [Decimal("0.1"), True, None, "x"]}


@pytest.mark.parametrize(
    "answer",
    [
        '{"a": 1}',
        ' {"a": 1}\nHope this helps {really}!',
        'Sure:\n```json\n{"a": 1}\n```\nIt is {"a": 2} no more.',
        'With {curly} braces: {"a": 1}.',
        '[Note] The result is {"a": 1}',
    ],
)
def test_the_first_object_is_found_among_words(answer: str) -> None:
    assert find_json(answer, dict) == {"a": Decimal(1)}


@pytest.mark.parametrize(
    "answer",
    [
        'It is {"a": {"b": 1}',
        'It is {"a": NaN, "b": {"c": 1}} or {"a": 1}',
        "It is {'a': 1} or {\"a\": 1}",
        '[{"a": 1}]',
        "no object",
        "",
    ],
)
def test_nothing_is_read_out_of_a_broken_or_missing_object(answer: str) -> None:
    with pytest.raises(ValueError, match=r"not JSON|NaN|holds no complete|no object"):
        find_json(answer, dict)


def test_a_list_is_found_when_a_list_is_wanted() -> None:
    assert find_json('Here: ["a", {"b": []}].', list) == ["a", {"b": []}]


def test_a_value_is_written_with_plain_numbers() -> None:
    assert (
        as_json({"b": Decimal("2.50"), "a": Decimal(3), "c": Decimal("1e999")})
        == '{"a": 3, "b": 2.5, "c": "1E+999"}'
    )
