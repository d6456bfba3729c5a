"""Look for everything that would stop a run, before it does."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import TypeVar

from evalbench.assembly.asking import Asking, closing, most_words
from evalbench.assembly.checks import Check, tier_checks
from evalbench.assembly.deployed import refuse_strangers
from evalbench.assembly.forecast import forecast
from evalbench.assembly.judge_plan import judge_plans
from evalbench.assembly.judging import Bench
from evalbench.assembly.options import ProjectOptions, SetOptions
from evalbench.assembly.preparing import grader_of, prepare
from evalbench.assembly.project import Setting, load_sets, settle
from evalbench.assembly.shown import OVER_BUDGET
from evalbench.assembly.spend_cap import check_cap
from evalbench.assembly.wiring import Wiring
from evalbench.core import money
from evalbench.core.completion import CONTEXT_OVERFLOW, Completion, Failure, Status
from evalbench.core.evalset import EvalSet, Item, Task
from evalbench.core.models import ModelPool, Tier
from evalbench.core.plan import Plan, Slot
from evalbench.errors import EvalbenchError, MissingExtraError
from evalbench.graders import sentence_model
from evalbench.graders.sandbox import INSTALL, usable_sandbox
from evalbench.reports import numbers
from evalbench.runner.plan import TaskJob, plan_task
from evalbench.store.ledger import connect_stored, is_sound
from evalbench.store.read import stored_keys

Found = TypeVar("Found")

_ODD = {
    Status.TRUNCATED: "the answer was cut off; raise max_tokens, or a run will score such answers 0",
    Status.REFUSED: "the model refused to answer",
    Status.EMPTY: "the answer was empty",
}
_TOO_LONG = "the prompt is longer than this model can read; a run will score such items 0"


@dataclass(frozen=True, slots=True)
class Call:
    """Whether every tier is asked one question, for real or in words only, and at what cost at most."""

    is_dry: bool = False
    max_spend_usd: float | None = None


def doctor(options: ProjectOptions, call: Call | None) -> list[Check]:
    """Every check in order; with `call`, the shortest item at hand is asked of every tier."""
    checks: list[Check] = []
    setting = _looked_at(checks, "configuration", lambda: settle(options))
    if setting is None:
        return checks
    checks.append(Check("configuration", _config_words(setting)))
    by_tier = tier_checks(setting.pool, os.environ)
    checks += [check for each in by_tier.values() for check in each]
    sets = _looked_at(checks, "eval sets", lambda: load_sets(setting, SetOptions()))
    _looked_at(checks, "deployed", lambda: refuse_strangers(setting, [each.name for each in sets or []]))
    models = setting.pool.models
    kept = {tier: models[tier] for tier, each in by_tier.items() if all(check.is_good for check in each)}
    usable = replace(setting, pool=ModelPool(kept, list(kept)[-1])) if kept else None
    bench = Bench(usable or setting, Wiring(setting.folder, setting.seed))
    jobs = _ready(checks, bench, sets or [], has_tiers=bool(kept))
    checks += [_sandbox_check(sets or []), sentence_model_check()]
    in_ledger = _ledger_checks(setting)
    checks += in_ledger
    if call is not None and jobs:
        checks += _calls(setting, jobs, call)
    elif jobs:
        is_usable = setting.ledger.exists() and all(check.is_good for check in in_ledger)
        checks += _cap_checks(setting, jobs, bench, setting.ledger if is_usable else None)
    return checks


def _looked_at(checks: list[Check], name: str, look: Callable[[], Found]) -> Found | None:
    try:
        return look()
    except EvalbenchError as error:
        listed = "".join(f"\n  {problem}" for problem in getattr(error, "problems", ()))
        checks.append(Check(name, error.problem + listed, error.fix))
        return None


def _config_words(setting: Setting) -> str:
    return "no evalbench.yaml, defaults are used" if setting.config is None else str(setting.config)


def _ready(checks: list[Check], bench: Bench, sets: Sequence[EvalSet], *, has_tiers: bool) -> list[TaskJob]:
    """The tasks that can be asked, of the tiers that nothing is said against already, if there are any."""
    jobs = []
    for evalset in sets:
        name = f"eval set {evalset.name}"
        if not has_tiers:
            is_ready = _looked_at(checks, name, partial(grader_of, evalset, bench.assessor)) is not None
        else:
            prepared = _looked_at(checks, name, partial(prepare, bench, [evalset], limit=None, repeats=1))
            jobs += [each.job for each in prepared or ()]
            is_ready = prepared is not None
        if is_ready:
            warnings = "".join(f"\n  warning: {warning}" for warning in evalset.warnings)
            counts = f"{len(evalset.items):,} items, {len(evalset.train):,} to learn from"
            checks.append(Check(name, f"{counts}{warnings}"))
    return jobs


def _sandbox_check(sets: Sequence[EvalSet]) -> Check:
    """Whether code can be run; only where an eval set holds code would its lack stop a run."""
    found = usable_sandbox()
    if found.sandbox is not None:
        return Check("sandbox", f"{found.words} is usable")
    coded = [evalset.name for evalset in sets if _runs_code(evalset.task)]
    if not coded:
        return Check("sandbox", f"none, which only `grader: code` would need ({found.words})")
    return Check("sandbox", f"none, so answers of {coded[0]} cannot be graded ({found.words})", INSTALL)


def sentence_model_check(package: str = sentence_model.PACKAGE) -> Check:
    """Whether texts can be compared by meaning; an eval set that does so has a check of its own."""
    try:
        sentence_model.installed_folder(package)
    except MissingExtraError:
        lack = "none, which only `grader: {name: similarity, method: minilm}` would need"
        return Check("sentence model", f"{lack} ({sentence_model.INSTALL})")
    return Check("sentence model", f"{sentence_model.MODEL} is installed")


def _runs_code(task: Task) -> bool:
    return any(single.name == "code" for single in task.grader.singles)


def _ledger_checks(setting: Setting) -> list[Check]:
    checks: list[Check] = []
    if not setting.ledger.exists():
        checks.append(Check("ledger", f"{setting.ledger} will be made by the first run"))
    else:
        sound = _looked_at(checks, "ledger", lambda: is_sound(setting.ledger))
        if sound is not None:
            fix = None if sound else f"restore {setting.ledger} from a copy, or move it away"
            checks.append(Check("ledger", f"{setting.ledger} is {'sound' if sound else 'damaged'}", fix))
    return checks


def _cap_checks(setting: Setting, jobs: Sequence[TaskJob], bench: Bench, ledger: Path | None) -> list[Check]:
    """Whether the spend cap lets every tier and the judge be asked that have something left to be asked.

    Nothing where there is no cap; `ledger` is None where nothing is stored.
    """
    cap_usd = setting.max_spend_usd
    if cap_usd is None:
        return []
    with nullcontext() if ledger is None else connect_stored(ledger) as connection:
        stored = partial(_stored, connection)
        works = [plan_task(replace(job, repeats=setting.repeats), stored, set()) for job in jobs]
        tiers = *forecast(works, setting.timeout_s, connection), *judge_plans(works, bench, connection)
    if not any(tier.calls for tier in tiers):
        return [Check("spend cap", "every answer is stored, so a run has nothing to ask of any tier")]
    models = {tier: model for job in jobs for tier, model in job.pool.models.items()}
    found: list[Check] = []
    _looked_at(found, "spend cap", lambda: check_cap(Plan(tiers), cap_usd, models, setting.judge))
    return found or [Check("spend cap", f"a run stops before it could spend {money.stated(cap_usd)}")]


def _stored(connection: sqlite3.Connection | None, keys: Sequence[bytes]) -> set[bytes]:
    return set() if connection is None else stored_keys(connection, keys, None)


def _calls(setting: Setting, jobs: Sequence[TaskJob], call: Call) -> list[Check]:
    job = min(jobs, key=lambda each: _shortest(each)[1])
    item, _ = _shortest(job)
    slots = [Slot(job.position, tier, item, 0) for tier in range(len(job.pool.tiers))]
    cap_usd = setting.max_spend_usd if call.max_spend_usd is None else call.max_spend_usd
    asking = Asking(setting.timeout_s, cap_usd)
    if call.is_dry:
        question = f"would be asked item {job.items[item].id!r} of {job.task.name}"
        return [
            Check(f"call {_tier(job, slot)}", f"{question}; {most_words(asking.ceiling_usd(job, slot))}")
            for slot in slots
        ]
    refusal = asking.refusal((job, slot) for slot in slots)
    if refusal is not None:
        return [Check("call", refusal.problem, refusal.fix)]
    return asyncio.run(_asked(job, slots, asking))


def _shortest(job: TaskJob) -> tuple[int, int]:
    """The place of the shortest item, and its length."""
    return min(enumerate(map(_length, job.items)), key=itemgetter(1))


def _length(item: Item) -> int:
    return len(item.prompt.text) + sum(len(turn.content) for turn in item.prompt.messages)


def _tier(job: TaskJob, slot: Slot) -> Tier:
    return job.pool.tiers[slot.tier]


async def _asked(job: TaskJob, slots: Sequence[Slot], asking: Asking) -> list[Check]:
    checks = []
    for slot in slots:
        provider = job.providers[_tier(job, slot)]
        await provider.start()
        async with closing([provider]):
            check = _call_check(f"call {_tier(job, slot)}", await asking.ask(job, slot))
            checks.append(replace(check, most_usd=asking.ceiling_usd(job, slot)))
    return checks


def _call_check(name: str, answer: Completion | Failure) -> Check:
    if isinstance(answer, Failure):
        if answer.kind == OVER_BUDGET:
            return Check(name, answer.message, is_skipped=True)
        fix = "try again in a while." if answer.retryable else "mend this tier, or leave it out of the file."
        return Check(name, f"{answer.kind}: {answer.message}", fix)
    usage = answer.usage
    tokens = None if usage.input_tokens is None else f"{usage.input_tokens:,} tokens in"
    if tokens is not None and usage.output_tokens is not None:
        tokens += f" and {usage.output_tokens:,} out"
    facts = [numbers.seconds(answer.latency_s), *([tokens] if tokens else [])]
    words = f"answered in {', '.join(facts)}, cost {numbers.price(answer.cost_usd)}"
    odd = _TOO_LONG if answer.finish_reason == CONTEXT_OVERFLOW else _ODD.get(answer.status)
    return Check(name, words if odd is None else f"{words}; {odd}")
