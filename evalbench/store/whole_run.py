"""Read a whole stored run, as columns of numbers and as texts that are read when they are asked for."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence

import numpy as np

from evalbench.core.run import Judging, Run, TaskRun
from evalbench.store import coding
from evalbench.store.figures import read_figures
from evalbench.store.ledger import path_of
from evalbench.store.read import RunRow, read_manifest, read_tasks
from evalbench.store.trials import Finish, StoredTrials

_NONE = np.zeros(0, dtype=np.int64)


def read_run(connection: sqlite3.Connection, row: RunRow, finish: Finish) -> Run:
    """A whole run: its figures as they are stored, its answers finished by `finish` when they are read."""
    manifest = read_manifest(connection, row.row)
    path = path_of(connection)
    tasks = tuple(
        TaskRun(
            task=stored.card.task,
            models=stored.card.models,
            items=stored.items,
            trials=StoredTrials(path, stored, read_figures(connection, stored), finish),
            grader=stored.card.grader,
            signature=stored.card.signature,
            order_seed=stored.card.order_seed,
            looks=stored.card.looks,
        )
        for stored in read_tasks(connection, row.row)
    )
    (notes,) = connection.execute("SELECT notes FROM runs WHERE id = ?", (row.row,)).fetchone()
    new, reused = _counts(tasks)
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
        judge=_judging(connection, row.row),
    )


def _judging(connection: sqlite3.Connection, run: int) -> Judging | None:
    found = connection.execute(
        "SELECT is_new, cost_usd, coalesce(most_usd, cost_usd, 0) FROM judgements WHERE run = ?"
        " UNION ALL SELECT NULL, cost_usd, most_usd FROM judge_bills WHERE run = ?",
        (run, run),
    ).fetchall()
    if not found:
        return None
    answers = [is_new for is_new, _, _ in found if is_new is not None]
    costs_usd = [cost_usd for _, cost_usd, _ in found]
    return Judging(
        answers_new=sum(answers),
        answers_reused=len(answers) - sum(answers),
        cost_usd=None if None in costs_usd else math.fsum(costs_usd),
        most_usd=math.fsum(most_usd for _, _, most_usd in found),
    )


def _counts(tasks: Sequence[TaskRun]) -> tuple[int, int]:
    """New and reused answers; items with one prompt share one answer, so answers are counted, not trials."""
    answers = np.concatenate([np.asarray(task.figures.answer, dtype=np.int64) for task in tasks] or [_NONE])
    is_reused = np.concatenate([np.asarray(task.figures.is_reused) > 0 for task in tasks] or [_NONE > 0])
    new, reused = (np.unique(answers[(answers >= 0) & chosen]) for chosen in (~is_reused, is_reused))
    return len(new), len(reused)
