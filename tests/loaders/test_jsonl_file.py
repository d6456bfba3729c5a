from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest

from evalbench.loaders.jsonl_file import parse, read_rows
from evalbench.loaders.problems import Problems
from evalbench.loaders.rows import Row, as_text, as_value


def read(path: Path, text: str | bytes) -> tuple[list[Row], list[str]]:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    problems = Problems()
    return list(read_rows(path, problems)), problems.found


@pytest.mark.parametrize(
    "written", ["7", "1.0", "1e3", "-0", "123456789012345678901234567890", "0.10", "1E+2"]
)
def test_a_number_keeps_the_text_it_was_written_as(tmp_path: Path, written: str) -> None:
    rows, _ = read(tmp_path / "a.jsonl", f'{{"id": {written}}}\n')

    assert as_text(rows[0].values["id"]) == written


@pytest.mark.parametrize(
    ("written", "text"), [("true", "true"), ("false", "false"), ("null", None), ("[]", None)]
)
def test_other_scalars_are_text_as_written(written: str, text: str | None) -> None:
    assert as_text(parse(written)) == text


def test_numbers_inside_objects_are_real_numbers() -> None:
    assert as_value(parse('{"a": [1, 2.5, {"b": 1e2}], "c": true}')) == {
        "a": [1, 2.5, {"b": 100.0}],
        "c": True,
    }


def test_rows_carry_their_line_numbers_past_blank_lines(tmp_path: Path) -> None:
    rows, problems = read(tmp_path / "a.jsonl", '\ufeff{"a": 1}\n\n  \r\n{"a": 2}\r\n{"a": 3}')

    assert [row.line for row in rows] == [1, 4, 5]
    assert problems == []


def test_a_line_separator_inside_a_text_does_not_end_the_line(tmp_path: Path) -> None:
    rows, _ = read(tmp_path / "a.jsonl", '{"a": "x\u2028y\x85z"}\n')

    assert rows[0].values["a"] == "x\u2028y\x85z"


def test_broken_json_on_line_17_is_named_with_that_line(tmp_path: Path) -> None:
    good = '{"a": "x"}\n'

    rows, problems = read(tmp_path / "items.jsonl", good * 16 + '{"a": "x"\n' + good)

    assert len(rows) == 17
    assert len(problems) == 1
    assert problems[0].startswith("items.jsonl:17: not JSON: ")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[1, 2]", "not a JSON object: '[1, 2]'"),
        ('"text"', "not a JSON object"),
        ('{"a": NaN}', "holds NaN, which JSON does not have"),
        ('{"a": -Infinity}', "holds -Infinity, which JSON does not have"),
        ('{"a": 1, "a": 2}', "the key 'a' is there twice"),
        ('{"a": "\\ud800"}', "half of a character"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": 1} {"a": 2}', "not JSON: Extra data"),
    ],
)
def test_a_line_that_is_no_row_is_a_problem_with_its_line(tmp_path: Path, line: str, message: str) -> None:
    rows, problems = read(tmp_path / "a.jsonl", f'{{"a": 0}}\n{line}\n')

    assert [row.line for row in rows] == [1]
    assert problems[0].startswith("a.jsonl:2: ")
    assert message in problems[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": ' + "[" * 200 + "]" * 200 + "}", "levels deep"),
        ('{"a": 1e999}', "too large"),
        ('{"a": %s}', "digits"),
    ],
)
def test_values_that_no_program_can_hold_are_refused(text: str, message: str) -> None:
    value = parse(text.replace("%s", "9" * 5000))

    with pytest.raises(ValueError, match=message):
        as_value(value)


def test_a_surrogate_pair_is_one_character() -> None:
    assert parse('"\\ud83d\\ude00"') == "\U0001f600"


def test_an_empty_file_is_a_problem(tmp_path: Path) -> None:
    _, problems = read(tmp_path / "a.jsonl", "")

    assert problems == ["a.jsonl: the file is empty"]


def test_a_binary_file_is_one_problem(tmp_path: Path) -> None:
    _, problems = read(tmp_path / "a.jsonl", b'{"a": 1}\n\x89PNG\0\0\0\n' * 50)

    assert problems == ["a.jsonl:2: holds NUL bytes, so this is no text file"]


def test_another_encoding_is_one_problem_with_its_line(tmp_path: Path) -> None:
    _, problems = read(tmp_path / "a.jsonl", '{"a": "x"}\n{"a": "é"}\n'.encode("latin-1") * 9)

    assert len(problems) == 1
    assert problems[0].startswith("a.jsonl:2: not UTF-8 text (byte 0xe9")


def test_a_line_of_200_megabytes_is_refused_at_once_with_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(b'{"a": "x"}\n{"a": "')
        file.truncate(200_000_000)
    problems = Problems()
    tracemalloc.start()
    started = time.perf_counter()

    rows = list(read_rows(path, problems))

    seconds, (_, peak_bytes) = time.perf_counter() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(rows) == 1
    assert problems.found == ["a.jsonl:2: the line is longer than 10 MB"]
    assert seconds < 5
    assert peak_bytes < 50_000_000
