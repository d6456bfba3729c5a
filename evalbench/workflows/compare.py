"""Two stored runs against each other: what got better, what got worse, and what was set up otherwise."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from evalbench.advice.changed import ItemChange, TaskChange, TierChange
from evalbench.advice.changes import compare_tasks
from evalbench.assembly.options import ProjectOptions
from evalbench.assembly.project import settle
from evalbench.assembly.stored import load_run
from evalbench.core.completion import Status
from evalbench.core.evalset import Item
from evalbench.core.figures import STATUSES
from evalbench.core.models import Tier
from evalbench.core.run import Manifest, Run, TaskRun
from evalbench.errors import InputError, StoreError, UnknownNameError
from evalbench.store.ledger import connect_stored
from evalbench.store.read import find_run, read_manifest


@dataclass(frozen=True, slots=True)
class Answer:
    """What one run answered to an item the first time it was asked; None where there is no text."""

    status: Status
    text: str | None


@dataclass(frozen=True, slots=True)
class ChangedItem:
    """An item that scored otherwise, with its answer in both runs; `item` is None without texts."""

    change: ItemChange
    item: Item | None
    older: Answer
    newer: Answer


@dataclass(frozen=True, slots=True)
class ComparedTask:
    """One task of both runs, with the changed items to be shown by tier."""

    change: TaskChange
    items: Mapping[Tier, tuple[ChangedItem, ...]]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two runs, the older one first, and what changed from it to the newer one.

    `only_older` and `only_newer` are tasks that the other run does not have.
    """

    older: Run
    newer: Run
    tasks: tuple[ComparedTask, ...]
    only_older: tuple[str, ...]
    only_newer: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which part of two runs to compare, and how many changed items to show a line and direction.

    None for `most` shows all of them.
    """

    task: str | None = None
    tiers: tuple[Tier, ...] = ()
    most: int | None = None
    with_texts: bool = True


def compare(options: ProjectOptions, first: str, second: str, choice: Choice) -> Compared:
    """Compare two stored runs on the items they share; no model is called.

    Whichever was asked later is the newer one; of two of the same age it is the second.
    """
    with connect_stored(settle(options).ledger) as connection:
        rows = [find_run(connection, reference) for reference in (first, second)]
        runs = [load_run(connection, row) for row in rows]
        runs.sort(key=lambda run: _asked(connection, run.manifest))
    older, newer = runs
    pairs = _pairs(older, newer, choice)
    _refuse_other_graders(pairs, older, newer)
    _refuse_preferences(pairs)
    _refuse_unknown_tiers(pairs, choice.tiers)
    tasks = compare_tasks(pairs, choice.tiers)
    _refuse_nothing(tasks, older, newer)
    before, after = _names(older), _names(newer)
    return Compared(
        older=older,
        newer=newer,
        tasks=tuple(ComparedTask(task, _changed_items(task, choice)) for task in tasks),
        only_older=tuple(name for name in before if name not in after),
        only_newer=tuple(name for name in after if name not in before),
        notes=notes_on(older, newer),
    )


def _asked(connection: sqlite3.Connection, manifest: Manifest) -> str:
    """When the answers of a run were asked for: grading again makes a run, but no newer answers."""
    while manifest.regraded_from is not None:
        try:
            row = find_run(connection, manifest.regraded_from)
        except StoreError:
            break  # The run that was graded again is removed: its own time is the best there is.
        manifest = read_manifest(connection, row.row)
    return manifest.created


def _names(run: Run) -> list[str]:
    return [task.task.name for task in run.tasks]


def _pairs(older: Run, newer: Run, choice: Choice) -> list[tuple[TaskRun, TaskRun]]:
    before = {task.task.name: task for task in older.tasks}
    pairs = [(before[task.task.name], task) for task in newer.tasks if task.task.name in before]
    if not pairs:
        raise InputError(
            f"runs {older.manifest.id} and {newer.manifest.id} share no task: the first has "
            f"{', '.join(_names(older))}, the second {', '.join(_names(newer))}",
            "compare two runs of one eval set; `evalbench runs` lists the tasks of each.",
        )
    if choice.task is None:
        return pairs
    chosen = [pair for pair in pairs if pair[1].task.name == choice.task]
    if not chosen:
        raise UnknownNameError("task in both runs", choice.task, [pair[1].task.name for pair in pairs])
    return chosen


def _refuse_other_graders(pairs: Sequence[tuple[TaskRun, TaskRun]], older: Run, newer: Run) -> None:
    for before, after in pairs:
        if before.grader == after.grader:
            continue
        alike = [pair[1].task.name for pair in pairs if pair[0].grader == pair[1].grader]
        others = f", or compare only `--task {alike[0]}`" if alike else ""
        raise InputError(
            f"{after.task.name}: run {older.manifest.id} was graded by {before.grader}, "
            f"run {newer.manifest.id} by {after.grader}, so their scores do not mean the same",
            f"evalbench grade {older.manifest.id}, which judges its answers by the eval set of today and "
            f"makes a new run to compare with{others}.",
        )


def _refuse_preferences(pairs: Sequence[tuple[TaskRun, TaskRun]]) -> None:
    for _, after in pairs:
        if after.is_pairwise:
            others = [pair[1].task.name for pair in pairs if not pair[1].is_pairwise]
            only = f"compare only `--task {others[0]}`, or " if others else ""
            raise InputError(
                f"{after.task.name}: its scores say how far answers were preferred to those of "
                f"{after.models.current} in the same run, so those of two runs have no common measure",
                f"{only}grade both runs by a grader that scores each answer alone: evalbench grade RUN "
                "--grader judge --option 'rubric=…'",
            )


def _refuse_unknown_tiers(pairs: Sequence[tuple[TaskRun, TaskRun]], tiers: Sequence[Tier]) -> None:
    shared = _shared_tiers(pairs)
    for tier in tiers:
        if tier not in shared:
            raise UnknownNameError("tier in both runs", tier, shared)


def _shared_tiers(pairs: Sequence[tuple[TaskRun, TaskRun]]) -> list[Tier]:
    tiers = (tier for before, after in pairs for tier in after.models.tiers if tier in before.models.models)
    return list(dict.fromkeys(tiers))


def _refuse_nothing(tasks: Sequence[TaskChange], older: Run, newer: Run) -> None:
    both = f"runs {older.manifest.id} and {newer.manifest.id}"
    if not any(task.lines for task in tasks):
        tiers = [
            ", ".join(dict.fromkeys(t for task in run.tasks for t in task.models.tiers))
            for run in (older, newer)
        ]
        raise InputError(
            f"{both} share no tier: the first has {tiers[0]}, the second {tiers[1]}",
            "tiers are matched by name: give the model to be compared the same name in both.",
        )
    if not any(len(task.shared) for task in tasks):
        edited = sum(len(task.shared.prompt_changed) + len(task.shared.target_changed) for task in tasks)
        why = f"; {edited:,} have the same id, but another prompt or right answer" if edited else ""
        raise InputError(
            f"{both} share no item with a right answer{why}",
            "compare two runs of the same items, or run the older set-up again on the items of today: "
            "evalbench run.",
        )


def notes_on(older: Run, newer: Run) -> tuple[str, ...]:
    """What a reader should know of the two runs as a whole before any of their differences."""
    notes = []
    if older.manifest.id == newer.manifest.id:
        notes.append("both are the same run")
    elif not newer.answers_new:
        notes.append(
            "the newer run asked nothing new: all its answers were stored before (--refresh asks again)"
        )
    notes += [_incomplete_words(run.manifest) for run in (older, newer) if not run.is_complete]
    if older.manifest.version != newer.manifest.version:
        versions = f"{older.manifest.version} and {newer.manifest.version}"
        notes.append(f"the runs were made by different versions of evalbench: {versions}")
    if older.manifest.seed != newer.manifest.seed:
        notes.append(f"the runs have different seeds: {older.manifest.seed} and {newer.manifest.seed}")
    return tuple(dict.fromkeys(notes))


def _incomplete_words(manifest: Manifest) -> str:
    # Imported and regraded runs have no set-up to resume.
    resumed = manifest.to_resume
    words = f": `evalbench run --resume {resumed}` asks for them" if resumed else ""
    return f"run {manifest.id} lacks answers{words}"


def _changed_items(task: TaskChange, choice: Choice) -> dict[Tier, tuple[ChangedItem, ...]]:
    chosen = {line.tier: _largest(line, choice.most) for line in task.lines}
    older = _answers(
        task.older,
        {(tier, each.older_place) for tier, found in chosen.items() for each in found},
        with_texts=choice.with_texts,
    )
    newer = _answers(
        task.newer,
        {(tier, each.newer_place) for tier, found in chosen.items() for each in found},
        with_texts=choice.with_texts,
    )
    places = {each.newer_place for found in chosen.values() for each in found} if choice.with_texts else set()
    items = {place: item for place, item in enumerate(task.newer.items) if place in places} if places else {}
    return {
        tier: tuple(
            ChangedItem(
                each,
                items.get(each.newer_place),
                older[tier, each.older_place],
                newer[tier, each.newer_place],
            )
            for each in found
        )
        for tier, found in chosen.items()
    }


def _largest(line: TierChange, most: int | None) -> list[ItemChange]:
    if most is None:
        return list(line.changes)
    lost = [each for each in line.changes if each.difference < 0][:most]
    return lost + [each for each in line.changes if each.difference > 0][:most]


def _answers(
    run: TaskRun, wanted: Collection[tuple[Tier, int]], *, with_texts: bool
) -> dict[tuple[Tier, int], Answer]:
    """The first answer of a tier to an item, by tier and place; the texts are read in one go."""
    if not wanted:
        return {}
    figures, tiers = run.figures, run.models.tiers
    rows: dict[int, tuple[Tier, int]] = {}
    for row, (tier, place) in enumerate(zip(figures.tier, figures.item, strict=True)):
        where = (tiers[tier], place)
        if figures.repeat[row] == 0 and where in wanted:
            rows[row] = where
    texts: dict[int, str | None] = {}
    if with_texts:
        texts = {row: text for row, text in enumerate(run.outputs()) if row in rows}
    return {where: Answer(STATUSES[figures.status[row]], texts.get(row)) for row, where in rows.items()}
