"""Writes the items of this eval set from hand-written requests, byte for byte the same each time.

python evalsets/intent-routing/generate.py            writes items.jsonl and train.jsonl
python evalsets/intent-routing/generate.py --check    compares them with what would be written
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
    Row,
    by_label,
    drawn,
    numbered,
    read_lines,
    short_id,
    write_or_check,
)

SEED: Final = 41
NEUTRAL: Final = 0.8  # share of requests with a sentence that decides nothing
USUAL: Final = {"brief": "small", "text": "medium", "steps": "large"}
DECIDES: Final = {"stakes": "large", "throwaway": "small"}

# How many variants of a request there are, by its kind and by the remark that decides instead.
VARIANTS: Final = {
    ("brief", ""): 5, ("brief", "stakes"): 2,
    ("text", ""): 7, ("text", "stakes"): 1, ("text", "throwaway"): 1,
    ("steps", ""): 5, ("steps", "throwaway"): 1,
}  # fmt: skip


def row(wording: str, kind: str, remark: str, known: Mapping[str, Sequence[str]], filler: Filler) -> Row:
    """One request with its remarks, in any order."""
    parts = [filler.fill(wording)]
    if remark:
        parts.insert(filler.dice.randint(0, 1), filler.fill(filler.dice.choice(known[remark])))
    for _ in range(2):
        if filler.chance(NEUTRAL):
            said = filler.fill(filler.dice.choice(known["neutral"]))
            if said not in parts:
                parts.insert(filler.dice.randint(0, len(parts)), said)
    return {
        "text": " ".join(parts),
        "tier": DECIDES[remark] if remark else USUAL[kind],
        "tags": [kind, *([remark] if remark else [])],
        "group": short_id(wording),
    }


def contents() -> dict[Path, str]:
    """What the two files should hold."""
    dice, collection = random.Random(SEED), Collection()
    filler = Filler(by_label(read_lines(FOLDER / "phrases.txt")), dice)
    requests = by_label(read_lines(FOLDER / "requests.txt"))
    found = {}
    for at, (split, name, prefix) in enumerate(
        (("train", "train.jsonl", "route-t"), ("test", "items.jsonl", "route-"))
    ):
        # Each second phrase is for testing; what decides nothing may occur in both.
        known = {kind: lines if kind == "neutral" else lines[at::2] for kind, lines in requests.items()}
        rows = [
            drawn(partial(row, wording, kind, remark, known, filler), collection, split)
            for (kind, remark), variants in VARIANTS.items()
            for wording in known[kind]
            for _ in range(variants)
        ]
        found[FOLDER / name] = numbered(rows, prefix, dice)
    return found


if __name__ == "__main__":
    raise SystemExit(write_or_check(contents(), sys.argv[1:]))
