from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from evalbench.core.completion import Completion
from evalbench.core.plan import Entry, Slot
from evalbench.errors import StoreError
from evalbench.store.journal import Journal
from evalbench.store.ledger import connect, open_ledger
from evalbench.store.read import answered
from evalbench.store.reserve import Reserve
from tests.store.test_ledger import begin

LONG = "x" * 40_000


def as_full(path: Path, pages: int, while_there: Path) -> Callable[[Path], sqlite3.Connection]:
    """Opens a ledger that is full after some pages, for as long as a file is there."""

    class Full(sqlite3.Connection):
        def execute(self, sql: str, *rest: object) -> sqlite3.Cursor:
            if sql.startswith("BEGIN"):
                most = pages if while_there.exists() else 1_000_000
                super().execute(f"PRAGMA max_page_count = {most}")
            return super().execute(sql, *rest)  # type: ignore[arg-type]  # sqlite's own parameters

    def connection(_: Path) -> sqlite3.Connection:
        open_ledger(path).close()
        return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Full)

    return connection


def write(path: Path, connection: Callable[[Path], sqlite3.Connection]) -> tuple[int, StoreError | None]:
    with connect(path) as ledger:
        row = begin(ledger)
    stored: list[Entry] = []

    def remember(batch: Sequence[Entry]) -> None:
        stored.extend(batch)

    journal = Journal(path, [row], remember, connection)
    for number in range(4):
        journal.put(
            Entry(Slot(0, number % 2, number // 2, 0), bytes([number]) * 32, completion=Completion(LONG))
        )
    journal.close()
    with connect(path) as ledger:
        return len(answered(ledger, row)), journal.trouble


def test_answers_under_way_find_room_when_the_disk_is_full(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    reserve = tmp_path / "ledger.sqlite-reserve"

    kept, trouble = write(path, as_full(path, pages=40, while_there=reserve))

    assert kept == 4
    assert trouble is not None
    assert "full" in trouble.problem


def test_the_space_set_aside_is_given_back(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"

    kept, trouble = write(path, open_ledger)

    assert (kept, trouble) == (4, None)
    assert not (tmp_path / "ledger.sqlite-reserve").exists()


def test_a_disk_that_stays_full_is_an_error_in_plain_words(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"

    with pytest.raises(StoreError, match="full"):
        write(path, as_full(path, pages=40, while_there=tmp_path))


def test_no_room_for_the_reserve_is_found_before_the_first_call(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be used"):
        Reserve(tmp_path / "ledger.sqlite", size_bytes=2**60)
    assert not (tmp_path / "ledger.sqlite-reserve").exists()
