"""Read a stored run back, and conclude from it what can be concluded."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from evalbench.advice.recommend import find
from evalbench.advice.traffic import totals_monthly
from evalbench.assembly.options import RunOptions
from evalbench.assembly.wiring import finish
from evalbench.core.completion import Completion
from evalbench.core.evalset import Task
from evalbench.core.models import Model, ModelPool
from evalbench.core.recommendation import Finding, MonthlyBill
from evalbench.core.run import Run, TaskRun
from evalbench.core.trial import Trial
from evalbench.errors import InputError, nearest
from evalbench.pricing.cost import lost_usd, paid_usd
from evalbench.pricing.repricing import PriceBook, batched, names_of, repriced, without_stated_cost
from evalbench.store.ledger import connect_stored
from evalbench.store.read import RunRow, find_run, new_answers, read_cards, read_run


@dataclass(frozen=True, slots=True)
class Concluded:
    """A run with what follows from it: the pure part of every command that shows results.

    `prices` is set where the run is shown at other prices than its own.
    """

    run: Run
    findings: tuple[Finding, ...]
    monthly: MonthlyBill | None
    prices: PriceBook | None = None


def conclude(run: Run, prices: PriceBook | None = None) -> Concluded:
    """Every task's finding, and the bill of all tasks where each states its traffic."""
    options = run.manifest.options
    flags = RunOptions.from_json(dict(options)).flags() if "project" in options else ()
    findings = tuple(find(task, flags) for task in run.tasks)
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
        spent_usd=_spent_usd(connection, row, raw),
        calls=raw.answers_new - _replayed(raw),
        notes=notes,
    )


def _as_stored(task: Task, model: Model, completion: Completion) -> Completion:
    del task, model
    return completion


def _costed(run: TaskRun, prices: PriceBook | None) -> TaskRun:
    pool = batched(run.models) if run.task.batch else run.models
    pool = repriced(pool, prices)
    trials = tuple(_costed_trial(run.task, pool, trial, prices) for trial in run.trials)
    return replace(run, models=pool, trials=trials)


def _costed_trial(task: Task, pool: ModelPool, trial: Trial, prices: PriceBook | None) -> Trial:
    if trial.completion is None:
        return trial
    model, completion = pool.models[trial.tier], trial.completion
    if prices is not None and prices.price_for(model) is not None:
        completion = without_stated_cost(completion)
    return replace(trial, completion=finish(task, model, completion))


def _replayed(run: Run) -> int:
    """New answers that came from recordings: nobody was called for them."""
    return sum(
        trial.completion is not None and not trial.is_reused
        for task in run.tasks
        for trial in task.trials
        if _is_recorded(task.models.models[trial.tier])
    )


def _spent_usd(connection: sqlite3.Connection, row: RunRow, run: Run) -> float | None:
    """What this run itself paid: new answers of models that were really called, and failed calls."""
    costs_usd = [*_answer_costs_usd(connection, row), *_failure_costs_usd(run)]
    known = [cost for cost in costs_usd if cost is not None]
    return math.fsum(known) if len(known) == len(costs_usd) else None


def _answer_costs_usd(connection: sqlite3.Connection, row: RunRow) -> Iterator[float | None]:
    seen: set[int] = set()
    for task_row, card in read_cards(connection, row.row):
        models = list(card.models.models.values())
        if all(_is_recorded(model) for model in models):
            continue
        for answer, tier, completion in new_answers(connection, task_row):
            if answer not in seen and not _is_recorded(models[tier]):
                seen.add(answer)
                yield paid_usd(completion, models[tier].price, card.task.traffic)


def _failure_costs_usd(run: Run) -> Iterator[float | None]:
    for task in run.tasks:
        for trial in task.trials:
            if trial.failure is not None:
                yield lost_usd(trial.failure.effort, task.models.models[trial.tier].price)


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
