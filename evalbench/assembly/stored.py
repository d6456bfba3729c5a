"""Read a stored run back, and conclude from it what can be concluded."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path

from evalbench.advice.recommend import find
from evalbench.advice.traffic import totals_monthly
from evalbench.assembly.wiring import finish
from evalbench.core.recommendation import Finding, MonthlyBill
from evalbench.core.run import Run
from evalbench.store.ledger import connect
from evalbench.store.read import RunRow, find_run, read_run


@dataclass(frozen=True, slots=True)
class Concluded:
    """A run with what follows from it: the pure part of every command that shows results."""

    run: Run
    findings: tuple[Finding, ...]
    monthly: MonthlyBill | None


def conclude(run: Run) -> Concluded:
    """Every task's finding, and the bill of all tasks where each states its traffic."""
    findings = tuple(find(task) for task in run.tasks)
    return Concluded(run, findings, totals_monthly(findings))


def load_concluded(ledger: Path, reference: str) -> Concluded:
    """The stored run that `reference` names, with its findings."""
    with connect(ledger) as connection:
        return conclude(load_run(connection, find_run(connection, reference)))


def load_run(connection: sqlite3.Connection, row: RunRow) -> Run:
    """A stored run with its costs."""
    run = read_run(connection, row, finish)
    return replace(run, spent_usd=_spent_usd(run), calls=run.answers_new - _replayed(run))


def _replayed(run: Run) -> int:
    """New answers that came from recordings: nobody was called for them."""
    return sum(
        trial.completion is not None and not trial.is_reused
        for task in run.tasks
        for trial in task.trials
        if task.models.models[trial.tier].id.startswith("recorded/")
    )


def _spent_usd(run: Run) -> float | None:
    """What this run itself paid: new answers of models that were really called."""
    total = 0.0
    for task in run.tasks:
        replayed = {tier for tier, model in task.models.models.items() if model.id.startswith("recorded/")}
        for trial in task.trials:
            if trial.completion is None or trial.is_reused or trial.tier in replayed:
                continue
            if trial.completion.cost_usd is None:
                return None
            total += trial.completion.cost_usd
    return total
