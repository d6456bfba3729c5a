"""Draw the part of a new eval set that models learn from."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from evalbench.core.evalset import Item
from evalbench.loaders.duplicates import MAX_OWN_CHARACTERS, families, same_form, words_form

_FEWEST_TO_SPLIT = 200
_TRAIN_SHARE = 0.4
_LARGEST_FAMILY = 0.1


def draw_train(items: Sequence[Item], seed: int, notes: list[str]) -> list[bool]:
    """Which items go to train, whole groups and like inputs together, drawn by a hash; `notes` say how."""
    if len(items) < _FEWEST_TO_SPLIT:
        notes.append(f"train: none, because {len(items)} items are few; all of them are for the test")
        return [False] * len(items)
    drawn = [_share(items[first], seed) < _TRAIN_SHARE for first in _together(items)]
    train = sum(drawn)
    if not 0 < train < len(items):
        notes.append("train: none, because all items belong together")
        return [False] * len(items)
    groups = "groups and " if any(item.group is not None for item in items) else ""
    notes.append(
        f"train: {train} of {len(items)} items, drawn with seed {seed}; {groups}like inputs stay together"
    )
    return drawn


def _together(items: Sequence[Item]) -> list[int]:
    """For each item the first one that it stays with, being nearly equal; groups have a name to stay by.

    Where so many are alike that this is what the task is like, only equal ones stay together.
    """
    found = list(range(len(items)))
    alone = [number for number in found if items[number].group is None]
    texts = [items[number].prompt.text for number in alone]
    if sum(map(len, texts)) > MAX_OWN_CHARACTERS:
        return found
    first = families(texts)
    sizes = Counter(first)
    for number, own in zip(alone, first, strict=True):
        if sizes[own] <= _LARGEST_FAMILY * len(items):
            found[number] = alone[own]
    return found


def _share(item: Item, seed: int) -> float:
    together = f"group {item.group}" if item.group is not None else f"input {_words(item)}"
    digest = hashlib.sha256(f"{seed}:{together}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _words(item: Item) -> str:
    return words_form(item.prompt.text) or same_form(item.prompt.text)
