from __future__ import annotations

from pathlib import Path

import pytest

from evalbench.loaders.csv_file import read_rows
from evalbench.loaders.problems import Problems
from evalbench.loaders.rows import Row
from tests.loaders.sets import load


def read(path: Path, text: str | bytes) -> tuple[list[Row], list[str]]:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    problems = Problems()
    return list(read_rows(path, problems)), problems.found


@pytest.mark.parametrize(
    "written", ["007", "NA", "null", "1.0", "1e3", "None", "", "true", " x ", "12345678901234567890"]
)
def test_a_cell_stays_the_text_that_was_written(tmp_path: Path, written: str) -> None:
    rows, _ = read(tmp_path / "a.csv", f"id,text\n{written},x\n")

    assert rows[0].values == {"id": written, "text": "x"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_of_the_header(tmp_path: Path, delimiter: str) -> None:
    header = delimiter.join(["id", '"a, b; c|d\te"', "label"])
    cells = delimiter.join(["1", "x", "y"])

    rows, _ = read(tmp_path / "a.csv", f"{header}\n{cells}\n")

    assert list(rows[0].values) == ["id", "a, b; c|d\te", "label"]


def test_a_single_column_needs_no_delimiter(tmp_path: Path) -> None:
    rows, _ = read(tmp_path / "a.csv", "text\nhello\n")

    assert rows[0].values == {"text": "hello"}


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    rows, _ = read(tmp_path / "a.csv", b"\xef\xbb\xbfid,text\r\n1,x\r\n")

    assert list(rows[0].values) == ["id", "text"]


def test_line_numbers_are_those_of_the_file_even_after_cells_of_several_lines(tmp_path: Path) -> None:
    rows, _ = read(tmp_path / "a.csv", 'id,text\n1,"a\nb\n\nc"\n\n2,"x, ""y"""\n')

    assert [(row.line, row.values["text"]) for row in rows] == [(2, "a\nb\n\nc"), (7, 'x, "y"')]


def test_a_ragged_row_is_a_problem_with_its_line(tmp_path: Path) -> None:
    rows, problems = read(tmp_path / "a.csv", "id,text\n1,a\n2,b,c\n3\n4,d\n")

    assert [row.line for row in rows] == [2, 5]
    assert problems == ["a.csv:3: has 3 cells, the header has 2", "a.csv:4: has 1 cells, the header has 2"]


@pytest.mark.parametrize(
    ("header", "message"),
    [("id,text,text", "the column 'text' is there twice"), ("id,,text", "column 2 has no name")],
)
def test_a_header_that_cannot_be_used_is_one_problem(tmp_path: Path, header: str, message: str) -> None:
    rows, problems = read(tmp_path / "a.csv", f"{header}\n1,a,b\n2,c,d\n")

    assert rows == []
    assert problems == [f"a.csv:1: {message}"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('id,text\n1,a\n2,"never ends\n3,b\n', "a.csv:3: a quoted cell begins here and never ends"),
        ('id,text\n1,"a"b\n', "a.csv:2: not CSV"),
        ("id,text\n1,a\0b\n", "a.csv:2: holds NUL bytes"),
        ("id,text\r1,a\r2,b\r", "a.csv:1: its lines end in CR alone"),
        ("", "a.csv: the file is empty"),
    ],
)
def test_what_is_no_csv_is_a_problem_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    _, problems = read(tmp_path / "a.csv", text)

    assert problems[0].startswith(message)


def test_a_cell_of_more_than_10_megabytes_is_refused(tmp_path: Path) -> None:
    _, problems = read(tmp_path / "a.csv", 'id,text\n1,"' + ("x" * 999_999 + "\n") * 11 + '"\n')

    assert problems[0] == "a.csv:2: a cell that begins here is longer than 10 MB"


def test_an_honest_long_cell_is_read_whole(tmp_path: Path) -> None:
    rows, problems = read(tmp_path / "a.csv", f"id,text\n1,{'x' * 500_000}\n")

    assert len(str(rows[0].values["text"])) == 500_000
    assert problems == []


def test_only_a_header_is_no_row(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv", "id,text\n") == ([], [])


def test_a_spreadsheet_in_utf_16_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("id\ttext\r\n1\té\r\n".encode("utf-16"))
    problems = Problems()

    assert list(read_rows(path, problems)) == []
    assert problems.found == ["a.csv:1: not UTF-8 text, but UTF-16"]
    assert problems.fix is not None
    assert f"iconv -f UTF-16 -t UTF-8 {path} > {tmp_path}/a-utf8.csv" in problems.fix


def test_a_file_of_windows_gets_the_command_that_makes_it_readable(tmp_path: Path) -> None:
    path = tmp_path / "my tickets.csv"
    path.write_bytes("id,text\n1,caf\u00e9 \u201cx\u201d\n".encode("cp1252"))
    problems = Problems()

    list(read_rows(path, problems))

    assert problems.found == ["my tickets.csv:2: not UTF-8 text (byte 0xe9 at position 6)"]
    assert problems.fix is not None
    command = f"iconv -f WINDOWS-1252 -t UTF-8 '{path}' > '{tmp_path}/my tickets-utf8.csv'"
    assert problems.fix.endswith(command)


def test_rows_with_an_empty_input_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\nhello,a\n,b\n  ,a\nbye,b\n", encoding="utf-8")

    warnings = load(path).warnings

    assert any("a.csv: 2 rows have an empty input, in column 'text'" in warning for warning in warnings)


def test_rows_with_an_input_each_are_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\nhello,a\n0,b\nbye,b\n", encoding="utf-8")

    assert not any("empty input" in warning for warning in load(path).warnings)
