"""Writes items.jsonl and train.jsonl of this eval set from the text files beside it, byte for byte."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import sys
from dataclasses import dataclass, replace
from typing import Any

from cells import FOLDER, NEEDS_TRICKY_TEXT, Column, Layout, blocks, draw_cell, heading, read_column

SEED = 20261
TYPED = "typed"
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}

# What a table must have for a conversion to mean anything.
NEEDS = {
    "text": "dec",
    "text_null": "dec",
    "dates": "date",
    "booleans": "flag",
    "decimal_comma": "dec",
    "thousands": "big",
    "identifiers": "code",
}
ALL_TEXT = {"text", "text_null"}
# Conversions that are asked for more often than the others.
FREQUENT = ("text", "dates", "booleans", "decimal_comma", "omit_empty", "snake_keys", "text_null")
COMMENTS = (
    "# exported by the night job",
    "# please check before sending",
    "# --- checked up to here ---",
    "# values as entered, no rounding",
    "# rows below: second shift",
    "# end of file",
)


@dataclass(frozen=True)
class Split:
    """How large a split is: tables of the usual conversion and of the others, for each schema."""

    file: str
    schemas: str
    prefix: str
    typed_tables: int
    other_groups: float
    other_tables: int
    sees_new_wordings: bool


SPLITS = (
    Split("items.jsonl", "schemas-test.txt", "csv-", 6, 1.3, 3, sees_new_wordings=True),
    Split("train.jsonl", "schemas-train.txt", "csv-t", 12, 2.9, 3, sees_new_wordings=False),
)


def pick_layout(family: str, rng: random.Random) -> Layout:
    """A dialect for one table, as mixed as files from several senders are."""
    delimiter = rng.choices(",;\t|", (72, 14, 7, 7))[0]
    if family == "decimal_comma":
        delimiter = rng.choices(";\t,", (75, 13, 12))[0]
    is_plain = family == "padded"
    if is_plain and delimiter == "\t":
        delimiter = ";"
    quotes_all = rng.random() < 0.07  # noqa: PLR2004 - some exporters do
    layout = Layout(
        family=family,
        delimiter=delimiter,
        quoting=csv.QUOTE_ALL if quotes_all and not is_plain else csv.QUOTE_MINIMAL,
        tricky=not is_plain and rng.random() < 0.28,  # noqa: PLR2004 - about every third file
        has_gaps=rng.random() < 0.32 or family in ("omit_empty", "text_null"),  # noqa: PLR2004 - about as many
        drops_trailing=rng.random() < 0.4,  # noqa: PLR2004 - spreadsheets do
        german_dates=family == "dates" or rng.random() < 0.35,  # noqa: PLR2004 - a third of the senders
        style=rng.choices(("snake", "words", "title", "upper"), (45, 25, 20, 10))[0],
        code_start=rng.choice(("0", "0", "K", "A", "R")),
    )
    if family in NEEDS_TRICKY_TEXT:
        return replace(layout, tricky=True, quoting=csv.QUOTE_MINIMAL)
    if family == "snake_keys":
        return replace(layout, style=rng.choice(("title", "title", "upper")))
    if family == "no_header":
        return replace(layout, style="snake")
    return layout


def has(column: Column, need: str | None) -> bool:
    """Whether a column is of the kind that a conversion is about."""
    return column.kind == need or (need == "big" and column.is_big)


def pick_columns(columns: list[Column], family: str, rng: random.Random) -> list[Column]:
    """Three columns or more, in order, with one that the conversion is about."""
    need = NEEDS.get(family, "text" if family in NEEDS_TRICKY_TEXT else None)
    keep = set(rng.sample(range(len(columns)), rng.randint(3, len(columns))))
    if need and not any(has(columns[index], need) for index in keep):
        keep.add(next(index for index, column in enumerate(columns) if has(column, need)))
    return [column for index, column in enumerate(columns) if index in keep]


Cells = list[tuple[str, Any]]


def draw_rows(columns: list[Column], layout: Layout, rng: random.Random) -> list[Cells]:
    """The cells of a small table; the first of a row is never empty."""
    rows = []
    for _ in range(rng.randint(3, 8)):
        row = [draw_cell(column, layout, rng) for column in columns]
        if layout.has_gaps:
            row = [row[0]] + [("", None) if rng.random() < 0.22 else cell for cell in row[1:]]  # noqa: PLR2004 - few
        if layout.family == "escapes":
            row = [(text.replace("\n", " "), _one_line(value)) for text, value in row]
        rows.append(row)
    return rows


def _one_line(value: Any) -> Any:
    return value.replace("\n", " ") if isinstance(value, str) else value


def write_table(header: list[str] | None, rows: list[Cells], layout: Layout, rng: random.Random) -> str:
    """The table as a file has it."""
    lines = [[text for text, _ in row] for row in rows]
    if layout.has_gaps and layout.drops_trailing:
        lines = [_without_trailing_gaps(line) for line in lines]
    every = ([header] if header else []) + lines
    if layout.family == "padded":
        return _padded(every, layout.delimiter)
    buffer = io.StringIO()
    options: dict[str, Any] = {"quotechar": '"', "quoting": layout.quoting}
    if layout.family == "single_quotes":
        options["quotechar"] = "'"
    if layout.family == "escapes":
        options = {"quotechar": None, "quoting": csv.QUOTE_NONE, "escapechar": "\\"}
    writer = csv.writer(buffer, delimiter=layout.delimiter, lineterminator="\n", **options)
    at = set(rng.sample(range(len(every) + 1), min(3, rng.randint(1, len(every) + 1))))
    for index, line in enumerate(every):
        if layout.family == "comments" and index in at:
            buffer.write(rng.choice(COMMENTS[:-1]) + "\n" + ("\n" if rng.random() < 0.2 else ""))  # noqa: PLR2004 - rarely
        writer.writerow(line)
    if layout.family == "comments" and len(every) in at:
        buffer.write(COMMENTS[-1] + "\n")
    return buffer.getvalue()


def _without_trailing_gaps(line: list[str]) -> list[str]:
    while line and not line[-1]:
        line = line[:-1]
    return line


def _padded(lines: list[list[str]], delimiter: str) -> str:
    widths = [max(len(line[index]) for line in lines if index < len(line)) for index in range(len(lines[0]))]
    mark = f" {delimiter} "
    return "".join(
        mark.join(cell.ljust(width) for cell, width in zip(line, widths, strict=False)) + "\n"
        for line in lines
    )


def as_object(keys: list[str], row: Cells, family: str) -> dict[str, Any]:
    """The JSON object of one row under a conversion."""
    values = [text if family in ALL_TEXT and text else value for text, value in row]
    if family == "text":
        values = ["" if value is None else value for value in values]
    found = dict(zip(keys, values, strict=True))
    if family == "omit_empty":
        return {key: value for key, value in found.items() if value is not None}
    return found


def listed(names: list[str]) -> str:
    """Names as a sentence lists them."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def target_keys(columns: list[Column], layout: Layout, rng: random.Random) -> list[str]:
    """The keys of the JSON objects."""
    if layout.family == "snake_keys":
        return [heading(column, "snake") for column in columns]
    if layout.family == "rename":
        style = rng.choice(("camel", "short", "letters"))
        if style == "letters":
            return list("ABCDEFGH"[: len(columns)])
        short = [heading(column, style) for column in columns]
        return short if len(set(short)) == len(short) else [heading(column, "camel") for column in columns]
    return [heading(column, layout.style) for column in columns]


def tags(family: str, layout: Layout, table: str, rows: list[Cells]) -> list[str]:
    """The difficulties inside a table."""
    texts = [text for row in rows for text, _ in row]
    whole = "\n".join(texts)
    claims = {
        ("all_text" if family in ALL_TEXT else family): family != TYPED,
        NAMES[layout.delimiter]: True,
        "quotes": '"' in table and family != "escapes",
        "embedded_delimiter": layout.delimiter in whole,
        "doubled_quotes": '""' in table and '"' in whole,
        "embedded_newline": any("\n" in text for text in texts),
        "empty_cells": "" in texts,
        "missing_cells": layout.has_gaps and layout.drops_trailing and any(not row[-1][0] for row in rows),
        "leading_zeros": any(re.fullmatch(r"0\d+", text) for text in texts),
    }
    return [tag for tag, holds in claims.items() if holds]


def make_item(columns: list[Column], family: str, wordings: list[str], rng: random.Random) -> dict[str, Any]:
    """One item but for its id and group."""
    chosen, layout = pick_columns(columns, family, rng), pick_layout(family, rng)
    header = [heading(column, layout.style) for column in chosen]
    keys, rows = target_keys(chosen, layout, rng), draw_rows(chosen, layout, rng)
    named = list(range(len(chosen)))
    if family == "only_columns":
        named = sorted(rng.sample(named, rng.randint(2, max(2, len(named) - 1))))
    if family == "identifiers":
        named = [next(index for index, column in enumerate(chosen) if column.kind == "code")]
    table = write_table(None if family == "no_header" else header, rows, layout, rng)
    kept = named if family == "only_columns" else range(len(chosen))
    instruction = rng.choice(wordings).format(
        names=", ".join(keys), some=listed([header[index] for index in named])
    )
    return {
        "text": f"{instruction}\n\n{table}",
        "target": [as_object([keys[i] for i in kept], [row[i] for i in kept], family) for row in rows],
        "tags": tags(family, layout, table, rows),
    }


def groups_of(split: Split, rng: random.Random) -> list[tuple[str, str, list[Column], int]]:
    """Each group of a split: name, family, columns and number of tables."""
    found, debt, families = [], 0.0, [name for name in blocks("instructions.txt") if name != TYPED]
    turn = [*FREQUENT, *families]
    for schema, lines in blocks(split.schemas).items():
        columns = [read_column(line) for line in lines]
        found.append((f"{schema}/{TYPED}", TYPED, columns, split.typed_tables))
        debt += split.other_groups
        taken: set[str] = set()
        while debt >= 1:
            debt -= 1
            fits = [name for name in turn if _fits(columns, name) and name not in taken]
            family = fits[0]
            turn.remove(family)
            turn.append(family)
            taken.add(family)
            found.append((f"{schema}/{family}", family, columns, split.other_tables))
    rng.shuffle(found)
    return found


def _fits(columns: list[Column], family: str) -> bool:
    need = NEEDS.get(family)
    return need is None or any(has(column, need) for column in columns)


def _lacks_its_point(family: str, item: dict[str, Any]) -> bool:
    """Whether a table is written as any other would be, although its conversion is about the writing."""
    mark = {"single_quotes": "'", "escapes": r"\\", "thousands": r"\d,\d{3}"}.get(family, "")
    return not re.search(mark, item["text"].split("\n\n", 1)[1])


def make_split(split: Split) -> str:
    """The whole file of a split."""
    rng = random.Random(f"{SEED}/{split.file}")
    instructions = blocks("instructions.txt")
    lines: list[str] = []
    seen: set[str] = set()
    for group, family, columns, size in groups_of(split, rng):
        known = [line for line in instructions[family] if not line.startswith("* ")]
        new = [line[2:] for line in instructions[family] if line.startswith("* ")]
        wordings = known + new if split.sees_new_wordings else known
        for _ in range(size):
            item = make_item(columns, family, wordings, rng)
            while item["text"] in seen or _lacks_its_point(family, item):
                item = make_item(columns, family, wordings, rng)
            seen.add(item["text"])
            row = {"id": f"{split.prefix}{len(lines) + 1:04d}", **item, "group": group}
            lines.append(json.dumps(row, ensure_ascii=False))
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write both files, or with --check say whether they are as written."""
    stale = 0
    for split in SPLITS:
        path, text = FOLDER / split.file, make_split(split)
        if "--check" in sys.argv[1:]:
            is_same = path.is_file() and path.read_bytes() == text.encode()
            stale += not is_same
            print(f"{split.file}: {'as generated' if is_same else 'differs from what generate.py writes'}")
        else:
            path.write_bytes(text.encode())
            print(f"{split.file}: {text.count(chr(10))} items")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
