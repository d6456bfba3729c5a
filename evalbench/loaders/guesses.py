"""Guess what a new eval set has to say about its columns; whoever makes it is told, and can mend it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evalbench.core.evalset import Item, JsonValue
from evalbench.loaders.columns import find_columns
from evalbench.loaders.jsonl_file import parse
from evalbench.loaders.problems import Problems
from evalbench.loaders.rows import Row

TARGETS = (
    *(
        "topic",
        "topics",
        "sentiment",
        "risk",
        "risks",
        "tests",
        "tier",
        "route",
        "action",
        "decision",
        "verdict",
        "status",
        "type",
    ),
    *("date", "plan", "result", "fields", "json", "html", "markdown", "rating", "language"),
)
"""Names of right answers that may mean something else elsewhere; used where no better name is there."""

SOLUTIONS = ("solution", "worked_solution", "worked", "rationale", "reasoning", "explanation", "steps")
"""Names of columns that give the right answer away."""

_CSV_SUFFIXES = (".csv", ".tsv")
_SEPARATOR = re.compile(r"[,;\t|]")
_FEWEST_LINES = 3
_MOSTLY = 0.6


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
    columns, _ = find_columns(said, present, place, Problems())
    left = [name for name in present if name not in columns.used]
    found, notes = dict(said), []
    target = columns.target or _named(TARGETS, left) or _only(left)
    if columns.target is None and target is not None:
        found["target"] = target
        notes.append(f"target: column {target!r}{', the only one left' if len(left) == 1 else ''}")
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
