"""Split training items into parts, so that a model can be tried on what it did not learn from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from evalbench.core.evalset import Item
from evalbench.providers.local.reading import full_text


def part_of(item: Item, parts: int, seed: int) -> int:
    """The part an item belongs to: items of one group, or with one text, stay together."""
    # Where the input is not shown there is no text, and all items would end up in one part.
    own = item.group if item.group is not None else item.prompt.text or full_text(item.prompt)
    name = f"{seed}/{own}"
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % parts


def splits(items: Sequence[Item], parts: int, seed: int) -> Iterator[tuple[list[int], list[int]]]:
    """For each part, the places of the items outside it and of those within."""
    place = [part_of(item, parts, seed) for item in items]
    for part in range(parts):
        outside = [number for number, found in enumerate(place) if found != part]
        within = [number for number, found in enumerate(place) if found == part]
        if len(outside) > 1 and within:
            yield outside, within
