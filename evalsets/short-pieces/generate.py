"""Writes the items of this eval set from hand-written briefs, byte for byte the same each time.

python evalsets/short-pieces/generate.py            writes items.jsonl
python evalsets/short-pieces/generate.py --check    compares it with what would be written
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent))

from writing import Row, numbered, read_lines, write_or_check  # noqa: E402 - it lies beside the folders of the sets

SEED: Final = 137


def rows(path: Path) -> Iterator[Row]:
    """An item for each three lines: a brief, the words that have to occur, and a piece."""
    lines = read_lines(path)
    for brief, words, piece in zip(*[iter(lines)] * 3, strict=True):
        form, bounds, *count = brief.label.split()
        least, most = map(int, bounds.split("-"))
        target = words.wording.removeprefix("~ ").split(", ")
        size = f"{least} to {most} words" + (f", in {count[0]} lines" if count else "")
        yield {
            "text": f"{brief.wording}\nLength: {size}. It has to contain: {', '.join(target)}.",
            "mentions": target,
            "least_words": least,
            "most_words": most,
            "lines": int(count[0]) if count else None,
            "tags": [form],
            "piece": piece.wording.removeprefix("= ").replace(" / ", "\n"),
        }


def contents() -> dict[Path, str]:
    """What the file should hold."""
    found = list(rows(FOLDER / "briefs.txt"))
    return {FOLDER / "items.jsonl": numbered(found, "piece-", random.Random(SEED))}


if __name__ == "__main__":
    raise SystemExit(write_or_check(contents(), sys.argv[1:]))
