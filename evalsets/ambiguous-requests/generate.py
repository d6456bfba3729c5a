"""Writes the items of this eval set from hand-written situations, byte for byte the same each time.

python evalsets/ambiguous-requests/generate.py            writes items.jsonl and train.jsonl
python evalsets/ambiguous-requests/generate.py --check    compares them with what would be written
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent))

from writing import (  # noqa: E402 - it lies beside the folders of the sets
    Collection,
    Filler,
    Row,
    by_label,
    drawn,
    numbered,
    read_lines,
    short_id,
    write_or_check,
)

SEED: Final = 127
# Variants of a situation share the request and its readings, so they are alike on purpose.
ALIKE: Final = 0.97
VARIANTS: Final = {"train": {"a": 5, "b": 5, "": 5}, "test": {"a": 4, "b": 4, "": 4}}


@dataclass
class Situation:
    """A request that can be read in two ways, and what would settle it."""

    request: str
    readings: list[str] = field(default_factory=list)
    settles: dict[str, list[str]] = field(default_factory=lambda: {"a": [], "b": []})


def read_situations(name: str) -> list[Situation]:
    """The situations of a file."""
    found: list[Situation] = []
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        sign, _, rest = line.partition(" ")
        if sign == "?":
            found.append(Situation(rest))
        elif sign in {"1", "2"}:
            found[-1].readings.append(rest)
        elif sign in {"a", "b"}:
            found[-1].settles[sign].append(rest)
    return found


def row(situation: Situation, settled: str, filler: Filler) -> Row:
    """One request with both readings in any order, and with what is known."""
    filler.held.clear()
    filler.held["name"] = filler.dice.choice(filler.slots["name"])
    readings = [("a", situation.readings[0]), ("b", situation.readings[1])]
    filler.dice.shuffle(readings)
    known = [
        filler.fill(line) for line in filler.dice.sample(filler.slots["neutral"], 3 if not settled else 2)
    ]
    if settled:
        fact = filler.fill(filler.dice.choice(situation.settles[settled]))
        known.insert(filler.dice.randint(0, len(known)), fact)
    marks = [mark for mark, _ in readings]
    return {
        "text": "\n".join(
            (
                f"Request: {filler.fill(situation.request)}",
                f"First reading: {filler.fill(readings[0][1])}",
                f"Second reading: {filler.fill(readings[1][1])}",
                f"Known: {' '.join(known)}",
            )
        ),
        "action": ("first", "second")[marks.index(settled)] if settled else "ask",
        "group": short_id(situation.request),
    }


def contents() -> dict[Path, str]:
    """What the two files should hold."""
    dice, collection = random.Random(SEED), Collection(ALIKE)
    filler, found = Filler(by_label(read_lines(FOLDER / "phrases.txt")), dice), {}
    for split, name, prefix in (("train", "train.jsonl", "ask-t"), ("test", "items.jsonl", "ask-")):
        rows = [
            drawn(partial(row, situation, settled, filler), collection, split)
            for situation in read_situations(f"situations-{split}.txt")
            for settled, variants in VARIANTS[split].items()
            for _ in range(variants)
        ]
        found[FOLDER / name] = numbered(rows, prefix, dice)
    return found


if __name__ == "__main__":
    raise SystemExit(write_or_check(contents(), sys.argv[1:]))
