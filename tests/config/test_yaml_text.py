from __future__ import annotations

from pathlib import Path

import pytest

from evalbench.config.yaml_text import (
    MAX_BYTES,
    Plain,
    YamlTextError,
    as_json,
    is_unset,
    line_of,
    parse_yaml,
    read_yaml,
)
from evalbench.errors import InputError


@pytest.mark.parametrize(
    "written",
    ["no", "yes", "on", "012", "1:30", "null", "NA", "1.0", "1e3", "2026-11-23", "0x1F", "~", "true"],
)
def test_a_plain_scalar_stays_the_text_that_was_written(written: str) -> None:
    tree = parse_yaml(f"labels: [{written}]")

    assert tree["labels"] == [written]


def test_a_key_that_is_there_twice_is_refused_with_both_lines() -> None:
    with pytest.raises(YamlTextError, match="'a' is there twice \\(first on line 1\\)") as caught:
        parse_yaml("a: 1\nb: 2\na: 3\n")

    assert caught.value.line == 3


def test_an_alias_stands_for_what_it_names() -> None:
    tree = parse_yaml("a: &x {k: v}\nb: *x\n")

    assert tree == {"a": {"k": "v"}, "b": {"k": "v"}}


def test_aliases_that_multiply_without_end_are_refused() -> None:
    levels = [f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 10)}]" for level in range(1, 9)]
    text = "\n".join(["l0: &l0 [x]", *levels])

    with pytest.raises(YamlTextError, match="expands to more than"):
        parse_yaml(text)


def test_an_alias_of_itself_is_refused() -> None:
    with pytest.raises(YamlTextError, match="nested too deeply"):
        parse_yaml("a: &a [*a]")


@pytest.mark.parametrize("depth", [100, 20_000])
def test_a_text_that_is_nested_too_deeply_is_refused(depth: int) -> None:
    with pytest.raises(YamlTextError, match="nested too deeply"):
        parse_yaml("a: " + "[" * depth + "]" * depth)


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a: 1\n---\nb: 2\n", "second document", 2),
        ("a: !!python/object:os.system x", "tags are not used", 1),
        ("- a\n- b\n", "no `key: value` pairs", 1),
        ("a: 1\nb: [1, 2\n", "not YAML", 3),
        ("a: 1\n{x: 1}: 2\n", "a key that is not a word", 2),
        ("? {x: 1}\n: 2\n", "a key that is not a word", 1),
        ("a: 1\nb: \x07\n", "a character that YAML does not allow", 2),
    ],
)
def test_what_is_no_settings_text_is_refused_with_its_line(text: str, message: str, line: int) -> None:
    with pytest.raises(YamlTextError, match=message) as caught:
        parse_yaml(text)

    assert caught.value.line == line


def test_a_syntax_error_never_shows_the_text_around_it() -> None:
    with pytest.raises(YamlTextError) as caught:
        parse_yaml('api_key: sk-secret-value: "x\n')

    assert "secret" not in str(caught.value)


def test_an_empty_text_is_an_empty_mapping() -> None:
    assert parse_yaml("# nothing\n") == {}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("null", None),
        ("~", None),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("12", 12),
        ("012", 12),
        ("0o17", 15),
        ("0o9", "0o9"),
        ("0x1F", 31),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("1:30", "1:30"),
        ("2026-11-23", "2026-11-23"),
        ('"12"', "12"),
        ("'null'", "null"),
    ],
)
def test_free_form_settings_read_plain_scalars_as_yaml_1_2_does(written: str, value: object) -> None:
    assert as_json(parse_yaml(f"v: {written}")["v"]) == value


@pytest.mark.parametrize("written", [".inf", "-.inf", ".nan", "1e999"])
def test_free_form_settings_refuse_numbers_that_json_lacks(written: str) -> None:
    with pytest.raises(ValueError, match="number"):
        as_json(parse_yaml(f"v: {written}")["v"])


def test_only_an_unquoted_null_means_unset() -> None:
    tree = parse_yaml("a: null\nb: 'null'\nc:\nd: ''\n")

    assert [is_unset(value) for value in tree.values()] == [True, False, True, False]


def test_the_line_of_a_missing_value_is_that_of_its_parent() -> None:
    tree = parse_yaml("tiers:\n  small:\n    params: {a: 1}\n")

    assert line_of(tree, ("tiers", "small", "model")) == 2


def test_a_quoted_scalar_is_not_plain() -> None:
    tree = parse_yaml("a: x\nb: 'x'\n")

    assert [isinstance(value, Plain) for value in tree.values()] == [True, False]


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "evalset.yaml"
    path.write_bytes(b"a" * (MAX_BYTES + 1))

    with pytest.raises(InputError, match="at most 512,000"):
        read_yaml(path)


def test_a_file_that_is_no_text_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "evalset.yaml"
    path.write_bytes(b"a: 1\nb: \xff\n")

    with pytest.raises(InputError, match=r"evalset.yaml:2: not UTF-8"):
        read_yaml(path)
