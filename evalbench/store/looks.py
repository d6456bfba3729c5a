"""How often a question was looked at before, from the runs in the ledger.

A question is a task, by name, put to the same models with the same one in use today. A look is a
run that brought new evidence: other items, more repeats, another grader, answers asked for anew. A
run for the gate is none: it measures the accepted items again, for a decision of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from evalbench.core.looks import Look, Looks
from evalbench.core.models import ModelPool
from evalbench.store import coding
from evalbench.store.records import TaskCard

MOST_REMEMBERED = 50
"""So many earlier runs are written down with a task: a nightly run must not grow with all nights before."""


def looks_before(
    connection: sqlite3.Connection, card: TaskCard, run: int | None = None, *, resumed: str | None = None
) -> tuple[Look, ...]:
    """The finished runs that asked the same question before run row `run`, oldest first.

    Without `run`, all there are but the one named `resumed`. Runs that were removed are counted as
    long as a later one remembers them.
    """
    rows = connection.execute(
        "SELECT t.card, s.digest, r.name, r.created,"
        " (SELECT count(*) FROM items i WHERE i.item_set = t.item_set)"
        " FROM tasks t JOIN runs r ON r.id = t.run JOIN item_sets s ON s.id = t.item_set"
        " WHERE r.state IN ('complete', 'incomplete') AND (:run IS NULL OR r.id < :run)"
        " AND r.name IS NOT :resumed AND instr(t.card, :name) > 0 ORDER BY t.id DESC",
        {"run": run, "resumed": resumed, "name": f'"name":{coding.to_text(card.task.name)}'},
    )
    for text, digest, name, created, items in rows:
        earlier = TaskCard.from_text(text)
        if earlier.task.name == card.task.name and _question(earlier.models) == _question(card.models):
            if earlier.looks.is_gate:
                return earlier.looks.before
            known = (*earlier.looks.before, _look(earlier, name, created, items, digest))
            return known[-MOST_REMEMBERED:]
    return ()


def next_look(before: Sequence[Look], *, is_gate: bool = False) -> Looks:
    """The look that follows these; for the gate, the latest of them once more."""
    latest = max((look.number for look in before if look.is_counted), default=0)
    return Looks(max(1, latest) if is_gate else latest + 1, tuple(before), is_gate)


def settle_looks(connection: sqlite3.Connection, run: int) -> None:
    """Give the tasks of a run that brought nothing new the number of the run that they repeat."""
    rows = connection.execute(
        "SELECT t.id, t.card, s.digest FROM tasks t JOIN item_sets s ON s.id = t.item_set WHERE t.run = ?",
        (run,),
    )
    for task, text, digest in rows.fetchall():
        card = TaskCard.from_text(text)
        if card.looks.is_gate:
            continue
        found = next_look(card.looks.before)
        same = [look for look in found.before if _asks_alike(look, card, digest)]
        repeated = next(
            (look for look in reversed(same) if _has_its_answers(connection, task, card, look)), None
        )
        if repeated is not None:
            found = replace(found, number=repeated.number)
        if found != card.looks:
            settled = replace(card, looks=found).to_text()
            connection.execute("UPDATE tasks SET card = ? WHERE id = ?", (settled, task))


def _look(card: TaskCard, run: str, created: str, items: int, digest: str) -> Look:
    task = card.task
    return Look(
        run=run,
        created=created,
        number=card.looks.number,
        items=items,
        item_set=digest,
        grader=card.grader,
        repeats=card.repeats,
        max_drop=task.max_drop,
        confidence=task.confidence,
        plan=task.looks,
    )


def _question(pool: ModelPool) -> tuple[str, list[str]]:
    return pool.models[pool.current].id, sorted(model.id for model in pool.models.values())


def _asks_alike(look: Look, card: TaskCard, digest: str) -> bool:
    return (look.item_set, look.grader, look.repeats) == (digest, card.grader, card.repeats)


def _has_its_answers(connection: sqlite3.Connection, task: int, card: TaskCard, look: Look) -> bool:
    """Whether a task has no answer that differs from the earlier run's; what that lacks may be new."""
    rows = connection.execute(
        "SELECT t.id, t.card FROM tasks t JOIN runs r ON r.id = t.run WHERE r.name = ?", (look.run,)
    )
    for earlier, text in rows.fetchall():
        stored = TaskCard.from_text(text)
        if stored.task.name == card.task.name and _order(stored.models) == _order(card.models):
            (other,) = connection.execute(
                "SELECT EXISTS (SELECT 1 FROM trials a JOIN trials b USING (tier, item, repeat)"
                " JOIN answers x ON x.id = a.answer JOIN answers y ON y.id = b.answer"
                " WHERE a.task = ? AND b.task = ? AND a.answer != b.answer"
                " AND (x.text != y.text OR x.created IS NOT y.created))",
                (earlier, task),
            ).fetchone()
            return not other
    return False


def _order(pool: ModelPool) -> list[str]:
    return [model.id for model in pool.models.values()]
