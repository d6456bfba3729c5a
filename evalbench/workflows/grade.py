"""Grade stored answers again: a corrected grader or target costs nothing but a moment."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from evalbench import __version__
from evalbench.assembly.concluded import Concluded
from evalbench.assembly.judge_plan import asks_a_model, plan_questions, questions_of
from evalbench.assembly.judging import Bench
from evalbench.assembly.options import ProjectOptions
from evalbench.assembly.preparing import folder_of, refuse_alone, refuse_targets
from evalbench.assembly.project import place_of, settle
from evalbench.assembly.report_folder import open_folder
from evalbench.assembly.spend_cap import check_cap
from evalbench.assembly.wiring import Wiring, finish
from evalbench.config.evalset_file import read_evalset_file
from evalbench.core.completion import Completion
from evalbench.core.evalset import EvalSet, GraderSpec, Item, Task
from evalbench.core.plan import Entry, Judgement, Plan, Slot
from evalbench.core.score import AnyGrader
from evalbench.errors import InputError
from evalbench.graders.factory import make_any_grader
from evalbench.loaders.graders import default_metric, metric_problem
from evalbench.loaders.load import load_evalset
from evalbench.loaders.settings import grader_from_here
from evalbench.runner.budget import Budget
from evalbench.runner.desk import Desk
from evalbench.runner.later import grade_all
from evalbench.runner.pairs import Yardstick
from evalbench.store.coding import stamp
from evalbench.store.ledger import connect_stored, transaction
from evalbench.store.read import RunRow, count_answered, find_run, read_answers, read_manifest, read_tasks
from evalbench.store.records import StoredTask, TaskCard
from evalbench.store.trials import read_trials
from evalbench.store.write import (
    add_judgements,
    begin_run,
    begin_task,
    book_judgements,
    copy_trials,
    finish_run,
    write_grades,
)


@dataclass(frozen=True, slots=True)
class Regraded:
    """The new run, where its page is, and how many scores differ from before, by task.

    `ungraded` counts answers that could not be judged.
    """

    concluded: Concluded
    page: Path
    source: str
    changed: Mapping[str, int]
    ungraded: int = 0


@dataclass(frozen=True, slots=True)
class Spend:
    """What a judge may cost, and whether it is asked at all; other graders cost nothing."""

    max_usd: float | None = None
    is_dry: bool = False


def grade(
    options: ProjectOptions,
    reference: str,
    grader: str | None = None,
    settings: Mapping[str, Any] | None = None,
    spend: Spend = Spend(),
) -> Regraded | Plan:
    """Judge a run's stored answers by its eval sets as they are now, or by another grader.

    A finished run never changes, so the scores become a new run over the same answers. Only a
    grader that asks a model calls one; the plan alone is returned where `spend` is dry.
    """
    setting = settle(options)
    with connect_stored(setting.ledger) as connection:
        row = find_run(connection, reference)
        stored = read_tasks(connection, row.row)
        bench = Bench(setting, Wiring(setting.folder, setting.seed))
        chosen = [_now(each, grader, settings or {}, bench) for each in stored]
        plan = _plan(connection, stored, chosen, bench)
        cap_usd = setting.max_spend_usd if spend.max_usd is None else spend.max_usd
        if spend.is_dry:
            return plan
        if cap_usd is not None:
            check_cap(plan, cap_usd, {}, setting.judge)
        run_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        folder = open_folder(setting.reports, run_id)
        judging = _Judging(connection, bench, Budget(cap_usd))
        ungraded, changed = _store(connection, run_id, row, (stored, chosen), judging)
        from evalbench.assembly.finishing import finish_reports

        concluded, page = finish_reports(connection, run_id, folder)
    return Regraded(concluded, page, row.name, changed, ungraded)


@dataclass(frozen=True, slots=True)
class _Judging:
    """Where graders ask the model that judges, if they do: what it says is safe before it is used."""

    connection: sqlite3.Connection
    bench: Bench
    budget: Budget

    def desk(self) -> Desk | None:
        return self.bench.desk(partial(read_answers, self.connection), self._record)

    def _record(self, judgement: Judgement) -> None:
        if judgement.completion is not None:
            with transaction(self.connection):
                add_judgements(self.connection, [judgement], None)
        self.bench.said.append(judgement)


def _plan(
    connection: sqlite3.Connection, stored: Sequence[StoredTask], chosen: Sequence[_Now], bench: Bench
) -> Plan:
    """What a judge will be asked about the answers that are there."""
    plans = []
    for before, after in zip(stored, chosen, strict=True):
        if asks_a_model(after.grader):
            answers = [
                (entry.slot, item, answer) for entry, answer, item, _ in _answers(connection, before, after)
            ]
            task = after.evalset.task
            plans += [
                plan_questions(task, questions, bench, connection)
                for questions in questions_of(after.grader, task, answers, _yardstick(before))
            ]
    return Plan(tuple(plans))


@dataclass(frozen=True, slots=True)
class _Now:
    """A stored task with its items and grader as they are to be from now on."""

    evalset: EvalSet
    grader: AnyGrader


def _now(stored: StoredTask, name: str | None, settings: Mapping[str, Any], bench: Bench) -> _Now:
    task = stored.card.task
    folder = folder_of(task)
    if name is None:
        evalset = _current(stored)
    else:
        spec = GraderSpec(grader_from_here(name, folder), dict(settings))
        # A metric of summed counts has to go when the new grader does not count them.
        metric = default_metric(task.kind, spec) if metric_problem(task.metric, spec) else task.metric
        evalset = EvalSet(replace(task, grader=spec, metric=metric), tuple(stored.items))
    grader = make_any_grader(evalset.task.grader, evalset.task, folder, bench.assessor)
    refuse_targets(evalset, grader)
    refuse_alone(evalset.name, grader, stored.card.models)
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
    source: RunRow,
    tasks: tuple[Sequence[StoredTask], Sequence[_Now]],
    judging: _Judging,
) -> tuple[int, dict[str, int]]:
    stored, chosen = tasks
    old = read_manifest(connection, source.row)
    now = stamp(datetime.now(UTC))
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
    graded = [_grades(connection, *pair, judging) for pair in zip(stored, chosen, strict=True)]
    ungraded = sum(entry.failure is not None for entries, _ in graded for entry in entries)
    connection.execute("BEGIN IMMEDIATE")
    row = begin_run(connection, manifest)
    book_judgements(connection, judging.bench.said, row)
    for before, after, grades in zip(stored, chosen, graded, strict=True):
        card = _card(before.card, after)
        task_row = begin_task(connection, row, card, after.evalset.items)
        copy_trials(connection, before.row, task_row)
        entries, changed[after.evalset.name] = grades
        write_grades(connection, entries, [task_row])
    state = "incomplete" if ungraded else source.state
    if state == "incomplete" and not ungraded and all(_is_answered(connection, each) for each in stored):
        state = "complete"  # All that it lacked was grades.
    finish_run(connection, row, state, 0.0, [f"graded again from run {old.id}"])
    connection.execute("COMMIT")
    return ungraded, changed


def _is_answered(connection: sqlite3.Connection, task: StoredTask) -> bool:
    wanted = len(task.items) * len(task.card.models.tiers) * task.card.repeats
    return count_answered(connection, task.row) == wanted


def _card(before: TaskCard, after: _Now) -> TaskCard:
    signature = before.signature.replace(before.grader, after.grader.signature)
    task: Task = after.evalset.task
    return replace(before, task=task, grader=after.grader.signature, signature=signature)


def _grades(
    connection: sqlite3.Connection, before: StoredTask, after: _Now, judging: _Judging
) -> tuple[list[Entry], int]:
    """Every stored answer with its new grade, and how many scores differ from before."""
    found = list(_answers(connection, before, after))
    entries = list(
        grade_all(
            [(entry, answer, item) for entry, answer, item, _ in found],
            after.evalset.task,
            after.grader,
            judging.desk(),
            judging.budget,
            _yardstick(before),
        )
    )
    values = [entry.score and entry.score.value for entry in entries]
    return entries, sum(new != old for new, (*_, old) in zip(values, found, strict=True))


def _answers(
    connection: sqlite3.Connection, before: StoredTask, after: _Now
) -> Iterator[tuple[Entry, Completion, Item, float | None]]:
    """Every stored answer with its item, and what it scored before."""
    tiers, items = before.card.models.tiers, after.evalset.items
    places = {item.id: number for number, item in enumerate(items)}
    for trial in read_trials(connection, before, finish):
        if trial.completion is not None:
            place = places[trial.item_id]
            slot = Slot(0, tiers.index(trial.tier), place, trial.repeat)
            value = None if trial.score is None else trial.score.value
            yield Entry(slot, None), trial.completion, items[place], value


def _yardstick(stored: StoredTask) -> Yardstick:
    pool = stored.card.models
    return Yardstick(pool.tiers.index(pool.current), len(pool.tiers))
