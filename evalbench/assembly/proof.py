"""What the items of a task can prove and what more of them would cost, before the first call."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from evalbench.advice.planning import Differing, Supply, what_items_prove
from evalbench.assembly.preparing import Prepared
from evalbench.core.evalset import Task
from evalbench.core.models import ModelPool
from evalbench.core.plan import TierPlan
from evalbench.core.score import needs_target
from evalbench.loaders.item_file import count_groups, labelled
from evalbench.store.differences import Differences, differences_between

PILOT_ITEMS = 50
"""An earlier run tells how often tiers differ when they both answered as many items."""


def proof_of(prepared: Prepared, plans: Sequence[TierPlan], connection: sqlite3.Connection | None) -> str:
    """What the items of a task can prove, in plain words; without a ledger there is no earlier run."""
    job = prepared.job
    items = labelled(job.items) if needs_target(job.grader) else job.items
    differing = Differing() if connection is None else _differing(connection, job.task, job.pool)
    supply = Supply(_item_usd(job.task, plans, job.repeats), prepared.left_out)
    groups = count_groups(items) or None
    return what_items_prove(job.task, len(items), groups, cheaper_tiers(job.pool), differing, supply)


def cheaper_tiers(pool: ModelPool) -> int:
    """How many tiers stand below the current one."""
    return pool.tiers.index(pool.current)


def _item_usd(task: Task, plans: Sequence[TierPlan], repeats: int) -> float | None:
    costs_usd = [plan.call_usd for plan in plans if plan.task == task.name]
    known = [cost_usd for cost_usd in costs_usd if cost_usd is not None]
    return sum(known) * repeats if len(known) == len(costs_usd) else None


def _differing(connection: sqlite3.Connection, task: Task, pool: ModelPool) -> Differing:
    """How often a cheaper tier differed from the current one, by the newest run with both models.

    Where several tiers may still be good enough, that of them which differed most asks for the most
    items; where none may, the one that differed least comes closest to it.
    """
    found = list(_earlier(connection, task, pool))
    if not found:
        return Differing()
    hopeful = [pair for pair in found if pair[1].mean >= -task.max_drop]
    tier, seen = max(hopeful, key=_share) if hopeful else min(found, key=_share)
    return Differing(_share((tier, seen)), seen.run, (tier, pool.current), seen.is_right_or_wrong)


def _earlier(
    connection: sqlite3.Connection, task: Task, pool: ModelPool
) -> Iterator[tuple[str, Differences]]:
    for tier in pool.tiers[: cheaper_tiers(pool)]:
        seen = differences_between(
            connection, task.name, pool.models[tier].id, pool.models[pool.current].id, PILOT_ITEMS
        )
        if seen is not None:
            yield tier, seen


def _share(pair: tuple[str, Differences]) -> float:
    # Two items more that differ: a small run without a difference does not show that there is none.
    return min(1.0, (pair[1].mean_square * pair[1].items + 2) / (pair[1].items + 2))
