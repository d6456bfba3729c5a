"""Writes the items of this eval set from hand-written remarks, byte for byte the same each time.

python evalsets/sentiment/generate.py            writes items.jsonl and train.jsonl
python evalsets/sentiment/generate.py --check    compares them with what would be written
"""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping, Sequence
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

SEED: Final = 29
TEST_LINES: Final = 16  # of each label; the others are for training
PER_LINE: Final = 5
WRAPPED: Final = 0.4  # share of remarks with a neutral sentence before, and of those with one after
SUMMED_UP: Final = 0.7  # share of remarks with a plain sentence that sums up
MARKS: Final = {"~": ["irony"], "!": ["negation"], "": []}


def row(line: Line, verdicts: Mapping[str, Sequence[str]], filler: Filler) -> Row:
    """One remark, always about one and the same product."""
    filler.held.clear()
    for slot in ("product", "part"):
        filler.held[slot] = filler.dice.choice(filler.slots[slot])
    parts = [
        *filler.some(filler.slots["before"], WRAPPED),
        filler.fill(line.wording),
        *filler.some(verdicts[line.label], 0 if line.mark == "~" else SUMMED_UP),
        *filler.some(filler.slots["after"], WRAPPED),
    ]
    text = filler.dice.choice((" ", " ", "\n")).join(parts)
    if filler.chance(0.1):
        text = text.lower()
    return {"text": text, "sentiment": line.label, "tags": MARKS[line.mark], "group": line.group}


def contents() -> dict[Path, str]:
    """What the two files should hold."""
    dice, known = random.Random(SEED), Collection()
    filler = Filler(by_label(read_lines(FOLDER / "phrases.txt")), dice)
    # Each second plain sentence is for testing, so that those of a pair are in different splits.
    said = by_label(read_lines(FOLDER / "verdicts.txt"))
    verdicts = {
        split: {label: lines[at::2] for label, lines in said.items()}
        for at, split in enumerate(("train", "test"))
    }
    lines = split_lines(read_lines(FOLDER / "remarks.txt", marks="!~"), TEST_LINES, dice)
    found = {}
    for split, name, prefix in (("train", "train.jsonl", "remark-t"), ("test", "items.jsonl", "remark-")):
        rows = [
            drawn(partial(row, line, verdicts[split], filler), known, split)
            for line in lines[split]
            for _ in range(PER_LINE)
        ]
        found[FOLDER / name] = numbered(rows, prefix, dice)
    return found


if __name__ == "__main__":
    raise SystemExit(write_or_check(contents(), sys.argv[1:]))
