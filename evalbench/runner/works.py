"""The trials of a run that something must be done for, held so that a plan of any length fits in memory."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

from evalbench.core.plan import Slot

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Work:
    """One slot with the key of its answer; `is_own` when this very run has that answer already.

    `sent_bytes` is the size of the question, and `most_input_tokens` more than it can have.
    """

    slot: Slot
    key: bytes
    is_own: bool = False
    sent_bytes: int = 0
    most_input_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large some questions are: their bytes together, and how often each bound of tokens occurs."""

    calls: int
    sent_bytes: int
    most_input_tokens: Mapping[int, int]


class Works(Sequence[Work]):
    """Works of one task in order, held as columns: a `Work` is made when it is asked for."""

    def __init__(self, task: int) -> None:
        self._task = task
        self._items = array("I")
        self._tiers = array("H")
        self._repeats = array("I")
        self._keys = bytearray()
        self._are_own = bytearray()
        self._sent_bytes = array("Q")
        self._most_input_tokens = array("Q")

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> Work: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Work]: ...

    def __getitem__(self, index: int | slice) -> Work | Sequence[Work]:
        if isinstance(index, slice):
            return [self._work(place) for place in range(*index.indices(len(self)))]
        return self._work(range(len(self))[index])

    def __iter__(self) -> Iterator[Work]:
        return map(self._work, range(len(self)))

    def add(self, work: Work) -> None:
        """Put a work behind the others."""
        self._items.append(work.slot.item)
        self._tiers.append(work.slot.tier)
        self._repeats.append(work.slot.repeat)
        self._keys += work.key
        self._are_own.append(work.is_own)
        self._sent_bytes.append(work.sent_bytes)
        self._most_input_tokens.append(work.most_input_tokens)

    def extend(self, others: Works) -> None:
        """Put other works of the same task behind these."""
        self._items += others._items
        self._tiers += others._tiers
        self._repeats += others._repeats
        self._keys += others._keys
        self._are_own += others._are_own
        self._sent_bytes += others._sent_bytes
        self._most_input_tokens += others._most_input_tokens

    def of_tiers(self, tiers: Collection[int]) -> Iterator[Work]:
        """The works of some tiers, in order."""
        return map(self._work, self.places_of(tiers))

    def places_of(self, tiers: Collection[int]) -> Iterator[int]:
        """Where the works of some tiers stand, in order."""
        return (place for place, tier in enumerate(self._tiers) if tier in tiers)

    def at(self, place: int) -> Work:
        """The work that stands there; told from a slice by its name, since it is asked for at every call."""
        return self._work(place)

    def tier_at(self, place: int) -> int:
        """The tier of the work that stands there."""
        return self._tiers[place]

    def by_tier(self) -> Counter[int]:
        """How many works each tier has."""
        return Counter(self._tiers)

    def sizes(self, tier: int) -> Sizes:
        """How large the questions to a tier are."""
        places = array("Q", (place for place, each in enumerate(self._tiers) if each == tier))
        return Sizes(
            len(places),
            sum(map(self._sent_bytes.__getitem__, places)),
            Counter(map(self._most_input_tokens.__getitem__, places)),
        )

    def _work(self, place: int) -> Work:
        return Work(
            Slot(self._task, self._tiers[place], self._items[place], self._repeats[place]),
            bytes(self._keys[place * _KEY_BYTES : (place + 1) * _KEY_BYTES]),
            bool(self._are_own[place]),
            self._sent_bytes[place],
            self._most_input_tokens[place],
        )
