"""Guess what a new eval set has to say about its columns; whoever makes it is told, and can mend it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evalbench.core.evalset import Item, JsonValue
from evalbench.core.gaps import values_of
from evalbench.loaders.columns import find_columns
from evalbench.loaders.jsonl_file import parse
from evalbench.loaders.problems import Problems
from evalbench.loaders.rows import Row

TARGETS = (
    *("topic", "topics", "sentiment", "risk", "risks", "tests", "tier", "route", "action", "decision"),
    *("verdict", "status", "type"),
    *("date", "plan", "result", "fields", "json", "html", "markdown", "rating", "language", "reply"),
)
"""Names of right answers that may mean something else elsewhere; used where no better name is there."""

SOLUTIONS = ("solution", "worked_solution", "worked", "rationale", "reasoning", "explanation", "steps")
"""Names of columns that give the right answer away."""

_CSV_SUFFIXES = (".csv", ".tsv")
_SEPARATOR = re.compile(r"[,;\t|]")
_FEWEST_LINES = 3
_MOSTLY = 0.6
_MOST_LABELS = 200
_FEWEST_OF_A_LABEL = 5
_LONGEST_LABEL = 60
_BY_FAR = 2
_FEWEST_VALUES = 3
_PEEKED = 200


@dataclass(frozen=True, slots=True)
class Guesses:
    """The rows as they are to be written, what their columns hold, and in plain words what was guessed."""

    rows: list[Row]
    columns: dict[str, str]
    notes: tuple[str, ...]


def guess(rows: Sequence[Row], said: Mapping[str, str], place: Path | str) -> Guesses:
    """What columns hold beyond what was said and what names tell by habit.

    Targets of a CSV that all are JSON lists become these lists: several accepted answers, or data.
    """
    present = list(dict.fromkeys(name for row in rows for name in row.values))
    columns, _ = find_columns(said, present, place, Problems(), rows[:_PEEKED])
    left = [name for name in present if name not in columns.used]
    found, notes = dict(said), []
    if columns.input is None and columns.messages is None and (asked := _longest(rows, left)) is not None:
        found["input"] = asked
        left.remove(asked)
        notes.append(f"input: column {asked!r}, whose texts are by far the longest")
    target = columns.target or _named(TARGETS, left) or _only(left) or _only(repeating(rows, left))
    if columns.target is None and target is not None:
        found["target"] = target
        notes.append(f"target: column {target!r}{_why(target, left)}")
    elif columns.solution is None and (solution := _named(SOLUTIONS, left)) is not None:
        found["solution"] = solution
        notes.append(f"solution: column {solution!r}, which no model is shown")
    lists = _lists(rows, target, place)
    if target is None or lists is None:
        return Guesses(list(rows), found, tuple(notes))
    notes.append(f"target: the cells of {target!r} hold JSON lists, and are written as such")
    unpacked = [
        row if entries is None else replace(row, values={**row.values, target: entries})
        for row, entries in zip(rows, lists, strict=True)
    ]
    return Guesses(unpacked, found, tuple(notes))


def repeating(rows: Sequence[Row], columns: Sequence[str]) -> list[str]:
    """The columns whose few short values come back again and again, as labels do."""
    found = []
    for column in columns:
        values = {json.dumps(row.values.get(column)) for row in rows}
        is_few = 1 < len(values) <= min(_MOST_LABELS, len(rows) / _FEWEST_OF_A_LABEL)
        if is_few and all(len(value) <= _LONGEST_LABEL for value in values):
            found.append(column)
    return found


def _longest(rows: Sequence[Row], columns: Sequence[str]) -> str | None:
    sizes = {name: sum(len(str(row.values.get(name) or "")) for row in rows) for name in columns}
    found = max(sizes, key=sizes.__getitem__, default=None)
    rest = [size for name, size in sizes.items() if name != found]
    return found if rest and sizes[found or ""] >= _BY_FAR * max(rest) else None


def _why(target: str, left: Sequence[str]) -> str:
    if target.casefold() in TARGETS:
        return ""
    return ", the only one left" if len(left) == 1 else ", the only one whose values come back as labels do"


def _lists(rows: Sequence[Row], target: str | None, place: Path | str) -> list[list[JsonValue] | None] | None:
    """The list in each target cell of a CSV, None for an empty one; or None where they hold other things."""
    is_csv = isinstance(place, Path) and place.suffix.lower() in _CSV_SUFFIXES
    if not is_csv or target is None:
        return None
    cells = [row.values.get(target) for row in rows]
    found = [_as_list(cell) for cell in cells]
    are_lists = all(
        cell in (None, "") or entries is not None for cell, entries in zip(cells, found, strict=True)
    )
    return found if are_lists and any(found) else None


def are_tables(items: Sequence[Item]) -> bool:
    """Whether most inputs hold several lines with separated cells."""
    tables = sum(_is_table(item.prompt.text) for item in items)
    return tables >= _MOSTLY * len(items)


def fill_templates(items: Sequence[Item]) -> bool:
    """Whether the inputs are lists of named values, at least half of which are in the right answers."""
    named = [(values_of(item), json.dumps(item.target, ensure_ascii=False).casefold()) for item in items]
    if sum(len(values) >= _FEWEST_VALUES for values, _ in named) < _MOSTLY * len(items):
        return False
    kept = sum(value.casefold() in text for values, text in named for value in values.values())
    return 2 * kept >= sum(len(values) for values, _ in named)


def _is_table(text: str) -> bool:
    return sum(_SEPARATOR.search(line) is not None for line in text.splitlines()) >= _FEWEST_LINES


def _named(names: Sequence[str], left: Collection[str]) -> str | None:
    by_name = {column.casefold(): column for column in left}
    return next((by_name[name] for name in names if name in by_name), None)


def _only(left: Sequence[str]) -> str | None:
    return left[0] if len(left) == 1 else None


def _as_list(cell: JsonValue) -> list[JsonValue] | None:
    """The list in a cell, or None for one that holds something else."""
    if not isinstance(cell, str) or not cell.lstrip().startswith("["):
        return None
    try:
        value = parse(cell)
    except ValueError:
        return None
    return value if isinstance(value, list) else None
