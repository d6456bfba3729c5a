"""Write down what a run is before its first call, or find that again when it is resumed."""

from __future__ import annotations

import secrets
import sqlite3
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from evalbench import __version__
from evalbench.assembly.report_folder import open_folder
from evalbench.assembly.session import Session
from evalbench.core.run import Manifest
from evalbench.errors import InputError
from evalbench.store.coding import stamp
from evalbench.store.read import find_run, read_manifest, read_tasks
from evalbench.store.write import begin_run, begin_task


@dataclass(frozen=True, slots=True)
class Begun:
    """One leg of a run that is written down: its rows in the ledger, and where its reports will go.

    `rows` are those of its tasks, by position; `started_s` is on the monotonic clock.
    """

    manifest: Manifest
    row: int
    rows: list[int]
    folder: Path
    started_s: float


def begin(connection: sqlite3.Connection, session: Session) -> Begun:
    """Write a new run down, with its tasks and their items, once its report folder is there."""
    now = datetime.now(UTC)
    manifest = Manifest(
        id=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}",
        created=stamp(now),
        version=__version__,
        seed=session.seed,
        repeats=session.repeats,
        pool=session.setting.pool,
        graders={each.job.task.name: each.job.grader.signature for each in session.prepared},
        options=session.options.to_json(),
    )
    folder = open_folder(session.setting.reports, manifest.id)
    connection.execute("BEGIN IMMEDIATE")
    row = begin_run(connection, manifest)
    rows = [begin_task(connection, row, each.card, each.job.items) for each in session.prepared]
    connection.execute("COMMIT")
    return Begun(manifest, row, rows, folder, time.monotonic())


def begin_again(connection: sqlite3.Connection, reference: str, session: Session) -> Begun:
    """Find a stored run, to go on with it; what it was about must still be the same."""
    found = find_run(connection, reference)
    stored = read_tasks(connection, found.row)
    before = [(each.card.signature, each.card.task.train_digest) for each in stored]
    now = [(each.card.signature, each.card.task.train_digest) for each in session.prepared]
    if before != now:
        raise InputError(
            f"run {found.name} cannot be resumed: its eval sets or models have changed since",
            "start a new run; answers that are still good are used again.",
        )
    folder, manifest = open_folder(session.setting.reports, found.name), read_manifest(connection, found.row)
    return Begun(manifest, found.row, [each.row for each in stored], folder, time.monotonic())
