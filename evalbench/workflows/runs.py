"""Stored runs: which there are, and how they are removed for good."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from evalbench.assembly.options import ProjectOptions
from evalbench.assembly.outputs import refresh_index
from evalbench.assembly.project import Setting, settle
from evalbench.store.ledger import connect, connect_stored
from evalbench.store.read import RunRow, find_run, list_runs, read_tasks, remove_run


@dataclass(frozen=True, slots=True)
class Listed:
    """A stored run in one line."""

    id: str
    created: str
    state: str
    tasks: tuple[str, ...]
    tiers: tuple[str, ...]
    items: int


@dataclass(frozen=True, slots=True)
class Removed:
    """A run that is gone, and how many stored answers went with it."""

    id: str
    answers: int


def list_stored(options: ProjectOptions) -> list[Listed]:
    """All stored runs, newest first."""
    setting = settle(options)
    if not setting.ledger.exists():
        return []
    with connect(setting.ledger) as connection:
        listed = []
        for row in list_runs(connection):
            tasks = read_tasks(connection, row.row)
            tiers = dict.fromkeys(tier for task in tasks for tier in task.card.models.tiers)
            listed.append(
                Listed(
                    id=row.name,
                    created=row.created,
                    state=row.state,
                    tasks=tuple(task.card.task.name for task in tasks),
                    tiers=tuple(tiers),
                    items=sum(len(task.items) for task in tasks),
                )
            )
    return listed


def remove(options: ProjectOptions, reference: str) -> Removed:
    """Remove one run with its reports; answers that other runs use stay."""
    setting = settle(options)
    with connect_stored(setting.ledger) as connection:
        return _remove(setting, find_run(connection, reference))


def prune(options: ProjectOptions, older_than_s: float) -> list[Removed]:
    """Remove every run that was begun longer ago than this."""
    setting = settle(options)
    if not setting.ledger.exists():
        return []
    cutoff = (datetime.now(UTC) - timedelta(seconds=older_than_s)).isoformat(timespec="milliseconds")
    cutoff = cutoff.replace("+00:00", "Z")
    with connect(setting.ledger) as connection:
        old = [row for row in list_runs(connection) if row.created < cutoff]
    return [_remove(setting, row) for row in old]


def _remove(setting: Setting, row: RunRow) -> Removed:
    with connect(setting.ledger) as connection:
        answers = remove_run(connection, row)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    folder = setting.reports / row.name
    if folder.is_dir():
        shutil.rmtree(folder)
        refresh_index(setting.reports)
    return Removed(row.name, answers)
