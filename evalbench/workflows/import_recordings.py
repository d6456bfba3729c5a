"""Make a run of recorded answers, so that real models' work goes through the main job offline."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import orjson

from evalbench import __version__
from evalbench.assembly.concluded import Concluded
from evalbench.assembly.options import ProjectOptions
from evalbench.assembly.preparing import grader_of
from evalbench.assembly.project import Setting, place_of, settle, tier_names
from evalbench.assembly.recorded_task import RecordedTask, pool_of
from evalbench.assembly.report_folder import open_folder
from evalbench.assembly.wiring import priced_pool
from evalbench.config.evalset_file import read_evalset_file
from evalbench.core.completion import Status
from evalbench.core.evalset import EvalSet, GraderSpec, Item, Prompt, PromptSpec, Task, TaskKind
from evalbench.core.models import Model, ModelPool
from evalbench.core.run import Manifest
from evalbench.core.score import Grader
from evalbench.errors import InputError, nearest
from evalbench.interchange.recordings import Recording, Recordings, read_recordings
from evalbench.loaders.load import load_evalset
from evalbench.loaders.settings import Overrides
from evalbench.store.coding import stamp, task_value
from evalbench.store.ledger import connect, transaction
from evalbench.store.read import list_runs
from evalbench.store.write import add_entries, begin_run, begin_task, finish_run

_MAX_DROP, _CONFIDENCE = 0.05, 0.95


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What to make of a recording: which model stands at which tier, and who grades.

    Scores come from the file (`trust_scores`), or from the grader of an eval set. With both, the
    eval set says what the items and the terms are, and the file how good the answers were.
    `max_drop` and `confidence` win over those of an eval set.
    """

    files: tuple[Path, ...]
    tiers: Mapping[str, str]
    current: str | None = None
    max_drop: float | None = None
    confidence: float | None = None
    evalset: Path | None = None
    trust_scores: bool = False


def import_recordings(options: ImportOptions, project: ProjectOptions) -> tuple[Concluded, Path]:
    """The run of these recordings: the same file with the same options gives the same run."""
    if not options.trust_scores and options.evalset is None:
        raise InputError(
            "nobody grades these answers",
            "add --trust-scores to use the scores in the file, or --evalset PATH to grade them.",
        )
    setting = settle(project)
    recordings = [read_recordings(path) for path in options.files]
    _refuse_repetitions(recordings)
    pool = _pool(options, recordings)
    tasks = _tasks(options, recordings, pool)
    run_id = _run_id(options, recordings, tasks)
    with connect(setting.ledger) as connection:
        _store(connection, _manifest(run_id, pool, tasks, setting), tasks)
        from evalbench.assembly.finishing import finish_reports

        return finish_reports(connection, run_id, open_folder(setting.reports, run_id))


def _refuse_repetitions(recordings: Sequence[Recordings]) -> None:
    """No answer may be in two files: one of the two would be dropped in silence."""
    places: dict[tuple[str, str, str, int], str] = {}
    for each in recordings:
        for entry in each.entries:
            key, here = (entry.task, entry.item_id, entry.model, entry.repeat), f"{each.path}:{entry.line}"
            if key in places:
                raise InputError(
                    f"{here}: item {entry.item_id!r} of {entry.model!r} was answered at {places[key]}, too",
                    "give each answer once; several attempts at an item are told apart by `repeat`.",
                )
            places[key] = here


def _store(connection: sqlite3.Connection, manifest: Manifest, tasks: Sequence[RecordedTask]) -> None:
    """Write the run down whole or not at all, unless it is there: half of it would pass for all of it."""
    entries = [entry for number, task in enumerate(tasks) for entry in task.stored(number)]
    is_complete = len(entries) == sum(task.wanted for task in tasks)
    is_complete &= all(entry.failure is None for entry in entries)
    notes = [note for task in tasks for note in task.notes()]
    with transaction(connection):
        if manifest.id in {found.name for found in list_runs(connection)}:
            return
        row = begin_run(connection, manifest)
        rows = [begin_task(connection, row, task.card(), task.items) for task in tasks]
        add_entries(connection, entries, rows)
        finish_run(connection, row, "complete" if is_complete else "incomplete", 0.0, notes)


def _pool(options: ImportOptions, recordings: Sequence[Recordings]) -> ModelPool:
    known = dict.fromkeys(model for each in recordings for model in each.models)
    if not options.tiers:
        example = zip(tier_names(len(known)), known, strict=True)
        raise InputError(
            f"no model has a tier yet; the recording has answers of {', '.join(known)}",
            f"say which, cheapest first: --tiers {','.join(f'{tier}={model}' for tier, model in example)}",
        )
    for model in options.tiers.values():
        if model not in known:
            raise InputError(f"the recording has no answers of {model!r}", nearest(model, known))
    current = options.current or list(options.tiers)[-1]
    if current not in options.tiers:
        raise InputError(f"--current {current!r} is no tier", nearest(current, options.tiers))
    models = {
        tier: Model(f"recorded/{_file_of(model, recordings)}#{model}")
        for tier, model in options.tiers.items()
    }
    return priced_pool(ModelPool(models, current))


def _file_of(model: str, recordings: Sequence[Recordings]) -> str:
    return next(each.path.name for each in recordings if model in each.models)


def _tasks(options: ImportOptions, recordings: Sequence[Recordings], pool: ModelPool) -> list[RecordedTask]:
    by_task: dict[str, list[Recording]] = {}
    for each in recordings:
        for entry in each.entries:
            by_task.setdefault(entry.task, []).append(entry)
    if options.evalset is None:
        return [_trusted_task(name, entries, options, pool) for name, entries in by_task.items()]
    terms = Overrides(max_drop=options.max_drop)
    evalset = load_evalset(place_of(str(options.evalset)), terms, read_settings=read_evalset_file)
    return [_evalset_task(evalset, by_task, options, pool)]


def _evalset_task(
    evalset: EvalSet, by_task: Mapping[str, Sequence[Recording]], options: ImportOptions, pool: ModelPool
) -> RecordedTask:
    name = evalset.name if evalset.name in by_task else next(iter(by_task))
    if name != evalset.name and len(by_task) > 1:
        raise InputError(
            f"the recording holds {len(by_task)} tasks, none of them {evalset.name!r}",
            f"name the eval set after one of: {', '.join(by_task)}.",
        )
    task = replace(evalset.task, confidence=options.confidence or evalset.task.confidence)
    entries = by_task[name]
    if options.trust_scores:
        with_target = {item.id: item.target is not None for item in evalset.items}
        used = [entry for entry in entries if entry.item_id in with_target]
        metric = _trusted_metric(name, used, options, with_target)
        task = replace(task, grader=GraderSpec("trusted"), metric=metric)
    grader = None if options.trust_scores else grader_of(evalset)
    return _recorded_task(task, evalset.items, grader, entries, options, pool)


def _trusted_task(
    name: str, entries: Sequence[Recording], options: ImportOptions, pool: ModelPool
) -> RecordedTask:
    items = _items(entries)
    task = Task(
        name=name,
        kind=TaskKind.GENERATION,
        grader=GraderSpec("trusted"),
        metric=_trusted_metric(name, entries, options, {item.id: item.target is not None for item in items}),
        max_drop=_MAX_DROP if options.max_drop is None else options.max_drop,
        confidence=options.confidence or _CONFIDENCE,
        prompt=PromptSpec(None),
    )
    return _recorded_task(task, items, None, entries, options, pool)


def _trusted_metric(
    name: str, entries: Sequence[Recording], options: ImportOptions, with_target: Mapping[str, bool]
) -> str:
    """What the scores in the file are a mean of; every answer that could be judged must have one.

    One that is missing has none, a failure of the model scores 0 without it, and where an item has no
    right answer and no score at all, it is unlabelled.
    """
    wanted = set(options.tiers.values())
    asked = [entry for entry in entries if entry.model in wanted]
    scored = {entry.item_id for entry in asked if entry.score is not None}
    unscored = [
        entry
        for entry in asked
        if entry.score is None
        and entry.completion.status is Status.OK
        and (with_target[entry.item_id] or entry.item_id in scored or not scored)
    ]
    if unscored:
        raise InputError(
            f"{len(unscored)} answers of {name!r} carry no score, the first on line {unscored[0].line}",
            "leave --trust-scores out and grade with --evalset PATH.",
        )
    return "accuracy" if {entry.score for entry in entries} <= {0.0, 1.0, None} else "mean"


def _recorded_task(
    task: Task,
    items: Sequence[Item],
    grader: Grader | None,
    entries: Sequence[Recording],
    options: ImportOptions,
    pool: ModelPool,
) -> RecordedTask:
    by_place = {(entry.model, entry.item_id, entry.repeat): entry for entry in entries}
    return RecordedTask(task, items, grader, by_place, pool_of(options.tiers, pool, entries), options.tiers)


def _items(entries: Sequence[Recording]) -> tuple[Item, ...]:
    found: dict[str, Item] = {}
    for entry in entries:
        if entry.item_id not in found:
            found[entry.item_id] = Item(
                entry.item_id, Prompt(entry.input or ""), entry.target, entry.group, entry.tags, entry.line
            )
    return tuple(found.values())


def _run_id(options: ImportOptions, recordings: Sequence[Recordings], tasks: Sequence[RecordedTask]) -> str:
    content = [
        [each.digest for each in recordings],
        list(options.tiers.items()),
        options.current,
        [[task_value(replace(each.task, source=None, inferred=())), each.judged_by] for each in tasks],
    ]
    return hashlib.sha256(orjson.dumps(content)).hexdigest()[:12]


def _manifest(run_id: str, pool: ModelPool, tasks: Sequence[RecordedTask], setting: Setting) -> Manifest:
    now = stamp(datetime.now(UTC))
    graders = {each.task.name: each.judged_by for each in tasks}
    repeats = max(each.repeats for each in tasks)
    return Manifest(run_id, now, __version__, setting.seed, repeats, pool, graders, {"imported": True})
