"""Answers reach the disk before they count, many to a transaction.

Rows are gathered for a few tens of milliseconds, so that durability costs microseconds an
answer instead of a disk flush each.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from evalbench.core.plan import Entry, Judgement
from evalbench.errors import StoreError
from evalbench.store.ledger import ledger_error, open_ledger, transaction
from evalbench.store.odd import without_odd_parts
from evalbench.store.reserve import Reserve
from evalbench.store.write import add_entries, add_judgements

GATHER_S = 0.015
GATHER_ROWS = 256
_QUEUED_ROWS = 1024

Row: TypeAlias = Entry | Judgement


class Journal:
    """A thread that writes entries as they come, many to a transaction.

    `rows` are the ledger's rows of the run's tasks, by position, and `run` is its own, on which
    what a judge said is booked. `on_stored` is called, in that
    thread, with each batch after it is safe on disk. When the disk is full, space that was set
    aside makes room for the answers under way: `trouble` then asks to stop, nothing is lost. An
    entry that no ledger takes is stored as a failure that says why, without harm to the others.
    """

    def __init__(
        self,
        path: Path,
        rows: Sequence[int],
        on_stored: Callable[[Sequence[Entry]], None],
        connect: Callable[[Path], sqlite3.Connection] = open_ledger,
        run: int | None = None,
    ) -> None:
        self._rows = rows
        self._run = run
        self._path = path
        self._on_stored = on_stored
        self._entries: deque[Row] = deque()
        self._has_entries = threading.Event()
        self._has_room = threading.Event()
        self._is_closed = threading.Event()
        self._error: StoreError | None = None
        self._trouble: StoreError | None = None
        self._connection = connect(path)
        self._reserve = Reserve(path)
        self._thread = threading.Thread(target=self._write, name="evalbench-ledger")
        self._thread.start()

    @property
    def trouble(self) -> StoreError | None:
        """Why there should be no further calls, or None while all is well."""
        return self._error or self._trouble

    def put(self, entry: Row) -> None:
        """Hand an entry over; raises `StoreError` once the ledger can no longer be written."""
        if self._error is not None:
            raise self._error
        while len(self._entries) >= _QUEUED_ROWS and self._thread.is_alive():
            self._has_room.clear()
            self._has_room.wait(GATHER_S)
        self._entries.append(entry)
        if not self._has_entries.is_set():
            self._has_entries.set()

    def close(self) -> None:
        """Wait until everything is on disk; raises `StoreError` if it could not be written."""
        self._is_closed.set()
        self._has_entries.set()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _write(self) -> None:
        try:
            is_last = False
            while not is_last:
                self._has_entries.wait()
                # Whoever is woken for every single entry does little else.
                if len(self._entries) < GATHER_ROWS:
                    self._is_closed.wait(GATHER_S)
                is_last = self._is_closed.is_set()
                self._has_entries.clear()
                self._write_batch()
                while is_last and self._entries:
                    self._write_batch()
                if self._entries:
                    self._has_entries.set()
        finally:
            self._connection.close()
            self._reserve.give_up()

    def _write_batch(self) -> None:
        batch = [self._entries.popleft() for _ in range(min(len(self._entries), GATHER_ROWS))]
        self._has_room.set()
        if not batch or self._error is not None:
            return
        try:
            self._commit(batch)
        except Exception as error:  # noqa: BLE001 - kept for the run, which raises it
            # The queue is emptied from now on, so that nobody waits for ever.
            self._error = ledger_error(self._path, error)
            self._error.__cause__ = error

    def _commit(self, batch: Sequence[Row]) -> None:
        try:
            self._store(batch)
            stored = batch
        except sqlite3.OperationalError:
            raise
        except Exception:  # noqa: BLE001 - one row that cannot be stored must not cost the others
            stored = [self._store_alone(row) for row in batch]
        self._on_stored([each for each in stored if isinstance(each, Entry)])

    def _store_alone(self, row: Row) -> Row:
        """Store as much of one row as can be; raises when that is nothing."""
        try:
            self._store([row])
        except sqlite3.OperationalError:
            raise
        except Exception as error:
            if not isinstance(row, Entry):
                raise
            return self._store_less(row, error)
        return row

    def _store_less(self, entry: Entry, error: Exception) -> Entry:
        *others, last = without_odd_parts(entry, error)
        for less in others:
            try:
                self._store([less])
            except sqlite3.OperationalError:
                raise
            except Exception:  # noqa: BLE001, S112 - there is still less to try
                continue
            return less
        self._store([last])
        return last

    def _store(self, batch: Sequence[Row]) -> None:
        """Write rows in one transaction, into the space that was set aside where there is no other."""
        try:
            self._write_all(batch)
        except sqlite3.OperationalError as error:
            if not self._reserve.give_up():
                raise
            self._trouble = ledger_error(self._path, error)
            self._write_all(batch)

    def _write_all(self, batch: Sequence[Row]) -> None:
        with transaction(self._connection):
            add_entries(self._connection, [each for each in batch if isinstance(each, Entry)], self._rows)
            judgements = [each for each in batch if isinstance(each, Judgement)]
            add_judgements(self._connection, judgements, self._run)
