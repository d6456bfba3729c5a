"""Documents in a form that can be compared: as a whole, and part by part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from evalbench.core.evalset import JsonValue

_MOST_LEAVES = 200_000
_DEEPEST = 200


@dataclass(frozen=True, slots=True)
class Document:
    """What a document says. `whole` is equal for documents that say the same."""

    whole: object
    parts: Counter[Hashable]

    def share(self, other: Document) -> float:
        """The share of parts in common among all parts of both; 1.0 only for equal documents."""
        if self.whole == other.whole:
            return 1.0
        common = (self.parts & other.parts).total()
        both = (self.parts | other.parts).total()
        return min(common, both - 1) / both if both else 0.0


def tree_document(value: JsonValue) -> Document:
    """A document of nested objects and lists; its parts are the leaves with their paths.

    The walk keeps its own stack and counts, because aliases can make a small file stand for a
    huge tree.
    """
    leaves: dict[Hashable, Hashable] = {}
    waiting: list[tuple[tuple[str | int, ...], JsonValue]] = [((), value)]
    while waiting:
        path, entry = waiting.pop()
        if len(path) > _DEEPEST or len(leaves) + len(waiting) > _MOST_LEAVES:
            raise ValueError("is too large to compare")
        if isinstance(entry, dict) and entry:
            waiting.extend(((*path, key), below) for key, below in entry.items())
        elif isinstance(entry, list) and entry:
            waiting.extend(((*path, place), below) for place, below in enumerate(entry))
        else:
            leaves[path] = _leaf(entry)
    return Document(leaves, Counter(leaves.items()))


def sequence_document(events: Sequence[Hashable]) -> Document:
    """A document that is read from start to end; its parts are neighbouring events."""
    return Document(tuple(events), Counter(pairwise((None, *events, None))))


def _leaf(value: JsonValue) -> Hashable:
    """A leaf that differs from those of another type: neither `1` nor true is `"1"`."""
    if isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]"
    kind = "number" if isinstance(value, Decimal) else type(value).__name__
    return (kind, value)
