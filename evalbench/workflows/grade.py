"""Grade stored answers again: a corrected grader or target costs nothing but a moment."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evalbench import __version__
from evalbench.assembly.options import ProjectOptions
from evalbench.assembly.outputs import open_folder, refresh_index, write_reports
from evalbench.assembly.preparing import folder_of, refuse_targets
from evalbench.assembly.project import place_of, settle
from evalbench.assembly.stored import Concluded, conclude, load_run
from evalbench.assembly.wiring import finish
from evalbench.config.evalset_file import read_evalset_file
from evalbench.core.evalset import EvalSet, GraderSpec, Task
from evalbench.core.plan import Entry, Slot
from evalbench.core.score import Grader
from evalbench.errors import InputError
from evalbench.graders.factory import make_grader
from evalbench.loaders.load import load_evalset
from evalbench.loaders.settings import grader_from_here
from evalbench.runner.later import grade_all
from evalbench.store.ledger import connect_stored
from evalbench.store.read import find_run, read_manifest, read_tasks
from evalbench.store.records import StoredTask, TaskCard
from evalbench.store.trials import read_trials
from evalbench.store.write import begin_run, begin_task, copy_trials, finish_run, write_grades


@dataclass(frozen=True, slots=True)
class Regraded:
    """The new run, where its page is, and how many scores differ from before, by task."""

    concluded: Concluded
    page: Path
    source: str
    changed: Mapping[str, int]


def grade(
    options: ProjectOptions,
    reference: str,
    grader: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Regraded:
    """Judge a run's stored answers by its eval sets as they are now, or by another grader.

    A finished run never changes, so the scores become a new run over the same answers.
    """
    setting = settle(options)
    with connect_stored(setting.ledger) as connection:
        row = find_run(connection, reference)
        stored = read_tasks(connection, row.row)
        chosen = [_now(each, grader, settings or {}) for each in stored]
        run_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        folder = open_folder(setting.reports, run_id)
        changed = _store(connection, run_id, row.row, row.state, stored, chosen)
        concluded = conclude(load_run(connection, find_run(connection, run_id)))
    page = write_reports(concluded, folder)
    refresh_index(setting.reports)
    return Regraded(concluded, page, row.name, changed)


@dataclass(frozen=True, slots=True)
class _Now:
    """A stored task with its items and grader as they are to be from now on."""

    evalset: EvalSet
    grader: Grader


def _now(stored: StoredTask, name: str | None, settings: Mapping[str, Any]) -> _Now:
    task = stored.card.task
    folder = folder_of(task)
    if name is None:
        evalset = _current(stored)
    else:
        spec = GraderSpec(grader_from_here(name, folder), dict(settings))
        evalset = EvalSet(replace(task, grader=spec), tuple(stored.items))
    grader = make_grader(evalset.task.grader, evalset.task, folder)
    refuse_targets(evalset, grader)
    return _Now(evalset, grader)


def _current(stored: StoredTask) -> EvalSet:
    """The stored items with the targets and the grader that the eval set's file has today."""
    task = stored.card.task
    place = None if task.source is None else place_of(task.source)
    if place is None or not place.exists():
        raise InputError(
            f"the eval set of task {task.name!r} is not there to say how to grade",
            "name a grader: evalbench grade RUN --grader NAME.",
        )
    fresh = load_evalset(place, read_settings=read_evalset_file)
    targets = {item.id: item for item in fresh.items}
    for item in stored.items:
        if item.id not in targets or targets[item.id].prompt.text != item.prompt.text:
            raise InputError(
                f"item {item.id!r} of {task.name!r} is not what was asked in this run",
                "start a new run; answers that are still good are used again.",
            )
    items = tuple(replace(item, target=targets[item.id].target) for item in stored.items)
    return EvalSet(fresh.task, items)


def _store(
    connection: sqlite3.Connection,
    run_id: str,
    source_row: int,
    state: str,
    stored: Sequence[StoredTask],
    chosen: Sequence[_Now],
) -> dict[str, int]:
    old = read_manifest(connection, source_row)
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    manifest = replace(
        old,
        id=run_id,
        created=now,
        version=__version__,
        graders={each.evalset.name: each.grader.signature for each in chosen},
        options={"regraded": old.id},
    )
    changed = {}
    # Judging may take long, and nobody else could write meanwhile.
    graded = [_grades(connection, *pair) for pair in zip(stored, chosen, strict=True)]
    connection.execute("BEGIN IMMEDIATE")
    row = begin_run(connection, manifest)
    for before, after, grades in zip(stored, chosen, graded, strict=True):
        card = _card(before.card, after)
        task_row = begin_task(connection, row, card, after.evalset.items)
        copy_trials(connection, before.row, task_row)
        entries, changed[after.evalset.name] = grades
        write_grades(connection, entries, [task_row])
    finish_run(connection, row, state, 0.0, [f"graded again from run {old.id}"])
    connection.execute("COMMIT")
    return changed


def _card(before: TaskCard, after: _Now) -> TaskCard:
    signature = before.signature.replace(before.grader, after.grader.signature)
    task: Task = after.evalset.task
    return replace(before, task=task, grader=after.grader.signature, signature=signature)


def _grades(connection: sqlite3.Connection, before: StoredTask, after: _Now) -> tuple[list[Entry], int]:
    """Every stored answer with its new grade, and how many scores differ from before."""
    tiers = before.card.models.tiers
    items = after.evalset.items
    places = {item.id: number for number, item in enumerate(items)}
    answers, old_values = [], []
    for trial in read_trials(connection, before, finish):
        if trial.completion is None:
            continue
        place = places[trial.item_id]
        slot = Slot(0, tiers.index(trial.tier), place, trial.repeat)
        answers.append((Entry(slot, None), trial.completion, items[place]))
        old_values.append(trial.score and trial.score.value)
    entries = list(grade_all(answers, after.evalset.task, after.grader))
    values = [entry.score and entry.score.value for entry in entries]
    return entries, sum(new != old for new, old in zip(values, old_values, strict=True))
