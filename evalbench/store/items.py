"""The items of a stored task, read from the ledger when they are asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from evalbench.core.evalset import Item
from evalbench.core.reading import OnDemand
from evalbench.store import coding
from evalbench.store.ledger import connect_stored

_BLOCK = 256
_BODIES = "SELECT body FROM items WHERE item_set = ? AND position >= ? ORDER BY position LIMIT ?"


class StoredItems(OnDemand[Item]):
    """An item set of the ledger, in order; only the block that was read last is held."""

    def __init__(self, path: Path, item_set: int, count: int) -> None:
        self._path = path
        self._item_set = item_set
        self._count = count
        self._first = 0
        self._block: tuple[Item, ...] = ()

    def __len__(self) -> int:
        return self._count

    def at(self, place: int) -> Item:
        """One item, read with its neighbours."""
        if not self._first <= place < self._first + len(self._block):
            self._first = place - place % _BLOCK
            with connect_stored(self._path) as connection:
                self._block = tuple(self._read(connection, self._first, _BLOCK))
        return self._block[place - self._first]

    def __iter__(self) -> Iterator[Item]:
        with connect_stored(self._path) as connection:
            yield from self._read(connection, 0, self._count)

    def _read(self, connection: sqlite3.Connection, first: int, count: int) -> Iterator[Item]:
        rows = connection.execute(_BODIES, (self._item_set, first, count))
        return (coding.item_from(body) for (body,) in rows)
