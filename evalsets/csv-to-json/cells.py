"""The hand-written schemas, and the values drawn for their columns."""

from __future__ import annotations

import datetime as dt
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent

# Conversions whose only point is what stands inside a text value.
NEEDS_TRICKY_TEXT = {"single_quotes", "escapes"}


@dataclass(frozen=True)
class Column:
    """One column of a hand-written schema: its words, the kind of its values, and their range."""

    words: str
    kind: str
    arguments: tuple[str, ...]

    @property
    def is_big(self) -> bool:
        """Whether values may need a thousands separator."""
        return self.kind in ("int", "dec") and float(self.arguments[1]) >= 1000  # noqa: PLR2004 - it is the thousand itself


@dataclass(frozen=True)
class Layout:
    """How one table is written down."""

    family: str
    delimiter: str
    quoting: int
    tricky: bool
    has_gaps: bool
    drops_trailing: bool
    german_dates: bool
    style: str
    code_start: str


def blocks(file: str) -> dict[str, list[str]]:
    """The blocks of a text file: name after `= `, then its lines."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in (FOLDER / file).read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            name = line[2:]
            found[name] = []
        elif line and not line.startswith("#"):
            found[name].append(line)
    return found


def read_column(line: str) -> Column:
    """A column from its line in a schema file."""
    words, rest = line.split(": ", 1)
    kind, _, arguments = rest.partition(" ")
    if kind == "text":
        return Column(words, kind, tuple(part.replace("\\n", "\n") for part in arguments.split(" | ")))
    return Column(words, kind, tuple(arguments.split()))


def read_people() -> tuple[list[str], list[str]]:
    """First and last names."""
    text = (FOLDER / "people.txt").read_text(encoding="utf-8").split("\n", 1)[1]
    first, last = text.strip().split("\n\n")
    return first.split("\n"), last.split("\n")


FIRST, LAST = read_people()


def draw_text(column: Column, rng: random.Random, *, tricky: bool) -> str:
    """A text value; only a tricky table holds separators, quotes and line breaks."""
    plain = [value for value in column.arguments if not re.search(r"[,;\"\n']", value)]
    special = [value for value in column.arguments if value not in plain]
    if tricky and special and rng.random() < 0.5:  # noqa: PLR2004 - a coin
        return rng.choice(special)
    return rng.choice(plain)


def draw_number(column: Column, rng: random.Random) -> str:
    """A number within its range, mostly towards the low end, as it is usually written."""
    low, high = float(column.arguments[0]), float(column.arguments[1])
    value = low + (high - low) * rng.random() ** 2
    if column.kind == "int":
        return str(round(value))
    return f"{value:.{column.arguments[2]}f}".replace("-0.0", "0.0")


def draw_code(column: Column, layout: Layout, rng: random.Random) -> str:
    """A name made of digits: with a leading zero or a letter, but for the identifier conversion."""
    digits = "".join(rng.choice("0123456789") for _ in range(int(column.arguments[0]) - 1))
    first = rng.choice("0123456789") if layout.family == "identifiers" else layout.code_start
    return first + digits


def grouped(number: str, thousands: str, point: str) -> str:
    """A plain number with its thousands grouped."""
    whole, _, digits = number.partition(".")
    text = f"{int(whole):,}".replace(",", thousands) if abs(int(whole)) else whole
    return text + (point + digits if digits else "")


def draw_cell(column: Column, layout: Layout, rng: random.Random) -> tuple[str, Any]:
    """One cell: as the file has it, and as the JSON should have it."""
    if column.kind in ("int", "dec"):
        number = draw_number(column, rng)
        typed = int(number) if column.kind == "int" else float(number)
        written = {
            "decimal_comma": grouped(number, ".", ","),
            "thousands": grouped(number, ",", "."),
        }.get(layout.family, number)
        return written, typed
    if column.kind == "date":
        day = dt.date(2022, 1, 1) + dt.timedelta(days=rng.randrange(1400))
        written = day.strftime("%d.%m.%Y") if layout.german_dates else day.isoformat()
        return written, day.isoformat() if layout.family == "dates" else written
    if column.kind == "flag":
        flag = rng.random() < 0.6  # noqa: PLR2004 - a little more yes than no
        written = "yes" if flag else "no"
        return written, flag if layout.family == "booleans" else written
    written = draw_name(column, layout, rng)
    return written, written


def draw_name(column: Column, layout: Layout, rng: random.Random) -> str:
    """A value that is text in every conversion."""
    if column.kind == "text":
        return draw_text(column, rng, tricky=layout.tricky)
    if column.kind == "code":
        return draw_code(column, layout, rng)
    if column.kind == "time":
        return f"{rng.randrange(5, 23):02d}:{rng.randrange(60):02d}"
    if layout.tricky and layout.family not in NEEDS_TRICKY_TEXT and rng.random() < 0.3:  # noqa: PLR2004 - now and then
        return f"{rng.choice(LAST)}, {rng.choice(FIRST)}"
    return f"{rng.choice(FIRST)} {rng.choice(LAST)}"


def heading(column: Column, style: str) -> str:
    """A column's name in one of the ways files spell them."""
    words = column.words.split()
    return {
        "snake": "_".join(words),
        "words": column.words,
        "title": " ".join(word.capitalize() for word in words),
        "upper": column.words.upper(),
        "camel": words[0] + "".join(word.capitalize() for word in words[1:]),
        "short": "".join(word[:3] for word in words),
    }[style]
