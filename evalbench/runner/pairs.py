"""Bring together the answers that are compared: each waits for that of the current tier to the same item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from evalbench.core.completion import Completion, Failure
from evalbench.core.plan import Entry, Slot

NOT_COMPARED = Failure("not_compared", "the current tier has no answer to compare it with", retryable=True)

Answer: TypeAlias = tuple[Entry, Completion]


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What the answers of a task are compared with: the position of its current tier, of so many tiers."""

    tier: int
    tiers: int

    def slot(self, slot: Slot) -> Slot:
        """Where the answer stands that the one in `slot` is compared with."""
        return Slot(slot.task, self.tier, slot.item, slot.repeat)


@dataclass(slots=True)
class _Waiting:
    """The answers to one item: that of the current tier, those that came before it, how many are to come."""

    to_come: int
    reference: Completion | None = None
    early: list[Answer] = field(default_factory=list)


class Pairs:
    """Answers on their way to being compared; nothing is kept of an item whose answers have all come."""

    def __init__(self) -> None:
        self._waiting: dict[Slot, _Waiting] = {}

    def add(
        self, entry: Entry, completion: Completion, yardstick: Yardstick
    ) -> list[tuple[Answer, Completion]]:
        """Take an answer in; the pairs that are complete with it."""
        place = yardstick.slot(entry.slot)
        found = self._waiting.setdefault(place, _Waiting(yardstick.tiers))
        found.to_come -= 1
        if entry.slot == place:
            found.reference = completion
        else:
            found.early.append((entry, completion))
        if found.to_come <= 0:
            del self._waiting[place]
        if found.reference is None:
            return []
        pairs = [(each, found.reference) for each in found.early]
        found.early.clear()
        return pairs

    def left(self) -> Iterator[Answer]:
        """The answers whose counterpart never came, each given once."""
        for found in self._waiting.values():
            yield from found.early
            found.early.clear()
