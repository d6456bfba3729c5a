"""What stopping early may save of a task, said before the first call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalbench.advice.words import listed
from evalbench.assembly.early_stop import has_limits
from evalbench.core.enough import FEWEST_ITEMS
from evalbench.core.models import Tier
from evalbench.core.plan import TierPlan
from evalbench.runner.plan import TaskJob


def early_stop_words(job: TaskJob, plans: Sequence[TierPlan]) -> str:
    """How many calls may be saved at most; how many will be, nobody can know."""
    own = {plan.tier: plan for plan in plans if plan.task == job.task.name and not plan.is_judge}
    current, task = job.pool.current, job.task.name
    others = [tier for tier in job.pool.tiers if tier != current]
    kept = [tier for tier in others if not _may_be_cheaper(own[tier], own[current])]
    stoppable = [tier for tier in others if tier not in kept]
    if not kept and not has_limits(job.task):
        stoppable.append(current)
    spare = sum(_spare(own[tier], job.repeats) for tier in stoppable) if len(others) > len(kept) else 0
    calls = sum(plan.calls for plan in own.values())
    saving = f"{task}: stopping early may save up to {spare:,} of {calls:,} calls, or none"
    return (
        f"{saving}: a tier is left once it is settled{_exceptions(job, own, kept)}. "
        "Where it is close to the drop allowed, that can take twice the items of a run of fixed size"
    )


def _spare(plan: TierPlan, repeats: int) -> int:
    return min(plan.calls, max(0, plan.calls + plan.stored + plan.duplicates - FEWEST_ITEMS * repeats))


def _exceptions(job: TaskJob, own: Mapping[Tier, TierPlan], kept: list[Tier]) -> str:
    """Who is asked about every item all the same, and why."""
    current = job.pool.current
    if kept:
        costs = "costs" if len(kept) == 1 else "cost"
        return f", but {listed(kept)} {costs} no less than {current}: they are asked about every item"
    if has_limits(job.task):
        return (
            f" as not good enough; to be good enough it has to keep its limits on all items, and {current} "
            "is asked about all of them"
        )
    if any(plan.call_usd is None for plan in own.values()):
        return ", unless what it costs is not known"
    return ""


def _may_be_cheaper(plan: TierPlan, current: TierPlan) -> bool:
    """Whether a tier may turn out cheaper: some models state only with their answers what these cost."""
    if plan.call_usd is None or current.call_usd is None or plan.call_usd == current.call_usd == 0:
        return True
    return plan.call_usd < current.call_usd
