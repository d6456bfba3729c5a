"""Go on with a stored run: with what it has left of its spend cap."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from dataclasses import replace

from evalbench.assembly.beginning import Begun
from evalbench.assembly.session import Session
from evalbench.assembly.spend_cap import Spent
from evalbench.assembly.wiring import call_ceiling_usd
from evalbench.core.completion import Effort
from evalbench.core.plan import Slot
from evalbench.core.run import TaskRun
from evalbench.pricing.columns import paid_usd
from evalbench.pricing.cost import lost_usd, unknown_bills
from evalbench.runner.plan import TaskJob
from evalbench.store.read import find_run
from evalbench.store.whole_run import read_run


def with_rest_of_cap(connection: sqlite3.Connection, session: Session, begun: Begun) -> Session:
    """The session with what the run has not spent yet; an allowance for this command alone stays whole."""
    cap_usd = session.max_spend_usd
    if cap_usd is None or session.options.is_allowance:
        return session
    run = read_run(connection, find_run(connection, begun.manifest.id), lambda _task, _model, answer: answer)
    jobs = [each.job for each in session.prepared]
    bills_usd = [usd for pair in zip(run.tasks, jobs, strict=True) for usd in _bills_usd(*pair, session)]
    judge_usd = 0.0 if run.judge is None else run.judge.most_usd
    spent = Spent(begun.manifest.id, cap_usd, math.fsum((*bills_usd, judge_usd)))
    return replace(session, max_spend_usd=max(0.0, cap_usd - spent.usd), spent=spent)


def _bills_usd(run: TaskRun, job: TaskJob, session: Session) -> Iterator[float]:
    """What a task was billed, failures included; an unknown bill counts as the most it can be."""
    figures = run.figures
    prices = [model.price for model in run.models.models.values()]
    costs_usd = paid_usd(figures, prices, run.task.traffic)
    seen: set[int] = set()
    for row, answer in enumerate(figures.answer):
        in_vain = figures.bills.get(row)
        is_counted = figures.is_reused[row] or answer in seen or (answer < 0 and row not in figures.failures)
        provider = job.providers[run.models.tiers[figures.tier[row]]]
        if (is_counted and in_vain is None) or provider.replays:
            continue
        effort = in_vain or figures.efforts.get(row, Effort())
        price = prices[figures.tier[row]]
        known_usd, unknown = float(costs_usd[row]), unknown_bills(effort, price)
        if answer < 0 or in_vain is not None:
            known_usd = lost_usd(effort, price) or 0.0
        else:
            seen.add(answer)
        if math.isnan(known_usd):
            known_usd, unknown = 0.0, unknown + 1
        if unknown:
            slot = Slot(job.position, figures.tier[row], figures.item[row], figures.repeat[row])
            most_usd = call_ceiling_usd(session.setting.timeout_s, job, job.request(slot)) or 0.0
            known_usd += unknown * most_usd
        yield known_usd
