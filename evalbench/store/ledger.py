"""Open the ledger: one SQLite file that is cache, log and resume in one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evalbench.errors import StoreError
from evalbench.store.layout import MIGRATIONS

BUSY_TIMEOUT_S = 30.0
MOST_JOURNAL_BYTES = 16_000_000
"""What the journal beside the ledger keeps of its size once a large eval set has been written down."""
_CACHE_KIB = 512
"""Of the file in memory: runs read it in order, once, so that more would only be held."""

NO_RUN = "there is no stored run yet"
MAKE_RUN = "make one with `evalbench run`, or `evalbench demo`."


@contextmanager
def connect_stored(path: Path) -> Iterator[sqlite3.Connection]:
    """A ledger that is there already: a command that only reads makes none."""
    if not path.exists():
        raise StoreError(NO_RUN, MAKE_RUN)
    with connect(path) as connection:
        yield connection


@contextmanager
def connect(path: Path) -> Iterator[sqlite3.Connection]:
    """An open ledger with the newest layout, closed afterwards; problems become `StoreError`."""
    connection = open_ledger(path)
    try:
        yield connection
    except sqlite3.Error as error:
        raise ledger_error(path, error) from error
    finally:
        connection.close()


def open_ledger(path: Path) -> sqlite3.Connection:
    """Open or create the ledger at `path`, and bring it to the newest layout.

    Committed answers survive a crash of the process and a loss of power: WAL with
    `synchronous=FULL`. The connection may be handed to another thread, not shared by two.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA journal_size_limit = {MOST_JOURNAL_BYTES}")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            _migrate(connection, path)
        except BaseException:
            connection.close()
            raise
    except (sqlite3.Error, OSError) as error:
        raise ledger_error(path, error) from error
    return connection


def ledger_error(path: Path, error: Exception) -> StoreError:
    """What went wrong with the ledger, in words that say what to do."""
    return StoreError(
        f"the ledger {str(path)!r} cannot be used: {error}",
        "check that its folder is writable and has space, or name another with --ledger FILE.",
    )


def is_sound(path: Path) -> bool:
    """Whether SQLite finds the file whole."""
    with connect(path) as connection:
        (answer,) = connection.execute("PRAGMA integrity_check").fetchone()
    return bool(answer == "ok")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is written inside counts, or none of it; nobody else writes meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        roll_back(connection)
        raise


def roll_back(connection: sqlite3.Connection) -> None:
    """Undo what is open; after a full disk, SQLite has done so by itself."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise StoreError(
            f"the ledger {str(path)!r} was written by a newer evalbench (layout {version})",
            "upgrade with `pip install -U evalbench-cli`.",
        )
    if version == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute(
            "PRAGMA user_version"
        ).fetchone()  # Another process may have been first.
        for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
            for statement in _statements(script):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        roll_back(connection)
        raise


def _statements(script: str) -> Iterator[str]:
    # `executescript` would commit the open transaction, and a half-made layout with it.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def path_of(connection: sqlite3.Connection) -> Path:
    """The file of a ledger, so that what is not held can be read again later."""
    (found,) = [row for row in connection.execute("PRAGMA database_list") if row[1] == "main"]
    return Path(found[2])
