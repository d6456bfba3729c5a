"""Try a few items before anything is spent: the prompt, the answer, what the grader read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from evalbench.assembly.asking import Asking, closing, most_words
from evalbench.assembly.judging import Bench
from evalbench.assembly.options import ProjectOptions, SetOptions
from evalbench.assembly.preparing import drawn, prepare
from evalbench.assembly.progress import Progress
from evalbench.assembly.project import load_sets, nothing_named, settle
from evalbench.assembly.shown import Shown
from evalbench.assembly.wiring import Wiring
from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import Item
from evalbench.core.plan import Slot
from evalbench.core.score import Grade, PairGrader
from evalbench.core.trial import Trial
from evalbench.errors import UnknownNameError
from evalbench.providers.protocol import Provider
from evalbench.runner.desk import Desk
from evalbench.runner.grading import judge, judge_pair
from evalbench.runner.pairs import NOT_COMPARED
from evalbench.runner.plan import TaskJob


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
    if not options.evalsets:
        raise nothing_named(setting, "evalbench try")
    sets = load_sets(setting, options)
    for sentence in (f"{each.name}: warning: {warning}" for each in sets for warning in each.warnings):
        progress.say(sentence)
    chosen = [replace(each, items=_chosen(each.items, asked, setting.seed)) for each in sets]
    if not any(each.items for each in chosen):
        raise UnknownNameError("item", asked.item_id or "", [item.id for each in sets for item in each.items])
    bench = Bench(setting, Wiring(setting.folder, setting.seed))
    some = [each for each in chosen if each.items]
    prepared = prepare(bench, some, limit=None, repeats=1)
    jobs = [each.job for each in prepared]
    cap_usd = setting.max_spend_usd if asked.max_spend_usd is None else asked.max_spend_usd
    asking = Asking(setting.timeout_s, cap_usd)
    if asked.is_dry:
        return [
            _shown(job, slot, {slot: _not_asked(asking, job, slot)}) for job in jobs for slot in job.slots()
        ]
    refusal = asking.refusal((job, slot) for job in jobs for slot in job.slots())
    if refusal is not None:
        raise refusal
    return asyncio.run(_ask(jobs, progress, asking, bench.desk(_nothing_stored, bench.said.append)))


def _not_asked(asking: Asking, job: TaskJob, slot: Slot) -> Failure:
    return Failure("dry_run", f"nobody was asked; {most_words(asking.ceiling_usd(job, slot))}")


def _chosen(items: Sequence[Item], asked: Asked, seed: int) -> Sequence[Item]:
    if asked.item_id is not None:
        return tuple(item for item in items if item.id == asked.item_id)
    return drawn(items, asked.count, seed)


def _nothing_stored(keys: Sequence[bytes]) -> dict[bytes, Completion]:
    del keys
    return {}


async def _ask(jobs: Sequence[TaskJob], progress: Progress, asking: Asking, desk: Desk | None) -> list[Shown]:
    found: list[Shown] = []
    started: list[Provider | Desk] = [] if desk is None else [desk]
    if desk is not None:
        await asking.open(desk)
    async with closing(started):
        for job in jobs:
            for tier, provider in job.providers.items():
                progress.starting(job.task.name, tier)
                await provider.start()
                started.append(provider)
            answers = {slot: await asking.ask(job, slot) for slot in job.slots()}
            # A grader may run or ask something, which needs the event loop to go on.
            for slot in answers:
                shown = await asyncio.to_thread(_shown, job, slot, answers)
                found.append(replace(shown, most_usd=asking.ceiling_usd(job, slot)))
    return found


def _shown(job: TaskJob, slot: Slot, answers: Mapping[Slot, Completion | Failure]) -> Shown:
    request, answer = job.request(slot), answers[slot]
    item = job.items[slot.item]
    trial = Trial(item.id, request.tier, failure=answer if isinstance(answer, Failure) else None)
    if isinstance(answer, Completion):
        grade = _grade(job, slot, answer, answers)
        score, failure = (None, grade) if isinstance(grade, Failure) else (grade, None)
        trial = replace(trial, completion=answer, score=score, failure=failure)
    return Shown(
        task=job.task.name,
        grader=job.grader.signature,
        item=item,
        tier=request.tier,
        model=request.model.id,
        is_classical=request.model.is_classical,
        messages=() if request.model.is_classical else request.prompt.messages,
        trial=trial,
        is_yardstick=_is_yardstick(job, slot),
        read=request.prompt if request.model.is_classical else None,
    )


def _grade(
    job: TaskJob, slot: Slot, answer: Completion, answers: Mapping[Slot, Completion | Failure]
) -> Grade | None:
    item, grader = job.items[slot.item], job.grader
    if not isinstance(grader, PairGrader):
        return judge(answer, item, job.task, grader)
    if _is_yardstick(job, slot):
        return None
    other = answers[job.yardstick.slot(slot)]
    return NOT_COMPARED if isinstance(other, Failure) else judge_pair(answer, other, item, job.task, grader)


def _is_yardstick(job: TaskJob, slot: Slot) -> bool:
    """Whether an answer is what the others are compared with."""
    return isinstance(job.grader, PairGrader) and slot == job.yardstick.slot(slot)
