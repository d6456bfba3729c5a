"""Make eval sets ready to be asked: every name, file and target is checked before the first call."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from evalbench import __version__
from evalbench.assembly.judging import Bench
from evalbench.assembly.project import place_of
from evalbench.assembly.wiring import pool_for
from evalbench.config.evalset_file import grader_line
from evalbench.config.project import tier_line
from evalbench.core.evalset import EvalSet, Item, Task
from evalbench.core.models import ModelPool, Tier
from evalbench.core.order import asking_order
from evalbench.core.score import AnyGrader, Grader, PairGrader
from evalbench.errors import EvalSetError, GraderOptionError, InputError, UnknownNameError
from evalbench.graders.asking import Assessor
from evalbench.graders.factory import make_any_grader, make_grader
from evalbench.loaders.find import SETTINGS_NAME
from evalbench.loaders.item_file import Selection, labelled
from evalbench.loaders.prompts import PromptBuilder
from evalbench.providers.protocol import Provider
from evalbench.runner.plan import TaskJob
from evalbench.store.records import TaskCard

Made = TypeVar("Made", Grader, AnyGrader)


@dataclass(frozen=True, slots=True)
class Prepared:
    """One task ready to be planned, with what the ledger will keep of it.

    `left_out` is how many items a limit leaves out.
    """

    job: TaskJob
    card: TaskCard
    left_out: int = 0


def prepare(
    bench: Bench,
    sets: Sequence[EvalSet],
    *,
    limit: int | None,
    repeats: int,
    early_stop: bool = False,
) -> list[Prepared]:
    """Every eval set with its graders, providers and prompts, and its order where a run may stop early."""
    setting, wiring = bench.setting, bench.wiring
    prepared = []
    for position, evalset in enumerate(sets):
        pool = pool_for(setting.pool, evalset, classical=setting.classical)
        grader = any_grader_of(evalset, bench.assessor)
        refuse_alone(evalset.name, grader, pool, setting.left_out)
        items = drawn(evalset.items, limit, wiring.seed)
        classical = [tier for tier, model in pool.models.items() if model.is_classical]
        prompts = PromptBuilder(evalset, wiring.seed, classical)
        job = TaskJob(
            position=position,
            task=evalset.task,
            items=items,
            pool=pool,
            providers=_providers(bench, evalset, pool),
            grader=grader,
            prompt=prompts.prompt,
            repeats=repeats,
            order=asking_order(items, evalset.task.name, wiring.seed) if early_stop else None,
        )
        openings = {tier: _opening(prompts, items, tier) for tier in pool.tiers}
        signature = signature_of(job, wiring.seed)
        order_seed = wiring.seed if early_stop else None
        card = TaskCard(evalset.task, pool, grader.signature, signature, openings, repeats, order_seed)
        prepared.append(Prepared(job, card, len(evalset.items) - len(items)))
    return prepared


def _providers(bench: Bench, evalset: EvalSet, pool: ModelPool) -> dict[Tier, Provider]:
    """Who answers at each tier; what is wrong with one is told with its place in the project file."""
    found = {}
    for tier, model in pool.models.items():
        try:
            found[tier] = bench.wiring.provider(tier, model, evalset)
        except InputError as error:
            line = tier_line(bench.setting.config, tier, model.id)
            # Other kinds, such as of an eval set that cannot be learned from, are not about the tier's line.
            if line is None or type(error) not in (InputError, UnknownNameError):
                raise
            problem = f"{bench.setting.config}:{line}: tier {tier}: {error.problem}"
            raise InputError(problem, error.fix) from error
    return found


def grader_of(evalset: EvalSet, assessor: Callable[[], Assessor] | None = None) -> Grader:
    """The eval set's grader, as `any_grader_of` gives it, where answers are judged one by one."""
    return _made(evalset, make_grader, assessor)


def any_grader_of(evalset: EvalSet, assessor: Callable[[], Assessor] | None = None) -> AnyGrader:
    """The eval set's grader, once it has accepted every target."""
    return _made(evalset, make_any_grader, assessor)


def _made(evalset: EvalSet, make: Callable[..., Made], assessor: Callable[[], Assessor] | None) -> Made:
    task = evalset.task
    try:
        grader = make(task.grader, task, folder_of(task), assessor)
    except InputError as error:
        raise InputError(f"{_grader_place(task, error)}: {error.problem}", error.fix) from error
    refuse_targets(evalset, grader)
    return grader


def _grader_place(task: Task, error: InputError) -> str:
    """The file, and the line of it, that says the grader an error is about; else where the task is from."""
    source = place_of(task.source or ".")
    file = source / SETTINGS_NAME if source.is_dir() else source
    if file.suffix not in {".yaml", ".yml"} or not file.is_file():
        return str(task.source)
    line = grader_line(file, task.grader, error.place if isinstance(error, GraderOptionError) else ())
    return str(task.source) if line is None else f"{file}:{line}"


def refuse_alone(task: str, grader: AnyGrader, pool: ModelPool, left_out: Tier | None = None) -> None:
    """Stop where answers are to be compared with those of the current tier, and one of both sides is absent.

    `left_out` is the project's current tier where it is not asked.
    """
    if not isinstance(grader, PairGrader):
        return
    opening = f"{task}: its grader compares answers with those of the current tier"
    if left_out is not None:
        tiers = ",".join(pool.tiers)
        raise InputError(
            f"{opening}, and {left_out!r} is not among --tiers",
            f"add it: --tiers {tiers},{left_out}, or say `current: {pool.current}` in evalbench.yaml.",
        )
    if len(pool.tiers) == 1:
        raise InputError(
            f"{opening}, and no other tier is asked than that",
            "name at least two tiers in evalbench.yaml, or with --tiers.",
        )


def folder_of(task: Task) -> Path:
    """The folder that the files an eval set names are found from."""
    source = place_of(task.source or ".")
    return source if source.is_dir() else source.parent


def refuse_targets(evalset: EvalSet, grader: AnyGrader) -> None:
    """Stop when there are targets that the grader could never accept."""
    found = grader.check(labelled(evalset.items))
    if found:
        named = {problem.item_id for problem in found}
        lines = {item.id: item.line for item in evalset.items if item.id in named}
        problems = [
            f"{evalset.name}, line {lines[problem.item_id]}: item {problem.item_id!r}: {problem.message}"
            for problem in found
        ]
        raise EvalSetError(
            f"{len(problems)} targets of {evalset.name!r} cannot be graded by {grader.signature}",
            "correct these targets, or choose another `grader:`.",
            problems,
        )


def drawn(items: Sequence[Item], limit: int | None, seed: int) -> Sequence[Item]:
    """A seeded draw of `limit` items in file order; a larger limit holds every smaller one's items.

    Files are often sorted, so the first rows would not stand for the whole.
    """
    if limit is None or limit >= len(items):
        return items
    order = list(range(len(items)))
    random.Random(seed).shuffle(order)  # noqa: S311 - a reproducible draw, not a secret
    return Selection(items, sorted(order[:limit]))


def signature_of(job: TaskJob, seed: int) -> str:
    """Everything that a number of this task depends on, in one line."""
    models = ",".join(f"{tier}:{model.id}" for tier, model in job.pool.models.items())
    return "|".join(
        (
            f"{job.task.name}@{job.task.digest[:8]}",
            f"n:{len(job.items)}",
            job.grader.signature,
            models,
            *([f"repeats:{job.repeats}"] if job.repeats > 1 else []),
            *(["early-stop"] if job.order is not None else []),
            f"seed:{seed}",
            f"v:{__version__}",
        )
    )


def _opening(prompts: PromptBuilder, items: Sequence[Item], tier: Tier) -> list[list[str]]:
    # All items of a tier share what stands before their own message, so any one tells it.
    plain = next((item for item in items if not item.prompt.messages), None)
    if plain is None:
        return []
    return [[turn.role, turn.content] for turn in prompts.prompt(plain, tier).messages[:-1]]
