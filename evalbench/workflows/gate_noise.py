"""How much a gate would flip with nothing changed: from one run's repeats, and from several runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evalbench.assembly.deployed import refuse_strangers
from evalbench.assembly.guarding import chosen_tasks, guarded_tier, read_baseline
from evalbench.assembly.options import ProjectOptions
from evalbench.assembly.project import settle
from evalbench.assembly.records import record_of
from evalbench.assembly.stored import conclude, load_run
from evalbench.core.baseline import Baseline, TaskRecord
from evalbench.core.models import Tier
from evalbench.core.run import Run, TaskRun
from evalbench.core.score import CORPUS_METRICS
from evalbench.errors import UnknownNameError
from evalbench.gate.check import pairs_of
from evalbench.gate.evidence import item_means
from evalbench.gate.noise import Flips, Spread, flips, spread
from evalbench.store.ages import answer_times
from evalbench.store.ledger import connect_stored
from evalbench.store.read import RunRow, find_run, list_runs, read_tasks
from evalbench.store.records import TaskCard

_MOST_RUNS = 20
_SHARED = 0.1
"""Two runs that share more answers than this are one measurement, not two."""


@dataclass(frozen=True, slots=True)
class NoiseLine:
    """What is known of one guarded line; `flips` is None without two items, `spread` without three runs."""

    task: str
    tier: Tier
    metric: str
    is_corpus: bool
    repeats: int
    items: int
    flips: Flips | None
    runs: tuple[str, ...]
    spread: Spread | None


@dataclass(frozen=True, slots=True)
class Noise:
    """The noise of every guarded line of a run."""

    run: str
    lines: tuple[NoiseLine, ...]


def noise(
    options: ProjectOptions, reference: str, baseline: Path | None = None, tasks: tuple[str, ...] = ()
) -> Noise:
    """Simulate checks of a stored run against itself; the tiers are those of `baseline`, if given."""
    setting = settle(options)
    accepted = None if baseline is None else read_baseline(baseline)
    with connect_stored(setting.ledger) as connection:
        row = find_run(connection, reference)
        run = load_run(connection, row)
        record = record_of(conclude(run), answer_times(connection, row), accepted)
        guide = record if accepted is None else accepted
        refuse_strangers(setting, (*record.tasks, *guide.tasks))
        lines = []
        for task in chosen_tasks(guide, tasks):
            tier = guarded_tier(task, setting.deployed)
            if task.name not in record.tasks or tier not in record.tasks[task.name].tiers:
                known = [f"{name} at {each}" for name, own in record.tasks.items() for each in own.tiers]
                raise UnknownNameError(f"answer in run {record.run} for", f"{task.name} at {tier}", known)
            lines.append(_line(connection, run, row, record, record.tasks[task.name], tier))
    return Noise(record.run, tuple(lines))


def _line(
    connection: sqlite3.Connection, run: Run, row: RunRow, record: Baseline, task: TaskRecord, tier: Tier
) -> NoiseLine:
    own = next(each for each in run.tasks if each.task.name == task.name)
    found = task.tiers[tier]
    pairs = pairs_of(task, found, found)
    others = list(_alike(connection, own, row, tier))
    means = [item_means(pairs.after), *(means for _, means in others)]
    return NoiseLine(
        task=task.name,
        tier=tier,
        metric=task.yardstick.metric,
        is_corpus=task.yardstick.metric in CORPUS_METRICS,
        repeats=found.repeats,
        items=len(task.yardstick.items),
        flips=flips(pairs.after, pairs.clusters, own.task.max_drop, f"noise:{task.name}:{tier}"),
        runs=(record.run, *(name for name, _ in others)),
        spread=spread(means),
    )


def _alike(
    connection: sqlite3.Connection, own: TaskRun, row: RunRow, tier: Tier
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Other stored runs of the same set-up whose answers are their own, newest first."""
    seen = [_answers(own, tier)]
    for other in list_runs(connection):
        if other.row == row.row or other.state != "complete" or len(seen) >= _MOST_RUNS:
            continue
        if not any(_is_alike(own, each.card, tier) for each in read_tasks(connection, other.row)):
            continue
        run = load_run(connection, other)
        task = next(each for each in run.tasks if each.task.name == own.task.name)
        answers = _answers(task, tier)
        if any(len(answers & known) > _SHARED * len(answers) for known in seen):
            continue
        seen.append(answers)
        found = record_of(conclude(run), answer_times(connection, other)).tasks[own.task.name]
        yield other.name, item_means(pairs_of(found, found.tiers[tier], found.tiers[tier]).after)


def _is_alike(own: TaskRun, card: TaskCard, tier: Tier) -> bool:
    """Whether a stored task asked the same items the same question, of the same model."""
    if card.task != own.task or card.grader != own.grader or tier not in card.models.models:
        return False
    one, other = card.models.models[tier], own.models.models[tier]
    return (one.id, dict(one.params), one.api_base) == (other.id, dict(other.params), other.api_base)


def _answers(run: TaskRun, tier: Tier) -> set[int]:
    figures, place = run.figures, run.models.tiers.index(tier)
    return {
        answer for answer, at in zip(figures.answer, figures.tier, strict=True) if at == place and answer >= 0
    }
