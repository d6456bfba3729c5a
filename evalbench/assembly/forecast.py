"""What a run will be asked and what that costs, by tier, before the first call."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from statistics import fmean, quantiles

from evalbench.core.evalset import Task
from evalbench.core.models import Model, Tier
from evalbench.core.plan import TierPlan
from evalbench.pricing.bounds import ceiling_usd, gap
from evalbench.pricing.expected import Expected, assumed, call_usd
from evalbench.runner.plan import TaskWork
from evalbench.runner.works import Sizes
from evalbench.store.usage import Used, used_by

UsedBy = Callable[[str, str], Sequence[Used]]
"""What stored answers used, by the name of a task and the id of a model."""

_QUARTERS = 4


def forecast(
    works: Sequence[TaskWork], timeout_s: float, connection: sqlite3.Connection | None
) -> tuple[TierPlan, ...]:
    """Calls, tokens and USD of every tier of every task; without a ledger nothing is known of answers."""
    used = _nothing_stored if connection is None else partial(used_by, connection)
    return tuple(plan for work in works for plan in tier_plans(work, timeout_s, used))


def _nothing_stored(task: str, model_id: str) -> list[Used]:
    del task, model_id
    return []


def tier_plans(work: TaskWork, timeout_s: float, used: UsedBy) -> list[TierPlan]:
    """What the tiers of one task will be asked, and what that costs."""
    stored, shared = work.stored.by_tier(), work.shared.by_tier()
    return [
        _tier_plan(work, tier, work.pending.sizes(number), (stored[number], shared[number]), timeout_s, used)
        for number, tier in enumerate(work.job.pool.tiers)
    ]


def _tier_plan(
    work: TaskWork,
    tier: Tier,
    sizes: Sizes,
    others: tuple[int, int],
    timeout_s: float,
    used: UsedBy,
) -> TierPlan:
    job, model = work.job, work.job.pool.models[tier]
    plain = TierPlan(job.task.name, tier, sizes.calls, *others, is_classical=model.is_classical)
    if job.providers[tier].replays:
        smallest_usd = 0.0 if sizes.calls else None
        nothing = replace(plain, low_usd=0.0, expected_usd=0.0, worst_usd=0.0, call_usd=0.0)
        return replace(nothing, smallest_call_usd=smallest_usd)
    if not sizes.calls:
        again_usd = _usd_of_one_more(job.task, model, used)
        return replace(plain, low_usd=0.0, expected_usd=0.0, worst_usd=0.0, call_usd=again_usd)
    return _bounded(_expected(plain, job.task, model, sizes, used), model, sizes, timeout_s)


def _usd_of_one_more(task: Task, model: Model, used: UsedBy) -> float | None:
    """What a call beyond those stored will probably cost; a model of this process sends no bill."""
    if model.is_classical:
        return 0.0
    found = _as_stored(used(task.name, model.id))
    return None if found is None else call_usd(model, found, task.traffic, is_low=False)


def _expected(plain: TierPlan, task: Task, model: Model, sizes: Sizes, used: UsedBy) -> TierPlan:
    """The plan with what its calls will probably use, by stored answers where there are any."""
    found = _as_stored(used(task.name, model.id))
    if found is None:
        found = assumed(model, task.kind, sizes.sent_bytes / sizes.calls)
    low_usd = call_usd(model, found, task.traffic, is_low=True)
    expected_usd = call_usd(model, found, task.traffic, is_low=False)
    has_tokens = model.price is not None and model.price.input is not None
    return replace(
        plain,
        input_tokens=round(found.input_tokens * sizes.calls) if has_tokens else None,
        output_tokens=round(found.output_tokens * sizes.calls) if has_tokens else None,
        low_usd=None if low_usd is None else low_usd * sizes.calls,
        expected_usd=None if expected_usd is None else expected_usd * sizes.calls,
        basis=None if expected_usd is None else found.basis,
        call_usd=0.0 if model.is_classical else expected_usd,
    )


def _as_stored(answers: Sequence[Used]) -> Expected | None:
    inputs = [each.input_tokens for each in answers if each.input_tokens is not None]
    outputs = [each.output_tokens for each in answers if each.output_tokens is not None]
    busy_s = [each.busy_s for each in answers if each.busy_s is not None]
    if not busy_s and not (inputs and outputs):
        return None
    return Expected(
        input_tokens=fmean(inputs or [0]),
        output_tokens=fmean(outputs or [0]),
        low_output_tokens=_quarter(outputs or [0]),
        basis=f"as in {len(answers):,} stored answers",
        busy_s=fmean(busy_s) if busy_s else None,
        low_busy_s=_quarter(busy_s) if busy_s else None,
    )


def _quarter(values: Sequence[float]) -> float:
    """What a quarter of the values do not exceed."""
    return quantiles(values, n=_QUARTERS)[0] if len(values) > 1 else float(values[0])


def _bounded(plan: TierPlan, model: Model, sizes: Sizes, timeout_s: float) -> TierPlan:
    """The plan with the most that its calls can cost; equal sizes are computed once."""
    bounds = sizes.most_input_tokens
    ceilings = {size: ceiling_usd(model, size, timeout_s) for size in bounds}
    known = {size: usd for size, usd in ceilings.items() if usd is not None}
    if len(known) < len(bounds):
        return replace(plan, gap=gap(model))
    return replace(
        plan,
        worst_usd=sum(known[size] * count for size, count in bounds.items()),
        smallest_call_usd=min(known.values()),
    )
