"""Make a run of recorded answers, so that real models' work goes through the main job offline."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import orjson

from evalbench import __version__
from evalbench.assembly.concluded import Concluded
from evalbench.assembly.options import ProjectOptions
from evalbench.assembly.preparing import grader_of
from evalbench.assembly.project import Setting, settle, tier_names
from evalbench.assembly.report_folder import open_folder
from evalbench.assembly.wiring import priced_pool
from evalbench.config.evalset_file import read_evalset_file
from evalbench.core.evalset import EvalSet, GraderSpec, Item, Prompt, PromptSpec, Task, TaskKind
from evalbench.core.models import Model, ModelPool
from evalbench.core.plan import Entry, Slot
from evalbench.core.run import Manifest
from evalbench.core.score import Grader, Score
from evalbench.errors import InputError, nearest
from evalbench.interchange.recordings import Recording, Recordings, read_recordings
from evalbench.loaders.load import load_evalset
from evalbench.loaders.settings import Overrides
from evalbench.runner.later import grade_all
from evalbench.store.coding import stamp, task_value
from evalbench.store.ledger import connect, transaction
from evalbench.store.read import list_runs
from evalbench.store.records import TaskCard
from evalbench.store.write import add_entries, begin_run, begin_task, finish_run

TRUSTED = "trusted@1"
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


@dataclass(frozen=True, slots=True)
class _Source:
    """One task of a recording, ready to become a task of a run."""

    task: Task
    items: Sequence[Item]
    grader: Grader | None
    entries: Mapping[tuple[str, str, int], Recording]


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
    sources = _sources(options, recordings)
    run_id = _run_id(options, recordings, sources)
    with connect(setting.ledger) as connection:
        _store(connection, _manifest(run_id, pool, sources, setting), sources)
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


def _store(connection: sqlite3.Connection, manifest: Manifest, sources: Sequence[_Source]) -> None:
    """Write the run down whole or not at all, unless it is there: half of it would pass for all of it."""
    pool = manifest.pool
    entries = [entry for number, source in enumerate(sources) for entry in _entries(number, source, pool)]
    is_complete = len(entries) == sum(_wanted(source, pool) for source in sources)
    is_complete &= all(entry.failure is None for entry in entries)
    notes = [note for source in sources for note in _notes(source, pool)]
    with transaction(connection):
        if manifest.id in {found.name for found in list_runs(connection)}:
            return
        row = begin_run(connection, manifest)
        rows = [begin_task(connection, row, _card(each, pool), each.items) for each in sources]
        add_entries(connection, entries, rows)
        finish_run(connection, row, "complete" if is_complete else "incomplete", 0.0, notes)


def _notes(source: _Source, pool: ModelPool) -> Iterator[str]:
    """What of the recording is not used, with counts: nothing is dropped in silence."""
    chosen = {model.id.rpartition("#")[2] for model in pool.models.values()}
    others = {model for model, _, _ in source.entries} - chosen
    if others:
        yield f"{source.task.name}: no tier was given to {', '.join(sorted(others))}"
    items = {item.id for item in source.items}
    unknown = {item_id for _, item_id, _ in source.entries} - items
    if unknown:
        yield f"{source.task.name}: {len(unknown)} recorded items are not in the eval set"


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


def _sources(options: ImportOptions, recordings: Sequence[Recordings]) -> list[_Source]:
    by_task: dict[str, list[Recording]] = {}
    for each in recordings:
        for entry in each.entries:
            by_task.setdefault(entry.task, []).append(entry)
    if options.evalset is None:
        return [_trusted_source(name, entries, options) for name, entries in by_task.items()]
    terms = Overrides(max_drop=options.max_drop)
    evalset = load_evalset(options.evalset, terms, read_settings=read_evalset_file)
    return [_evalset_source(evalset, by_task, options)]


def _evalset_source(
    evalset: EvalSet, by_task: Mapping[str, Sequence[Recording]], options: ImportOptions
) -> _Source:
    name = evalset.name if evalset.name in by_task else next(iter(by_task))
    if name != evalset.name and len(by_task) > 1:
        raise InputError(
            f"the recording holds {len(by_task)} tasks, none of them {evalset.name!r}",
            f"name the eval set after one of: {', '.join(by_task)}.",
        )
    task = replace(evalset.task, confidence=options.confidence or evalset.task.confidence)
    entries = by_task[name]
    if options.trust_scores:
        items = {item.id for item in evalset.items}
        metric = _trusted_metric(name, [entry for entry in entries if entry.item_id in items], options)
        task = replace(task, grader=GraderSpec("trusted"), metric=metric)
        return _Source(task, evalset.items, None, _by_place(entries))
    return _Source(task, evalset.items, grader_of(evalset), _by_place(entries))


def _trusted_source(name: str, entries: Sequence[Recording], options: ImportOptions) -> _Source:
    task = Task(
        name=name,
        kind=TaskKind.GENERATION,
        grader=GraderSpec("trusted"),
        metric=_trusted_metric(name, entries, options),
        max_drop=_MAX_DROP if options.max_drop is None else options.max_drop,
        confidence=options.confidence or _CONFIDENCE,
        prompt=PromptSpec(None),
    )
    return _Source(task, _items(entries), None, _by_place(entries))


def _trusted_metric(name: str, entries: Sequence[Recording], options: ImportOptions) -> str:
    """What the scores in the file are a mean of; every answer that is asked for must have one."""
    wanted = set(options.tiers.values())
    unscored = [entry for entry in entries if entry.model in wanted and entry.score is None]
    if unscored:
        raise InputError(
            f"{len(unscored)} answers of {name!r} carry no score, the first on line {unscored[0].line}",
            "leave --trust-scores out and grade with --evalset PATH.",
        )
    return "accuracy" if {entry.score for entry in entries} <= {0.0, 1.0, None} else "mean"


def _items(entries: Sequence[Recording]) -> tuple[Item, ...]:
    found: dict[str, Item] = {}
    for entry in entries:
        if entry.item_id not in found:
            found[entry.item_id] = Item(
                entry.item_id, Prompt(entry.input or ""), entry.target, entry.group, entry.tags, entry.line
            )
    return tuple(found.values())


def _by_place(entries: Sequence[Recording]) -> dict[tuple[str, str, int], Recording]:
    return {(entry.model, entry.item_id, entry.repeat): entry for entry in entries}


def _entries(position: int, source: _Source, pool: ModelPool) -> Iterator[Entry]:
    if source.grader is None:
        for entry, found, _ in _recorded(position, source, pool):
            yield replace(entry, score=Score(found.score or 0.0, None, "as recorded"))
        return
    answers = ((entry, found.completion, item) for entry, found, item in _recorded(position, source, pool))
    yield from grade_all(answers, source.task, source.grader)


def _recorded(position: int, source: _Source, pool: ModelPool) -> Iterator[tuple[Entry, Recording, Item]]:
    repeats = range(_repeats(source))
    for tier, model in enumerate(pool.models.values()):
        name = model.id.rpartition("#")[2]
        for number, item in enumerate(source.items):
            for repeat in repeats:
                found = source.entries.get((name, item.id, repeat))
                if found is not None and found.completion.status.value != "missing":
                    yield _entry(Slot(position, tier, number, repeat), found), found, item


def _entry(slot: Slot, found: Recording) -> Entry:
    identity = [found.task, found.model, found.item_id, found.repeat, found.line, repr(found.completion)]
    return Entry(slot, hashlib.sha256(orjson.dumps(identity)).digest(), completion=found.completion)


def _wanted(source: _Source, pool: ModelPool) -> int:
    return len(source.items) * len(pool.tiers) * _repeats(source)


def _repeats(source: _Source) -> int:
    return 1 + max(repeat for _, _, repeat in source.entries)


def _card(source: _Source, pool: ModelPool) -> TaskCard:
    grader = TRUSTED if source.grader is None else source.grader.signature
    models = ",".join(f"{tier}:{model.id}" for tier, model in pool.models.items())
    digest = hashlib.sha256(orjson.dumps([[item.id, item.prompt.text, item.target] for item in source.items]))
    task = source.task if source.task.digest else replace(source.task, digest=digest.hexdigest())
    signature = f"{task.name}@{task.digest[:8]}|n:{len(source.items)}|{grader}|{models}|v:{__version__}"
    return TaskCard(task, pool, grader, signature, {}, _repeats(source))


def _run_id(options: ImportOptions, recordings: Sequence[Recordings], sources: Sequence[_Source]) -> str:
    graders = [TRUSTED if each.grader is None else each.grader.signature for each in sources]
    content = [
        [each.digest for each in recordings],
        list(options.tiers.items()),
        options.current,
        [
            [task_value(replace(each.task, source=None, inferred=())), grader]
            for each, grader in zip(sources, graders, strict=True)
        ],
    ]
    return hashlib.sha256(orjson.dumps(content)).hexdigest()[:12]


def _manifest(run_id: str, pool: ModelPool, sources: Sequence[_Source], setting: Setting) -> Manifest:
    now = stamp(datetime.now(UTC))
    graders = {each.task.name: TRUSTED if each.grader is None else each.grader.signature for each in sources}
    repeats = max(_repeats(each) for each in sources)
    return Manifest(run_id, now, __version__, setting.seed, repeats, pool, graders, {"imported": True})
