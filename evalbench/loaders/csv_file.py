"""Read rows from CSV: every cell stays the text it was written as."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from evalbench.loaders.problems import Problems
from evalbench.loaders.rows import MAX_BYTES, Row
from evalbench.loaders.text_lines import text_lines

_DELIMITERS = ",;\t|"


def read_rows(path: Path, problems: Problems) -> Iterator[Row]:
    """The file's rows; the delimiter is the one that the header uses most."""
    lines = text_lines(path, problems)
    first = next(lines, None)
    if first is None:
        return
    header, records = None, _records(path, first[1], lines, problems)
    for number, cells in records:
        if header is None:
            header = _header(path, number, cells, problems)
            if not header:
                return
        elif len(cells) == len(header):
            yield Row(number, dict(zip(header, cells, strict=True)))
        else:
            problems.add(
                path,
                number,
                f"has {len(cells)} cells, the header has {len(header)}",
                "quote cells that hold the delimiter or a line break.",
            )


def _records(
    path: Path, first: str, rest: Iterator[tuple[int, str]], problems: Problems
) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it starts on, whatever line breaks its cells hold."""
    # The library's own limit (131,072 characters) is below what an honest cell may hold.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_BYTES))
    texts = (text for _, text in rest)
    reader = csv.reader(_chain(first, texts), delimiter=_delimiter(first), strict=True)
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.add(path, start, *_explain(error))
            continue
        if cells:
            yield start, cells


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _explain(error: csv.Error) -> tuple[str, str]:
    reason, quotes = str(error), 'write a quote inside a cell twice: ""'
    if "unexpected end of data" in reason:
        return "a quoted cell begins here and never ends", quotes
    if "field larger than field limit" in reason:
        return "a cell that begins here is longer than 10 MB", "split it, or leave it out."
    if "new-line character" in reason:
        return "its lines end in CR alone, as on old Macs", "save the file with line ends LF or CRLF."
    return f"not CSV: {reason}", quotes


def _delimiter(header: str) -> str:
    outside_quotes = "".join(header.split('"')[::2])
    counts = Counter(character for character in outside_quotes if character in _DELIMITERS)
    return max(_DELIMITERS, key=lambda character: counts[character])


def _header(path: Path, line: int, cells: list[str], problems: Problems) -> list[str]:
    names = [cell.strip() for cell in cells]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if "" in names:
        problems.add(path, line, f"column {names.index('') + 1} has no name", "name every column.")
    elif twice:
        problems.add(path, line, f"the column {twice[0]!r} is there twice", "rename one of the two.")
    else:
        return names
    return []
