"""Write runs into the ledger: the manifest before the first call, answers as they come."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from evalbench.core.completion import Completion
from evalbench.core.evalset import Item
from evalbench.core.plan import Entry, Judgement
from evalbench.core.run import Manifest
from evalbench.store import coding
from evalbench.store.ledger import transaction
from evalbench.store.looks import looks_before, next_look, settle_looks
from evalbench.store.records import TaskCard

_ROWS_A_STATEMENT = (32, 8, 1)  # Older SQLite takes no more than 999 values.
_ANSWER = (
    "INSERT INTO answers (key, created, status, text, finish_reason, input_tokens, output_tokens,"
    " cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, latency_s, first_token_s, busy_s,"
    " confidence, detail, queue_s, backoff_s, attempts, lost, unknown_bills)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_TRIAL = (
    "INSERT OR REPLACE INTO trials (task, tier, item, repeat, answer, is_reused, failure, bill)"
    " VALUES (?, ?, ?, ?, (SELECT max(id) FROM answers WHERE key = ?), ?, ?, ?)"
)
_SCORE = (
    "INSERT OR REPLACE INTO scores (task, tier, item, repeat, value, is_valid, reading, explanation,"
    " statistics) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def begin_run(connection: sqlite3.Connection, manifest: Manifest) -> int:
    """Write the manifest down before the first call; returns the run's row."""
    cursor = connection.execute(
        "INSERT INTO runs (name, created, state, wall_s, manifest, notes)"
        " VALUES (?, ?, 'running', 0, ?, '[]')",
        (manifest.id, manifest.created, coding.manifest_text(manifest)),
    )
    return int(cursor.lastrowid or 0)


def begin_task(
    connection: sqlite3.Connection,
    run: int,
    card: TaskCard,
    items: Sequence[Item],
) -> int:
    """Write a task and its items down; equal item sets are kept once. Returns the task's row.

    What earlier runs saw of the same question is written down with it.
    """
    item_set = _item_set(connection, items)
    card = replace(card, looks=next_look(looks_before(connection, card, run), is_gate=card.looks.is_gate))
    (position,) = connection.execute("SELECT count(*) FROM tasks WHERE run = ?", (run,)).fetchone()
    cursor = connection.execute(
        "INSERT INTO tasks (run, position, card, item_set) VALUES (?, ?, ?, ?)",
        (run, position, card.to_text(), item_set),
    )
    return int(cursor.lastrowid or 0)


def _item_set(connection: sqlite3.Connection, items: Sequence[Item]) -> int:
    """The row of the items; their bodies are made one by one, since all of them may not fit in memory."""
    if _has_set_of(connection, len(items)):
        digest = hashlib.sha256()
        for _ in _bodies(items, digest.update):
            pass
        found = connection.execute("SELECT id FROM item_sets WHERE digest = ?", (digest.hexdigest(),))
        for (row,) in found.fetchall():
            return int(row)
    cursor = connection.execute("INSERT INTO item_sets (digest) VALUES ('being written')")
    row = int(cursor.lastrowid or 0)
    digest = hashlib.sha256()
    connection.executemany(
        "INSERT INTO items (item_set, position, body) VALUES (?, ?, ?)",
        ((row, position, body) for position, body in enumerate(_bodies(items, digest.update))),
    )
    connection.execute("UPDATE item_sets SET digest = ? WHERE id = ?", (digest.hexdigest(), row))
    return row


def _has_set_of(connection: sqlite3.Connection, length: int) -> bool:
    found = connection.execute(
        "SELECT 1 FROM item_sets s"
        " WHERE (SELECT coalesce(max(position), -1) FROM items WHERE item_set = s.id) = ? LIMIT 1",
        (length - 1,),
    )
    return found.fetchone() is not None


def _bodies(items: Iterable[Item], told: Callable[[bytes], None]) -> Iterator[str]:
    """The bodies one by one; `told` hears the lines that the digest of all of them is made of."""
    for item in items:
        body = coding.item_body(item)
        told(body.encode() + b"\n")
        yield body


def copy_trials(connection: sqlite3.Connection, source: int, target: int) -> None:
    """Let a new task row point at the very answers that another one holds, at no cost."""
    connection.execute(
        "INSERT INTO trials (task, tier, item, repeat, answer, is_reused, failure, bill)"
        " SELECT ?, tier, item, repeat, answer, 1, failure, bill FROM trials WHERE task = ?",
        (target, source),
    )


def finish_run(
    connection: sqlite3.Connection, run: int, state: str, wall_s: float, notes: Iterable[str]
) -> None:
    """Close a run: `state` is complete, incomplete or interrupted; wall time adds up over resumes.

    Only now is it known whether its tasks brought new evidence.
    """
    settle_looks(connection, run)
    connection.execute(
        "UPDATE runs SET state = ?, wall_s = wall_s + ?, notes = ? WHERE id = ?",
        (state, wall_s, coding.to_text(list(notes)), run),
    )


def write_entries(connection: sqlite3.Connection, entries: Sequence[Entry], rows: Sequence[int]) -> None:
    """Write entries in a transaction of their own; `rows` are the rows of the run's tasks, by position."""
    with transaction(connection):
        add_entries(connection, entries, rows)


def add_entries(connection: sqlite3.Connection, entries: Sequence[Entry], rows: Sequence[int]) -> None:
    """Write answers, and then what points at them, within the caller's transaction."""
    answers = [_answer_row(entry.key, entry.completion) for entry in entries if entry.completion is not None]
    _insert(connection, _ANSWER, answers)
    _insert(connection, _TRIAL, [_trial_row(entry, rows) for entry in entries])
    write_scores(connection, entries, rows)


def write_scores(connection: sqlite3.Connection, entries: Sequence[Entry], rows: Sequence[int]) -> None:
    """Write the scores of entries whose trials are there, within the caller's transaction."""
    scored = [_score_row(entry, rows) for entry in entries if entry.score is not None]
    _insert(connection, _SCORE, scored)


def add_judgements(connection: sqlite3.Connection, judgements: Sequence[Judgement], run: int | None) -> None:
    """Write what a judge said, and that `run` rests on it, within the caller's transaction.

    Without a run the answers are kept for the command that asked, until it has one to book them on.
    """
    rows = [_answer_row(each.key, each.completion) for each in judgements if each.completion is not None]
    _insert(connection, _ANSWER, rows)
    book_judgements(connection, judgements, run)


def book_judgements(connection: sqlite3.Connection, judgements: Sequence[Judgement], run: int | None) -> None:
    """Note that a run rests on answers of a judge that are stored already, and what it paid in vain."""
    for judgement in judgements:
        if judgement.is_in_vain:
            if run is not None:
                bill = run, judgement.cost_usd, judgement.most_usd
                connection.execute("INSERT INTO judge_bills (run, cost_usd, most_usd) VALUES (?, ?, ?)", bill)
            continue
        if run is not None:
            connection.execute(
                "DELETE FROM judgements WHERE run IS NULL"
                " AND answer IN (SELECT id FROM answers WHERE key = ?)",
                (judgement.key,),
            )
        connection.execute(
            "INSERT OR IGNORE INTO judgements (run, answer, is_new, cost_usd, most_usd)"
            " SELECT ?, id, ?, ?, ? FROM answers WHERE key = ? ORDER BY id DESC LIMIT 1",
            (
                run,
                int(judgement.completion is not None),
                judgement.cost_usd,
                judgement.most_usd,
                judgement.key,
            ),
        )


def write_grades(connection: sqlite3.Connection, entries: Sequence[Entry], rows: Sequence[int]) -> None:
    """Write what came of judging answers that are there, within the caller's transaction.

    A failure says why an answer has no score; where there is none, what stood there before goes.
    """
    write_scores(connection, entries, rows)
    connection.executemany(
        "UPDATE trials SET failure = ? WHERE (task, tier, item, repeat) = (?, ?, ?, ?)",
        [(_failure(entry), *_place(entry, rows)) for entry in entries],
    )


def _insert(connection: sqlite3.Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    # For each statement the thread gives the interpreter away, and waits to have it back.
    command, _, values = statement.partition(" VALUES ")
    start = 0
    for size in _ROWS_A_STATEMENT:
        many = f"{command} VALUES {', '.join([values] * size)}"
        while start + size <= len(rows):
            connection.execute(many, tuple(chain.from_iterable(rows[start : start + size])))
            start += size


def _answer_row(key: bytes | None, answer: Completion) -> tuple[Any, ...]:
    usage, effort = answer.usage, answer.effort
    return (
        key,
        answer.created,
        answer.status.value,
        answer.text,
        answer.finish_reason,
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_read_tokens,
        usage.cache_write_tokens,
        usage.reasoning_tokens,
        answer.cost_usd,
        answer.latency_s,
        answer.first_token_s,
        answer.busy_s,
        answer.confidence,
        coding.to_text(dict(answer.detail)) if answer.detail else None,
        effort.queue_s,
        effort.backoff_s,
        effort.attempts,
        None if effort.lost is None else coding.to_text(coding.usage_value(effort.lost)),
        effort.unknown_bills,
    )


def _trial_row(entry: Entry, rows: Sequence[int]) -> tuple[Any, ...]:
    bill = None if entry.bill is None else coding.effort_text(entry.bill)
    place = _place(entry, rows)
    return (*place, entry.key, int(entry.is_reused), _failure(entry), bill)


def _place(entry: Entry, rows: Sequence[int]) -> tuple[int, int, int, int]:
    slot = entry.slot
    return rows[slot.task], slot.tier, slot.item, slot.repeat


def _failure(entry: Entry) -> str | None:
    return None if entry.failure is None else coding.failure_text(entry.failure)


def _score_row(entry: Entry, rows: Sequence[int]) -> tuple[Any, ...]:
    slot, score = entry.slot, entry.score
    if score is None:
        raise AssertionError(entry)
    statistics = coding.to_text(list(score.statistics)) if score.statistics else None
    return (
        rows[slot.task],
        slot.tier,
        slot.item,
        slot.repeat,
        score.value,
        int(score.is_valid),
        score.reading,
        score.explanation,
        statistics,
    )
