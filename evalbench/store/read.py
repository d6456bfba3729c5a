"""Read the ledger: stored answers by key, stored runs by name."""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evalbench.core.completion import Completion
from evalbench.core.run import Manifest
from evalbench.core.score import Score
from evalbench.errors import StoreError
from evalbench.store import coding
from evalbench.store.answers import ANSWER_COLUMNS, SCORE_COLUMNS, completion_from, score_from
from evalbench.store.items import StoredItems
from evalbench.store.ledger import MAKE_RUN, NO_RUN, path_of, roll_back
from evalbench.store.records import StoredTask, TaskCard

LATEST = "latest"
"""What the run that was begun last is called, whatever its id."""

_KEYS_A_QUERY = 500
_NEAR = 0.75


@dataclass(frozen=True, slots=True)
class RunRow:
    """A stored run as a list shows it."""

    row: int
    name: str
    created: str
    state: str
    wall_s: float


def list_runs(connection: sqlite3.Connection) -> list[RunRow]:
    """All stored runs, newest first."""
    rows = connection.execute(
        "SELECT id, name, created, state, wall_s FROM runs ORDER BY created DESC, id DESC"
    )
    return [RunRow(*row) for row in rows]


def find_run(connection: sqlite3.Connection, reference: str) -> RunRow:
    """The run with this id, the only one whose id starts so, or the latest."""
    runs = list_runs(connection)
    if not runs:
        raise StoreError(NO_RUN, MAKE_RUN)
    if reference == LATEST:
        return max(runs, key=lambda run: run.row)
    found = [run for run in runs if run.name == reference] or [
        run for run in runs if run.name.startswith(reference)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(run.name for run in found[:5])
        raise StoreError(
            f"{reference!r} is the beginning of {len(found)} runs", f"write one of them out: {names}."
        )
    raise StoreError(
        f"there is no run {reference!r}", f"{_meant(reference, runs)}`evalbench runs` lists them."
    )


def _meant(reference: str, runs: Sequence[RunRow]) -> str:
    """Which run was meant by a mistyped reference, as the beginning of a fix; nothing where none is near."""
    for known in ((LATEST,), [run.name for run in runs]):
        close = difflib.get_close_matches(reference.lower(), known, n=1, cutoff=_NEAR)
        if close:
            return f"did you mean {close[0]}? "
    return ""


def read_manifest(connection: sqlite3.Connection, run: int) -> Manifest:
    """The manifest of a run."""
    (text,) = connection.execute("SELECT manifest FROM runs WHERE id = ?", (run,)).fetchone()
    return coding.manifest_from(text)


def read_tasks(connection: sqlite3.Connection, run: int) -> list[StoredTask]:
    """The tasks of a run in order; their items are read when they are asked for."""
    rows = connection.execute(
        "SELECT id, card, item_set, (SELECT count(*) FROM items WHERE item_set = tasks.item_set)"
        " FROM tasks WHERE run = ? ORDER BY position",
        (run,),
    )
    path = path_of(connection)
    return [
        StoredTask(row, TaskCard.from_text(card), StoredItems(path, item_set, count))
        for row, card, item_set, count in rows.fetchall()
    ]


def count_answered(connection: sqlite3.Connection, task: int) -> int:
    """How many trials of a task have an answer."""
    (count,) = connection.execute(
        "SELECT count(*) FROM trials WHERE task = ? AND answer IS NOT NULL", (task,)
    ).fetchone()
    return int(count)


def count_answered_by_tier(connection: sqlite3.Connection, task: int) -> dict[int, int]:
    """How many trials of a task have an answer, by the position of the tier."""
    rows = connection.execute(
        "SELECT tier, count(*) FROM trials WHERE task = ? AND answer IS NOT NULL GROUP BY tier", (task,)
    )
    return dict(rows)


def count_ungraded(connection: sqlite3.Connection, task: int) -> int:
    """How many trials of a task have an answer that the grader should have judged, and could not."""
    (count,) = connection.execute(
        "SELECT count(*) FROM trials WHERE task = ? AND answer IS NOT NULL AND failure IS NOT NULL", (task,)
    ).fetchone()
    return int(count)


def answered(connection: sqlite3.Connection, task: int) -> set[tuple[int, int, int]]:
    """Tier, item and repeat of every answered trial of a task, so that a resume asks for the rest."""
    rows = connection.execute(
        "SELECT tier, item, repeat FROM trials WHERE task = ? AND answer IS NOT NULL", (task,)
    )
    return set(rows)


def ungraded(connection: sqlite3.Connection, task: int) -> dict[tuple[int, int, int], bool]:
    """Tier, item and repeat of every answer without a score, and whether the answer was a stored one."""
    rows = connection.execute(
        "SELECT t.tier, t.item, t.repeat, t.is_reused FROM trials t LEFT JOIN scores s"
        " ON (s.task, s.tier, s.item, s.repeat) = (t.task, t.tier, t.item, t.repeat)"
        " WHERE t.task = ? AND t.answer IS NOT NULL AND s.task IS NULL",
        (task,),
    )
    return {(tier, item, repeat): bool(is_reused) for tier, item, repeat, is_reused in rows}


def read_scores(
    connection: sqlite3.Connection, task: int, places: Iterable[tuple[int, int, int]]
) -> dict[tuple[int, int, int], Score]:
    """The stored scores of some trials, by their tier, item and repeat; those without one are left out."""
    found = {}
    for place in places:
        row = connection.execute(
            f"SELECT {SCORE_COLUMNS} FROM scores s"  # noqa: S608 - a constant only
            " WHERE s.task = ? AND s.tier = ? AND s.item = ? AND s.repeat = ?",
            (task, *place),
        ).fetchone()
        score = None if row is None else score_from(row)
        if score is not None:
            found[place] = score
    return found


def stored_keys(
    connection: sqlite3.Connection, keys: Sequence[bytes], since: str | None, until: str | None = None
) -> set[bytes]:
    """Which of these keys have an answer, dated from `since` to `until` (UTC, ISO 8601) where given."""
    found: set[bytes] = set()
    for start in range(0, len(keys), _KEYS_A_QUERY):
        chunk = keys[start : start + _KEYS_A_QUERY]
        marks = ",".join("?" * len(chunk))
        query = f"SELECT DISTINCT key FROM answers WHERE key IN ({marks})"  # noqa: S608 - only question marks
        parameters: list[bytes | str] = list(chunk)
        if since is not None:
            query += " AND created >= ?"
            parameters.append(since)
        if until is not None:
            query += " AND created <= ?"
            parameters.append(until)
        found.update(row[0] for row in connection.execute(query, parameters))
    return found


def read_answers(connection: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, Completion]:
    """The newest answer under each of these keys, as far as there is one."""
    found: dict[bytes, Completion] = {}
    for start in range(0, len(keys), _KEYS_A_QUERY):
        chunk = keys[start : start + _KEYS_A_QUERY]
        marks = ",".join("?" * len(chunk))
        rows = connection.execute(
            f"SELECT a.key, {ANSWER_COLUMNS} FROM answers a WHERE a.id IN"  # noqa: S608 - constants and marks
            f" (SELECT max(id) FROM answers WHERE key IN ({marks}) GROUP BY key)",
            chunk,
        )
        found.update((row[0], completion_from(row[1:])) for row in rows)
    return found


def remove_run(connection: sqlite3.Connection, row: RunRow) -> int:
    """Forget a run, the items and answers only it used (texts included); returns how many answers went."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(
            "CREATE TEMP TABLE doomed AS SELECT answer FROM trials WHERE answer IS NOT NULL"
            " AND task IN (SELECT id FROM tasks WHERE run = ?)"
            # What a judge said for a command that never came to its end belongs to no run.
            " UNION SELECT answer FROM judgements WHERE run = ? OR run IS NULL",
            (row.row, row.row),
        )
        connection.execute("DELETE FROM judgements WHERE run IS NULL")
        connection.execute("DELETE FROM runs WHERE id = ?", (row.row,))
        connection.execute("DELETE FROM item_sets WHERE id NOT IN (SELECT item_set FROM tasks)")
        cursor = connection.execute(
            "DELETE FROM answers WHERE id IN (SELECT answer FROM doomed)"
            " AND NOT EXISTS (SELECT 1 FROM trials WHERE trials.answer = answers.id)"
            " AND NOT EXISTS (SELECT 1 FROM judgements WHERE judgements.answer = answers.id)"
        )
        connection.execute("DROP TABLE doomed")
        connection.execute("COMMIT")
    except BaseException:
        roll_back(connection)
        raise
    return cursor.rowcount
