"""What the items of a task can prove and what more of them would cost, before the first call."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from evalbench.advice.looks import USED_UP, allowance, before_look
from evalbench.advice.planning import (
    ASSUMED,
    ASSUMED_IN_PAIRS,
    Differing,
    Supply,
    items_wanted,
    what_items_prove,
)
from evalbench.assembly.preparing import Prepared
from evalbench.core.evalset import Task
from evalbench.core.models import ModelPool
from evalbench.core.plan import ItemsWanted, Plan, TierPlan
from evalbench.core.score import NET_WIN_RATE, needs_target
from evalbench.loaders.item_file import count_groups, labelled
from evalbench.store.differences import Differences, differences_between
from evalbench.store.looks import looks_before, next_look

FEWEST_EARLIER = 40
"""An earlier run tells how often tiers differ when both were scored on so many items: nearly a pilot's."""


def plan_of(
    prepared: Sequence[Prepared],
    tiers: tuple[TierPlan, ...],
    connection: sqlite3.Connection | None,
    resumed: str | None = None,
) -> Plan:
    """The plan of a run with what its items can prove; without a ledger there is no earlier run."""
    prospects = [_prospect(each, tiers, connection, resumed) for each in prepared]
    return Plan(
        tiers,
        tuple(line for each in prospects for line in each.lines),
        tuple(row for each in prospects for row in each.wanted),
    )


@dataclass(frozen=True, slots=True)
class _Prospect:
    """What one task can prove, in plain words and as numbers."""

    lines: tuple[str, ...]
    wanted: tuple[ItemsWanted, ...]


def _prospect(
    prepared: Prepared,
    plans: Sequence[TierPlan],
    connection: sqlite3.Connection | None,
    resumed: str | None,
) -> _Prospect:
    job = prepared.job
    task, pool = job.task, job.pool
    items = labelled(job.items) if needs_target(job.grader) else job.items
    before = () if connection is None else looks_before(connection, prepared.card, resumed=resumed)
    looks = next_look(before, is_gate=prepared.card.looks.is_gate)
    allowed = allowance(task, looks, len(job.items), len(pool.tiers) - 1)
    # Answers that are all there already are seldom a new look, and then nothing is to be said of one.
    asks = any(plan.calls for plan in plans if plan.task == task.name)
    words = before_look(task, looks, allowed) if asks else ""
    lines = (f"{task.name}: {words}",) if words else ()
    if allowed.bar == USED_UP:
        return _Prospect(lines, ())
    is_by_items = task.looks is not None and task.looks.items is not None
    tested_at = allowed.left if is_by_items and allowed.left else allowed.tested_at
    tested = replace(task, confidence=1 - tested_at)
    differing = _assumed(task) if connection is None else _differing(connection, task, pool)
    supply = Supply(_item_usd(task, plans, job.repeats), prepared.left_out)
    groups = count_groups(items) or None
    candidates = cheaper_tiers(pool)
    proof = what_items_prove(tested, len(items), groups, candidates, differing, supply)
    return _Prospect((proof, *lines), items_wanted(tested, candidates, differing))


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
        return _assumed(task)
    hopeful = [pair for pair in found if pair[1].mean >= -task.max_drop]
    tier, seen = max(hopeful, key=_share) if hopeful else min(found, key=_share)
    return Differing(
        share=_share((tier, seen)),
        run=seen.run,
        tiers=(tier, pool.current),
        is_share=seen.is_right_or_wrong,
        run_items=seen.items,
        day=seen.created[:10],
    )


def _assumed(task: Task) -> Differing:
    return ASSUMED_IN_PAIRS if task.metric == NET_WIN_RATE else ASSUMED


def _earlier(
    connection: sqlite3.Connection, task: Task, pool: ModelPool
) -> Iterator[tuple[str, Differences]]:
    for tier in pool.tiers[: cheaper_tiers(pool)]:
        seen = differences_between(
            connection,
            task.name,
            pool.models[tier].id,
            pool.models[pool.current].id,
            FEWEST_EARLIER,
            in_pairs=task.metric == NET_WIN_RATE,
        )
        if seen is not None:
            yield tier, seen


def _share(pair: tuple[str, Differences]) -> float:
    # Two items more that differ: a small run without a difference does not show that there is none.
    return min(1.0, (pair[1].mean_square * pair[1].items + 2) / (pair[1].items + 2))
