"""Read the ledger: stored answers by key, stored runs by name."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from evalbench.core.completion import Completion, Effort, Failure, Status, Usage
from evalbench.core.evalset import Item, Task
from evalbench.core.models import Model
from evalbench.core.run import Manifest, Run, TaskRun
from evalbench.core.score import Score
from evalbench.core.trial import Trial
from evalbench.errors import StoreError
from evalbench.store import coding
from evalbench.store.ledger import MAKE_RUN, NO_RUN, roll_back
from evalbench.store.records import TaskCard

_KEYS_A_QUERY = 500
_ANSWER_COLUMNS = (
    "a.text, a.status, a.input_tokens, a.output_tokens, a.cache_read_tokens, a.cache_write_tokens,"
    " a.reasoning_tokens, a.cost_usd, a.latency_s, a.first_token_s, a.busy_s, a.confidence, a.finish_reason,"
    " a.created, a.detail, a.queue_s, a.backoff_s, a.attempts, a.lost, a.unknown_bills"
)
_TRIALS = (
    f"SELECT t.tier, t.item, t.repeat, t.is_reused, t.failure, {_ANSWER_COLUMNS},"  # noqa: S608 - constants only
    " s.value, s.reading, s.explanation, s.is_valid, s.statistics FROM trials t"
    " LEFT JOIN answers a ON a.id = t.answer"
    " LEFT JOIN scores s ON (s.task, s.tier, s.item, s.repeat) = (t.task, t.tier, t.item, t.repeat)"
    " WHERE t.task = ? ORDER BY t.tier, t.item, t.repeat"
)

_NOT_ASKED = Failure("not_asked", "the run ended before this was asked", retryable=True)

Finish = Callable[[Task, Model, Completion], Completion]
"""What is decided about an answer when it is read, such as its price."""


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
    if reference == "latest":
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
    raise StoreError(f"there is no run {reference!r}", "`evalbench runs` lists those there are.")


def read_manifest(connection: sqlite3.Connection, run: int) -> Manifest:
    """The manifest of a run."""
    (text,) = connection.execute("SELECT manifest FROM runs WHERE id = ?", (run,)).fetchone()
    return coding.manifest_from(text)


@dataclass(frozen=True, slots=True)
class StoredTask:
    """A task row of a run, with its card and its items."""

    row: int
    card: TaskCard
    items: tuple[Item, ...]


def read_tasks(connection: sqlite3.Connection, run: int) -> list[StoredTask]:
    """The tasks of a run in order."""
    rows = connection.execute("SELECT id, card, item_set FROM tasks WHERE run = ? ORDER BY position", (run,))
    return [
        StoredTask(row, TaskCard.from_text(card), _items(connection, items))
        for row, card, items in rows.fetchall()
    ]


def read_cards(connection: sqlite3.Connection, run: int) -> list[tuple[int, TaskCard]]:
    """The rows and cards of a run's tasks in order, without their items."""
    rows = connection.execute("SELECT id, card FROM tasks WHERE run = ? ORDER BY position", (run,))
    return [(row, TaskCard.from_text(card)) for row, card in rows.fetchall()]


def read_run(connection: sqlite3.Connection, row: RunRow, finish: Finish) -> Run:
    """A whole run with every answer and score, costed and limited by `finish`."""
    manifest = read_manifest(connection, row.row)
    tasks = tuple(
        TaskRun(
            task=stored.card.task,
            models=stored.card.models,
            items=stored.items,
            trials=tuple(read_trials(connection, stored, finish)),
            grader=stored.card.grader,
            signature=stored.card.signature,
        )
        for stored in read_tasks(connection, row.row)
    )
    (notes,) = connection.execute("SELECT notes FROM runs WHERE id = ?", (row.row,)).fetchone()
    new, reused = _counts(connection, row.row)
    return Run(
        manifest=manifest,
        tasks=tasks,
        is_complete=row.state == "complete",
        wall_s=row.wall_s,
        calls=new,
        answers_new=new,
        answers_reused=reused,
        spent_usd=None,
        notes=tuple(coding.from_text(notes)),
    )


def _counts(connection: sqlite3.Connection, run: int) -> tuple[int, int]:
    # Items with one prompt share one answer, so answers are counted, not trials.
    counted = dict(
        connection.execute(
            "SELECT is_reused, count(DISTINCT answer) FROM trials WHERE answer IS NOT NULL"
            " AND task IN (SELECT id FROM tasks WHERE run = ?) GROUP BY is_reused",
            (run,),
        ).fetchall()
    )
    return counted.get(0, 0), counted.get(1, 0)


def read_trials(connection: sqlite3.Connection, stored: StoredTask, finish: Finish) -> Iterator[Trial]:
    """Every trial of a task, tier by tier in item order; those never asked are missing, not absent."""
    card = stored.card
    rows = connection.execute(_TRIALS, (stored.row,))
    row = rows.fetchone()
    for number, tier in enumerate(card.models.tiers):
        model = card.models.models[tier]
        for position, item in enumerate(stored.items):
            for repeat in range(card.repeats):
                if row is None or row[:3] != (number, position, repeat):
                    yield Trial(item.id, tier, repeat, failure=_NOT_ASKED)
                    continue
                completion = None if row[5] is None else finish(card.task, model, _completion(row[5:25]))
                yield Trial(
                    item_id=item.id,
                    tier=tier,
                    repeat=repeat,
                    completion=completion,
                    score=_score(row[25:]),
                    failure=None if row[4] is None else coding.failure_from(row[4]),
                    is_reused=bool(row[3]),
                )
                row = rows.fetchone()


def new_answers(connection: sqlite3.Connection, task: int) -> Iterator[tuple[int, int, Completion]]:
    """The answers that a run itself brought to a task, each once however many items share it.

    With the row of the answer, and the position of a tier it was given at.
    """
    rows = connection.execute(
        f"SELECT t.answer, t.tier, {_ANSWER_COLUMNS} FROM"  # noqa: S608 - constants only
        " (SELECT answer, min(tier) AS tier FROM trials"
        "  WHERE task = ? AND answer IS NOT NULL AND NOT is_reused GROUP BY answer) t"
        " JOIN answers a ON a.id = t.answer",
        (task,),
    )
    return ((row[0], row[1], _completion(row[2:])) for row in rows)


def answered(connection: sqlite3.Connection, task: int) -> set[tuple[int, int, int]]:
    """Tier, item and repeat of every answered trial of a task, so that a resume asks for the rest."""
    rows = connection.execute(
        "SELECT tier, item, repeat FROM trials WHERE task = ? AND answer IS NOT NULL", (task,)
    )
    return set(rows)


def stored_keys(connection: sqlite3.Connection, keys: Sequence[bytes], since: str | None) -> set[bytes]:
    """Which of these keys have an answer, no older than `since` (UTC, ISO 8601) where that is given."""
    found: set[bytes] = set()
    for start in range(0, len(keys), _KEYS_A_QUERY):
        chunk = keys[start : start + _KEYS_A_QUERY]
        marks = ",".join("?" * len(chunk))
        query = f"SELECT DISTINCT key FROM answers WHERE key IN ({marks})"  # noqa: S608 - only question marks
        parameters: list[bytes | str] = list(chunk)
        if since is not None:
            query += " AND created >= ?"
            parameters.append(since)
        found.update(row[0] for row in connection.execute(query, parameters))
    return found


def read_answer(connection: sqlite3.Connection, key: bytes) -> Completion | None:
    """The newest answer under a key."""
    row = connection.execute(
        f"SELECT {_ANSWER_COLUMNS} FROM answers a WHERE key = ? ORDER BY id DESC LIMIT 1",  # noqa: S608 - constants
        (key,),
    ).fetchone()
    return None if row is None else _completion(row)


def remove_run(connection: sqlite3.Connection, row: RunRow) -> int:
    """Forget a run, the items and answers only it used (texts included); returns how many answers went."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(
            "CREATE TEMP TABLE doomed AS SELECT DISTINCT answer FROM trials WHERE answer IS NOT NULL"
            " AND task IN (SELECT id FROM tasks WHERE run = ?)",
            (row.row,),
        )
        connection.execute("DELETE FROM runs WHERE id = ?", (row.row,))
        connection.execute("DELETE FROM item_sets WHERE id NOT IN (SELECT item_set FROM tasks)")
        cursor = connection.execute(
            "DELETE FROM answers WHERE id IN (SELECT answer FROM doomed)"
            " AND NOT EXISTS (SELECT 1 FROM trials WHERE trials.answer = answers.id)"
        )
        connection.execute("DROP TABLE doomed")
        connection.execute("COMMIT")
    except BaseException:
        roll_back(connection)
        raise
    return cursor.rowcount


def _items(connection: sqlite3.Connection, item_set: int) -> tuple[Item, ...]:
    rows = connection.execute("SELECT body FROM items WHERE item_set = ? ORDER BY position", (item_set,))
    return tuple(coding.item_from(body) for (body,) in rows)


def _completion(row: Sequence[Any]) -> Completion:
    text, status, *tokens = row[:7]
    cost_usd, latency_s, first_token_s, busy_s, confidence, finish_reason, created, detail = row[7:15]
    return Completion(
        text=text,
        status=Status(status),
        usage=Usage(*tokens),
        cost_usd=cost_usd,
        latency_s=latency_s,
        first_token_s=first_token_s,
        busy_s=busy_s,
        confidence=confidence,
        finish_reason=finish_reason,
        created=created,
        detail=coding.from_text(detail) if isinstance(detail, str) else {},
        effort=_effort(row[15:]),
    )


def _effort(row: Sequence[Any]) -> Effort:
    queue_s, backoff_s, attempts, lost, unknown_bills = row
    usage = None if lost is None else coding.usage_from(coding.from_text(lost))
    return Effort(attempts, queue_s, backoff_s, usage, unknown_bills)


def _score(row: Sequence[object]) -> Score | None:
    value, reading, explanation, is_valid, statistics = row
    if not isinstance(value, float):
        return None
    return Score(
        value=value,
        reading=None if reading is None else str(reading),
        explanation=str(explanation),
        is_valid=bool(is_valid),
        statistics=tuple(coding.from_text(statistics)) if isinstance(statistics, str) else (),
    )
