"""Keep the items of a large eval set in a file while they are worked on, so that no set is too large.

The file is a temporary one without a name, so nothing of it is left behind, however a command ends.
"""

from __future__ import annotations

import json
import os
import tempfile
import weakref
from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

import orjson

from evalbench.core.evalset import Item, JsonValue, Message, Prompt
from evalbench.core.reading import OnDemand
from evalbench.errors import EvalSetError
from evalbench.loaders.canonical import canonical, is_canonical

HELD_BYTES = 500_000
"""Items with no more text than this stay in memory."""

_BLOCK_BYTES = 256_000
_AHEAD_BYTES = 32_000
_FEW_TARGETS = 500
_HAS_TARGET, _HAS_GROUP, _HAS_NOTES, _IS_REWRITTEN, _HAS_LONG_NUMBERS = 1, 2, 4, 8, 16
_IS_NOT_CANONICAL = _HAS_NOTES | _IS_REWRITTEN


def kept(items: Iterable[Item], held_bytes: int = HELD_BYTES, folder: Path | None = None) -> Sequence[Item]:
    """The items as a tuple, or in a file in `folder` once they are large; None is the system's own.

    Raises:
        EvalSetError: there is no room for the file.
    """
    held: list[Item] = []
    size = 0
    rest = iter(items)
    for item in rest:
        held.append(item)
        size += len(_record(item)[0])
        if size > held_bytes:
            return ItemFile(_both(held, rest), folder=folder)
    return tuple(held)


def _both(held: list[Item], rest: Iterator[Item]) -> Iterator[Item]:
    yield from held
    held.clear()
    yield from rest


class ItemFile(OnDemand[Item]):
    """Items in a file without a name: all of them are read in blocks, one of them with the next few.

    Threads may read at the same time.
    """

    def __init__(
        self,
        items: Iterable[Item],
        write: Callable[[int, memoryview], int] = os.write,
        folder: Path | None = None,
    ) -> None:
        self._put = write
        self._ends = array("Q", [0])
        self._lines = array("Q")
        self._flags = bytearray()
        self._targets: set[str] | None = set()
        self._last_read = 0, b""
        try:
            file = tempfile.TemporaryFile(buffering=0, dir=folder)  # noqa: SIM115 - open while there are items
        except OSError as error:
            raise _no_room(error) from error
        weakref.finalize(self, file.close)
        self._file = file.fileno()
        self._write(items)

    def __len__(self) -> int:
        return len(self._flags)

    def some(self, places: range) -> Sequence[Item]:
        """The items at these places, read when they are asked for."""
        return Selection(self, places)

    def at(self, place: int) -> Item:
        """One item."""
        start, block = self._last_read  # Taken at once: another thread may put another block in its place.
        begin, end = self._ends[place], self._ends[place + 1]
        if not start <= begin <= end <= start + len(block):
            start, block = begin, os.pread(self._file, max(end - begin, _AHEAD_BYTES), begin)
            self._last_read = start, block
        return self._item(block[begin - start : end - start], place)

    def __iter__(self) -> Iterator[Item]:
        for first, last, block in self._blocks():
            start = self._ends[first]
            for place in range(first, last):
                yield self._item(block[self._ends[place] - start : self._ends[place + 1] - start], place)

    @property
    def few_targets(self) -> Collection[str] | None:
        """The different targets, where all are texts and not many; None otherwise."""
        return self._targets

    @property
    def has_groups(self) -> bool:
        """Whether any item belongs to a group."""
        return any(flags & _HAS_GROUP for flags in self._flags)

    def places_with_target(self) -> Sequence[int]:
        """Where the items stand that have a target."""
        return array("Q", (place for place, flags in enumerate(self._flags) if flags & _HAS_TARGET))

    def canonical_texts(self) -> Iterator[bytes]:
        """The canonical texts of all items in order, in pieces of any size."""
        for first, last, block in self._blocks():
            if any(flags & _IS_NOT_CANONICAL for flags in self._flags[first:last]):
                yield from (_canonical_text(self[place]) for place in range(first, last))
            else:
                yield block

    def _write(self, items: Iterable[Item]) -> None:
        records: list[bytes] = []
        unwritten = 0
        for item in items:
            record, flags = _record(item)
            records.append(record)
            self._ends.append(self._ends[-1] + len(record))
            self._lines.append(item.line or 0)
            self._flags.append(flags)
            self._note_target(item.target)
            unwritten += len(record)
            if unwritten > _BLOCK_BYTES:
                self._append(b"".join(records))
                records.clear()
                unwritten = 0
        self._append(b"".join(records))

    def _note_target(self, target: JsonValue) -> None:
        if self._targets is None or target is None:
            return
        if isinstance(target, str) and len(self._targets) < _FEW_TARGETS:
            self._targets.add(target)
        else:
            self._targets = None

    def _append(self, block: bytes) -> None:
        view = memoryview(block)
        try:
            while view:
                view = view[self._put(self._file, view) :]
        except OSError as error:
            raise _no_room(error) from error

    def _blocks(self) -> Iterator[tuple[int, int, bytes]]:
        first = 0
        while first < len(self):
            start = self._ends[first]
            last = max(first + 1, bisect_right(self._ends, start + _BLOCK_BYTES) - 1)
            yield first, last, os.pread(self._file, self._ends[last] - start, start)
            first = last

    def _item(self, record: bytes, place: int) -> Item:
        flags = self._flags[place]
        tags: list[str] = []
        solution: str | None = None
        if flags & _HAS_NOTES:
            record, _, notes = record.rpartition(b"\n")
            tags, solution = orjson.loads(notes)
        load = json.loads if flags & _HAS_LONG_NUMBERS else orjson.loads
        item_id, text, messages, fields, target, group = load(record)
        turns = tuple(Message(*turn) for turn in messages) if messages else ()
        prompt, line = Prompt(text, turns, fields), self._lines[place] or None
        return Item(item_id, prompt, target, group, tuple(tags), line, solution)


class Selection(OnDemand[Item]):
    """Some of the items of a set, by their places in it."""

    def __init__(self, items: Sequence[Item], places: Sequence[int]) -> None:
        self._items = items
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    def some(self, places: range) -> Sequence[Item]:
        """The items at these places of the selection, read when they are asked for."""
        return Selection(self, places)

    def at(self, place: int) -> Item:
        """One item of the selection."""
        return self._items[self._places[place]]


def labelled(items: Sequence[Item]) -> Sequence[Item]:
    """The items that have a target."""
    places: Sequence[int]
    if isinstance(items, ItemFile):
        places = items.places_with_target()
    else:
        places = array("Q", (place for place, item in enumerate(items) if item.target is not None))
    return items if len(places) == len(items) else Selection(items, places)


def few_targets(items: Sequence[Item]) -> Collection[str] | None:
    """The different targets of items, where that is known without reading them; None otherwise."""
    return items.few_targets if isinstance(items, ItemFile) else None


def count_groups(items: Sequence[Item]) -> int:
    """How many groups the items belong to."""
    if isinstance(items, ItemFile) and not items.has_groups:
        return 0
    return len({item.group for item in items if item.group is not None})


def canonical_texts(items: Iterable[Item]) -> Iterable[bytes]:
    """All of the items that an answer, or its grade, can depend on, as one text in pieces."""
    return items.canonical_texts() if isinstance(items, ItemFile) else map(_canonical_text, items)


def _canonical_text(item: Item) -> bytes:
    return b"\n" + canonical(_parts(item))


def _parts(item: Item) -> list[JsonValue]:
    prompt = item.prompt
    messages = [[turn.role, turn.content] for turn in prompt.messages] if prompt.messages else []
    return [item.id, prompt.text, messages, dict(prompt.fields), item.target, item.group]


def _record(item: Item) -> tuple[bytes, int]:
    """An item as it is written, and what is to be known of it without reading it."""
    parts = _parts(item)
    flags = _HAS_TARGET * (item.target is not None) | _HAS_GROUP * (item.group is not None)
    if not (is_canonical(parts[3]) and is_canonical(item.target)):  # All else is text.
        flags |= _IS_REWRITTEN
    try:
        record = b"\n" + orjson.dumps(parts)
    except TypeError:  # a whole number beyond 64 bits, which the fast writer refuses
        flags |= _IS_REWRITTEN | _HAS_LONG_NUMBERS
        record = b"\n" + json.dumps(parts).encode()
    if item.tags or item.solution is not None:
        return b"\n".join((record, orjson.dumps([item.tags, item.solution]))), flags | _HAS_NOTES
    return record, flags


def _no_room(error: OSError) -> EvalSetError:
    return EvalSetError(
        f"there is no room for the items in a temporary file: {error.strerror}",
        "make room, or name a folder that has it: TMPDIR=FOLDER.",
    )
