"""Read CSV as rows of text, whatever its quoting and line ends."""

from __future__ import annotations

import csv
import io

Rows = list[list[str]]


def read_csv(text: str) -> Rows:
    """The rows of comma-separated text; blank lines are passed over. A ValueError says what is wrong."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        return [row for row in csv.reader(io.StringIO(plain), strict=True) if row]
    except csv.Error as error:
        raise ValueError(f"is not CSV: {error}") from None


def by_header(rows: Rows) -> Rows:
    """`rows` with their columns in the alphabetical order of the first row."""
    if not rows:
        return rows
    header = rows[0]
    order = sorted(range(len(header)), key=header.__getitem__)
    return [[row[place] for place in order] if len(row) == len(header) else row for row in rows]
