"""Read a table out of text, and write it as JSON, by a program of few settings."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

from evalbench.core.evalset import JsonValue
from evalbench.providers.local.rewriting import iso_day_first, iso_month_first

_DELIMITERS = (",", ";", "\t", "|")
_NUMBERS: Mapping[str, re.Pattern[str]] = {
    "english": re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?"),
    "grouped": re.compile(r"-?(?:0|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d*)(?:\.\d+)?"),
    "continental": re.compile(r"-?(?:0|[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d*)(?:,\d+)?"),
}
_LONGEST_NUMBER = 300  # Python refuses to read much longer ones
_NAME_LIST = re.compile(r"\w[\w-]*(?:, \w[\w-]*)+")
_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{4}")
_BOOLEANS = {"yes": True, "no": False, "true": True, "false": False}

Rows: TypeAlias = list[list[str]]


@dataclass(frozen=True, slots=True)
class Program:
    """What to do with a table. The first value of every setting is the usual one."""

    reading: Literal["csv", "naive"] = "csv"
    quote: Literal["double", "single", "escape"] = "double"
    comments: Literal["keep", "skip"] = "keep"
    trim: Literal["keep", "strip"] = "keep"
    keys: Literal["header", "snake", "lower", "replaced", "headless"] = "header"
    numbers: Literal["english", "text", "grouped", "continental"] = "english"
    empty: Literal["null", "text", "omit"] = "null"
    dates: Literal["as_written", "iso_day_first", "iso_month_first"] = "as_written"
    booleans: Literal["text", "typed"] = "text"
    columns: Literal["all", "named"] = "all"
    identifiers: Literal["none", "named"] = "none"
    shape: Literal["list", "object"] = "list"


SETTINGS: Mapping[str, tuple[str, ...]] = {
    "quote": ("double", "single", "escape"),
    "comments": ("keep", "skip"),
    "trim": ("keep", "strip"),
    "keys": ("header", "snake", "lower", "replaced", "headless"),
    "numbers": ("english", "text", "grouped", "continental"),
    "empty": ("null", "text", "omit"),
    "dates": ("as_written", "iso_day_first", "iso_month_first"),
    "booleans": ("text", "typed"),
    "columns": ("all", "named"),
    "identifiers": ("none", "named"),
    "shape": ("list", "object"),
}
"""What a search may try for each setting."""


def to_json(table: str, instruction: str, program: Program) -> JsonValue:
    """The objects that a table holds; an instruction may name its columns."""
    rows = _rows(table, program)
    if not rows:
        return []
    header, body = _header(rows, instruction, program)
    named = {name for name in header if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", instruction)}
    keys = [_key(name, program) for name in header]
    objects = []
    for row in body:
        cells = row + [""] * (len(header) - len(row))
        found = {
            key: _value(cell, program, is_text=program.identifiers == "named" and name in named)
            for key, name, cell in zip(keys, header, cells, strict=False)
            if not (program.columns == "named" and named and name not in named)
            and not (program.empty == "omit" and not cell)
        }
        objects.append(found)
    return objects[0] if program.shape == "object" and objects else objects


def has_table(text: str) -> bool:
    """Whether a text has two lines in a row that one separator divides."""
    lines = [line for line in text.splitlines() if line.strip()]
    return any(
        mark in line and mark in following for line, following in pairwise(lines) for mark in _DELIMITERS
    )


def _rows(table: str, program: Program) -> Rows:
    lines = table.splitlines(keepends=True)
    if program.comments == "skip":
        lines = [line for line in lines if line.strip() and not line.startswith("#")]
    delimiter = _delimiter(lines)
    if program.reading == "naive":
        rows = [line.rstrip("\r\n").split(delimiter) for line in lines if line.strip()]
    else:
        rows = _parsed(lines, delimiter, program)
    if program.trim == "strip":
        rows = [[cell.strip() for cell in row] for row in rows]
    return rows


def _parsed(lines: Sequence[str], delimiter: str, program: Program) -> Rows:
    if program.quote == "escape":
        reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE, escapechar="\\")
    else:
        reader = csv.reader(lines, delimiter=delimiter, quotechar="'" if program.quote == "single" else '"')
    try:
        return [row for row in reader if row]
    except csv.Error:
        # Not a well-formed table after all, for example a cell longer than the reader takes.
        return [line.rstrip("\r\n").split(delimiter) for line in lines if line.strip()]


def _delimiter(lines: Sequence[str]) -> str:
    """The mark that divides the most lines, and these into the most cells."""
    plain = [re.sub(r'"[^"]*"|\\.', "", line) for line in lines[:20]]

    def fitness(mark: str) -> tuple[int, int]:
        counts = [line.count(mark) for line in plain]
        return sum(count > 0 for count in counts), counts[0] if counts else 0

    return max(_DELIMITERS, key=fitness)


def _header(rows: Rows, instruction: str, program: Program) -> tuple[list[str], Rows]:
    header, body = rows[0], rows[1:]
    if program.keys not in ("replaced", "headless"):
        return header, body
    width = max(map(len, rows))
    lists = [found.split(", ") for found in _NAME_LIST.findall(instruction)]
    names = next((found for found in lists if len(found) == width), None)
    if names is None:
        names = max(lists, key=len, default=header)[:width]
    return names, rows if program.keys == "headless" else body


def _key(name: str, program: Program) -> str:
    if program.keys == "snake":
        return re.sub(r"\W+", "_", name.strip().lower())
    return name.lower() if program.keys == "lower" else name


def _value(cell: str, program: Program, *, is_text: bool) -> JsonValue:
    if not cell:
        return "" if program.empty == "text" else None
    if is_text:
        return cell
    if program.booleans == "typed" and cell.lower() in _BOOLEANS:
        return _BOOLEANS[cell.lower()]
    if program.dates != "as_written" and _DATE.fullmatch(cell):
        iso = iso_day_first if program.dates == "iso_day_first" else iso_month_first
        return iso(cell) or cell
    return _number(cell, program.numbers)


def _number(cell: str, style: str) -> JsonValue:
    if style not in _NUMBERS or len(cell) > _LONGEST_NUMBER or not _NUMBERS[style].fullmatch(cell):
        return cell
    if style == "continental":
        cell = cell.replace(".", "").replace(",", ".")
    digits = cell.replace(",", "")
    return float(digits) if "." in digits else int(digits)
