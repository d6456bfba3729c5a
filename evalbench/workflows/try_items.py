"""Try a few items before anything is spent: the prompt, the answer, what the grader read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from evalbench.assembly.options import ProjectOptions, SetOptions
from evalbench.assembly.preparing import drawn, prepare
from evalbench.assembly.progress import Progress
from evalbench.assembly.project import load_sets, settle
from evalbench.assembly.shown import Shown
from evalbench.assembly.wiring import Wiring, call_ceiling_usd, cost_usd
from evalbench.core import money
from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import Item
from evalbench.core.plan import Slot
from evalbench.core.trial import Trial
from evalbench.errors import InputError, UnknownNameError
from evalbench.runner.attempt import attempt
from evalbench.runner.grading import judge
from evalbench.runner.plan import TaskJob

_NOT_ASKED = Failure("dry_run", "nobody was asked")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which items to try, and whether anybody is asked at all."""

    count: int = 3
    item_id: str | None = None
    is_dry: bool = False
    max_spend_usd: float | None = None


def try_items(options: SetOptions, project: ProjectOptions, progress: Progress, asked: Asked) -> list[Shown]:
    """Ask every tier for a few items; nothing is stored, and no verdict follows from so few."""
    setting = settle(project)
    sets = load_sets(setting, options)
    for sentence in (f"{each.name}: warning: {warning}" for each in sets for warning in each.warnings):
        progress.say(sentence)
    chosen = [replace(each, items=_chosen(each.items, asked, setting.seed)) for each in sets]
    if not any(each.items for each in chosen):
        raise UnknownNameError("item", asked.item_id or "", [item.id for each in sets for item in each.items])
    wiring = Wiring(setting.folder, setting.seed)
    jobs = [
        each.job
        for each in prepare(setting, [each for each in chosen if each.items], wiring, limit=None, repeats=1)
    ]
    if asked.is_dry:
        return [_shown(job, slot, _NOT_ASKED) for job in jobs for slot in job.slots()]
    _check_spend(jobs, asked.max_spend_usd, setting.timeout_s)
    return asyncio.run(_ask(jobs, progress, setting.timeout_s))


def _chosen(items: tuple[Item, ...], asked: Asked, seed: int) -> tuple[Item, ...]:
    if asked.item_id is not None:
        return tuple(item for item in items if item.id == asked.item_id)
    return drawn(items, asked.count, seed)


def _check_spend(jobs: Sequence[TaskJob], cap_usd: float | None, timeout_s: float) -> None:
    """Refuse before anything is asked: so few calls need no budget that counts along."""
    if cap_usd is None:
        return
    ceilings = [call_ceiling_usd(timeout_s, job, job.request(slot)) for job in jobs for slot in job.slots()]
    known = [ceiling for ceiling in ceilings if ceiling is not None]
    if len(known) < len(ceilings):
        raise InputError(
            f"nobody knows what trying these items can cost at most, so --max-spend {cap_usd:g} cannot hold",
            "give each tier a `price:` and `params: {max_tokens: 512}`, or leave --max-spend out.",
        )
    if sum(known) > cap_usd:
        raise InputError(
            f"trying these items could cost up to {money.price(sum(known))}, "
            f"more than --max-spend {cap_usd:g}",
            "try fewer with -n, lower `params: {max_tokens: …}`, or leave --max-spend out.",
        )


async def _ask(jobs: Sequence[TaskJob], progress: Progress, timeout_s: float) -> list[Shown]:
    found: list[Shown] = []
    for job in jobs:
        for tier, provider in job.providers.items():
            progress.starting(job.task.name, tier)
            await provider.start()
        found.extend([await _tried(job, slot, timeout_s) for slot in job.slots()])
    return found


async def _tried(job: TaskJob, slot: Slot, timeout_s: float) -> Shown:
    request = job.request(slot)
    return _shown(job, slot, await attempt(job.providers[request.tier], request, timeout_s))


def _shown(job: TaskJob, slot: Slot, answer: Completion | Failure) -> Shown:
    request = job.request(slot)
    item = job.items[slot.item]
    trial = Trial(item.id, request.tier, failure=answer if isinstance(answer, Failure) else None)
    if isinstance(answer, Completion):
        costed = replace(answer, cost_usd=cost_usd(job, request.tier, answer))
        trial = replace(trial, completion=costed, score=judge(costed, item, job.task, job.grader))
    return Shown(
        task=job.task.name,
        grader=job.grader.signature,
        item=item,
        tier=request.tier,
        model=request.model.id,
        is_classical=request.model.is_classical,
        messages=request.prompt.messages,
        trial=trial,
    )
