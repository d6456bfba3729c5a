"""Writes the items of this eval set from hand-written clauses, byte for byte the same each time.

python evalsets/contract-risk/generate.py            writes items.jsonl and train.jsonl
python evalsets/contract-risk/generate.py --check    compares them with what would be written
"""

from __future__ import annotations

import random
import sys
from functools import partial
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent))

from writing import (  # noqa: E402 - it lies beside the folders of the sets
    Collection,
    Filler,
    Line,
    Row,
    by_label,
    drawn,
    numbered,
    read_lines,
    split_lines,
    write_or_check,
)

SEED: Final = 103
COUNTS: Final = ("no risk", "one risk", "two risks", "three risks")
TEST_LINES: Final = (11, 5, 1, 1)  # under each heading with so many risks; the others are for training
PER_LINE: Final = 5
HEADED: Final = 0.6  # share of clauses with a number
WRAPPED: Final = 0.45  # share of clauses with a harmless sentence before, and of those with one after


def risks_of(line: Line) -> list[str]:
    """The risks that the heading above a line names."""
    return [] if line.label == COUNTS[0] else line.label.split(" + ")


def row(line: Line, filler: Filler) -> Row:
    """One clause, always about one and the same thing, with what stands around it in contracts."""
    filler.held["thing"] = filler.dice.choice(filler.slots["thing"])
    text = " ".join(
        [
            *filler.some(filler.slots["heads"], HEADED),
            *filler.some(filler.slots["before"], WRAPPED),
            filler.fill(line.wording),
            *filler.some(filler.slots["after"], WRAPPED),
        ]
    )
    risks = risks_of(line)
    tags = [COUNTS[len(risks)], *(["words of another label"] if line.mark else [])]
    return {"text": text, "risks": risks, "tags": tags, "group": line.group}


def contents() -> dict[Path, str]:
    """What the two files should hold."""
    dice, known = random.Random(SEED), Collection()
    filler = Filler(by_label(read_lines(FOLDER / "phrases.txt")), dice)
    lines = read_lines(FOLDER / "clauses.txt", marks="!")
    by_count = [
        split_lines([line for line in lines if len(risks_of(line)) == count], test_lines, dice)
        for count, test_lines in enumerate(TEST_LINES)
    ]
    found = {}
    for split, name, prefix in (("train", "train.jsonl", "clause-t"), ("test", "items.jsonl", "clause-")):
        rows = [
            drawn(partial(row, line, filler), known, split)
            for lines_of in by_count
            for line in lines_of[split]
            for _ in range(PER_LINE)
        ]
        found[FOLDER / name] = numbered(rows, prefix, dice)
    return found


if __name__ == "__main__":
    raise SystemExit(write_or_check(contents(), sys.argv[1:]))
