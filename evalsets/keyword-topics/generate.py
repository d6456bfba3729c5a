"""Writes the items of this eval set from hand-written texts, byte for byte the same each time.

python evalsets/keyword-topics/generate.py            writes items.jsonl and train.jsonl
python evalsets/keyword-topics/generate.py --check    compares them with what would be written
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

SEED: Final = 11
TEST_LINES: Final = 8  # of each topic; the others are for training
PER_LINE: Final = 5
WRAPPED: Final = 0.35  # share of texts with a remark before, and of those with one after
KEYWORDED: Final = 0.75  # share of texts under which a careless program put keywords
WRONG: Final = {"": 0.1, "!": 0.5}  # share of those that are another topic's, by the mark of the line


def keywords(topic: str, words: Mapping[str, Sequence[str]], dice: random.Random) -> str:
    """Some keywords of a topic, as the program writes them."""
    chosen = dice.sample(words[topic], dice.randint(2, 4))
    head, joint = dice.choice((("Keywords: ", ", "), ("Tags: ", ", "), ("#", " #"), ("[", "; ")))
    chosen = [word.replace(" ", "") for word in chosen] if head == "#" else chosen
    return head + joint.join(chosen) + ("]" if head == "[" else "")


def row(line: Line, words: Mapping[str, Sequence[str]], filler: Filler) -> Row:
    """One text, with a remark around it now and then, and mostly with keywords below it."""
    text = " ".join(
        [
            *filler.some(filler.slots["openings"], WRAPPED),
            filler.fill(line.wording),
            *filler.some(filler.slots["closings"], WRAPPED),
        ]
    )
    tags = ["borrowed words"] if line.mark else []
    if filler.chance(KEYWORDED):
        topic = line.label
        if filler.chance(WRONG[line.mark]):
            topic = filler.dice.choice([other for other in words if other != topic])
            tags.append("wrong keywords")
        text += "\n" + keywords(topic, words, filler.dice)
    return {"text": text, "topic": line.label, "tags": tags, "group": line.group}


def contents() -> dict[Path, str]:
    """What the two files should hold."""
    dice, known = random.Random(SEED), Collection()
    filler = Filler(by_label(read_lines(FOLDER / "phrases.txt")), dice)
    words = {line.label: line.wording.split(", ") for line in read_lines(FOLDER / "keywords.txt")}
    lines = split_lines(read_lines(FOLDER / "topics.txt", marks="!"), TEST_LINES, dice)
    found = {}
    for split, name, prefix in (("train", "train.jsonl", "topic-t"), ("test", "items.jsonl", "topic-")):
        rows = [
            drawn(partial(row, line, words, filler), known, split)
            for line in lines[split]
            for _ in range(PER_LINE)
        ]
        found[FOLDER / name] = numbered(rows, prefix, dice)
    return found


if __name__ == "__main__":
    raise SystemExit(write_or_check(contents(), sys.argv[1:]))
