"""Read a stored run back, and conclude from it what can be concluded."""

from __future__ import annotations

import math
import sqlite3
from array import array
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evalbench.advice.recommend import find
from evalbench.advice.traffic import totals_monthly
from evalbench.assembly.concluded import Concluded
from evalbench.assembly.options import RunOptions
from evalbench.assembly.wiring import finish
from evalbench.core.completion import Completion, Status
from evalbench.core.evalset import Task
from evalbench.core.figures import STATUSES, Figures
from evalbench.core.models import Model, ModelPool, Price, Tier
from evalbench.core.run import Run, TaskRun, Trials
from evalbench.core.trial import Trial
from evalbench.errors import InputError, nearest
from evalbench.pricing.columns import paid_usd
from evalbench.pricing.cost import lost_usd
from evalbench.pricing.repricing import PriceBook, batched, names_of, repriced, without_stated_cost
from evalbench.store.ledger import connect_stored
from evalbench.store.read import RunRow, find_run
from evalbench.store.whole_run import read_run


def conclude(run: Run, prices: PriceBook | None = None) -> Concluded:
    """Every task's finding, and the bill of all tasks where each states its traffic."""
    manifest = run.manifest
    flags = RunOptions.from_json(dict(manifest.options)).flags() if manifest.is_resumable else ()
    findings = tuple(find(task, flags, manifest.regraded_from) for task in run.tasks)
    return Concluded(run, findings, totals_monthly(findings), prices)


def load_concluded(ledger: Path, reference: str, prices: PriceBook | None = None) -> Concluded:
    """The stored run that `reference` names, with its findings, at its own prices or at others."""
    with connect_stored(ledger) as connection:
        return conclude(load_run(connection, find_run(connection, reference), prices), prices)


def load_run(connection: sqlite3.Connection, row: RunRow, prices: PriceBook | None = None) -> Run:
    """A stored run with its costs: what an answer would cost in use, and what the run itself paid.

    The two differ where batch prices apply in use, where one answer serves several items, and
    where the run is shown at other prices.
    """
    raw = read_run(connection, row, _as_stored)
    if prices is not None and not any(prices.names_any(task.models) for task in raw.tasks):
        raise _names_none(prices, raw)
    notes = raw.notes if prices is None else (*raw.notes, _price_words(prices, raw))
    return replace(
        raw,
        tasks=tuple(_costed(task, prices) for task in raw.tasks),
        spent_usd=_spent_usd(raw),
        calls=raw.answers_new - _replayed(raw) + (raw.judge.answers_new if raw.judge else 0),
        notes=notes,
    )


def _as_stored(task: Task, model: Model, completion: Completion) -> Completion:
    del task, model
    return completion


class _Costed(Trials):
    """Trials whose answers are priced, and late where production would not have waited."""

    def __init__(self, run: TaskRun, pool: ModelPool, unstated: Collection[Tier], figures: Figures) -> None:
        self._run = run
        self._pool = pool
        self._unstated = unstated
        self._figures = figures

    @property
    def figures(self) -> Figures:
        return self._figures

    def outputs(self) -> Iterator[str | None]:
        return self._run.outputs()

    def __iter__(self) -> Iterator[Trial]:
        return map(self._costed, self._run.trials)

    def at(self, place: int) -> Trial:
        return self._costed(self._run.trials[place])

    def _costed(self, trial: Trial) -> Trial:
        completion = trial.completion
        if completion is None:
            return trial
        if trial.tier in self._unstated:
            completion = without_stated_cost(completion)
        return replace(trial, completion=finish(self._run.task, self._pool.models[trial.tier], completion))


def _costed(run: TaskRun, prices: PriceBook | None) -> TaskRun:
    pool = batched(run.models) if run.task.batch else run.models
    pool = repriced(pool, prices)
    unstated = [
        tier
        for tier, model in pool.models.items()
        if prices is not None and prices.price_for(model) is not None
    ]
    places = [pool.tiers.index(tier) for tier in unstated]
    costs_usd = paid_usd(run.figures, _prices(pool), run.task.traffic, places)
    figures = replace(run.figures, cost_usd=array("d", costs_usd.tobytes()), status=_limited(run))
    return replace(run, models=pool, trials=_Costed(run, pool, unstated, figures))


def _prices(pool: ModelPool) -> list[Price | None]:
    return [model.price for model in pool.models.values()]


def _limited(run: TaskRun) -> array[int]:
    """What became of each call, as production would see it: an answer after the deadline is a timeout."""
    figures, most_s = run.figures, run.task.limits.max_answer_s
    if most_s is None:
        return figures.status
    status = array("b", figures.status)
    for row, latency_s in enumerate(figures.latency_s):
        if latency_s > most_s and figures.answer[row] >= 0:
            status[row] = STATUSES.index(Status.TIMEOUT)
    return status


def _replayed(run: Run) -> int:
    """New answers that came from recordings: nobody was called for them."""
    return sum(int((_is_new(task) & _is_recorded_at(task)).sum()) for task in run.tasks)


def _is_new(run: TaskRun) -> NDArray[np.bool_]:
    is_new: NDArray[np.bool_] = (np.asarray(run.figures.answer) >= 0) & (
        np.asarray(run.figures.is_reused) == 0
    )
    return is_new


def _is_recorded_at(run: TaskRun) -> NDArray[np.bool_]:
    is_recorded = np.array([_is_recorded(model) for model in run.models.models.values()])
    return np.asarray(is_recorded[np.asarray(run.figures.tier)], dtype=np.bool_)


def _spent_usd(run: Run) -> float | None:
    """What this run itself paid: new answers of models that were really called, and failed calls."""
    costs_usd = [*_answer_costs_usd(run), *_failure_costs_usd(run)]
    if run.judge is not None:
        costs_usd.append(math.nan if run.judge.cost_usd is None else run.judge.cost_usd)
    return None if any(map(math.isnan, costs_usd)) else math.fsum(costs_usd)


def _answer_costs_usd(run: Run) -> NDArray[np.float64]:
    """The cost of each new answer, once however many items share it; NaN where nobody knows."""
    answers, costs_usd = [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
    for task in run.tasks:
        is_paid = _is_new(task) & ~_is_recorded_at(task)
        answers.append(np.asarray(task.figures.answer)[is_paid])
        costs_usd.append(paid_usd(task.figures, _prices(task.models), task.task.traffic)[is_paid])
    _, first = np.unique(np.concatenate(answers), return_index=True)
    return np.concatenate(costs_usd)[first]


def _failure_costs_usd(run: Run) -> Iterator[float]:
    for task in run.tasks:
        figures, prices = task.figures, _prices(task.models)
        paid = [(row, failure.effort) for row, failure in figures.failures.items()]
        for row, effort in (*paid, *figures.bills.items()):
            lost = lost_usd(effort, prices[figures.tier[row]])
            yield math.nan if lost is None else lost


def _is_recorded(model: Model) -> bool:
    return model.id.startswith("recorded/")


def _names_none(prices: PriceBook, run: Run) -> InputError:
    models = [model for task in run.tasks for model in task.models.models.values()]
    named = list(prices.prices)
    return InputError(
        f"{prices.name} has no price for a model of run {run.manifest.id}: it names {', '.join(named)}",
        nearest(named[0], {name for model in models for name in names_of(model)}),
    )


def _price_words(prices: PriceBook, run: Run) -> str:
    unnamed = {
        tier
        for task in run.tasks
        for tier, model in task.models.models.items()
        if prices.price_for(model) is None
    }
    kept = f"; {', '.join(sorted(unnamed))} at the prices of the run" if unnamed else ""
    return f"shown at the prices of {prices.name}, as of {prices.as_of}{kept}"
