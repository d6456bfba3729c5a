"""Look for everything that would stop a run, before it does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from evalbench.advice.money import retirement
from evalbench.assembly.options import ProjectOptions, SetOptions
from evalbench.assembly.preparing import prepare
from evalbench.assembly.project import Setting, load_sets, settle
from evalbench.assembly.wiring import Wiring
from evalbench.core.completion import Failure
from evalbench.core.evalset import EvalSet
from evalbench.core.models import Price
from evalbench.core.plan import Slot
from evalbench.errors import EvalbenchError
from evalbench.runner.attempt import attempt
from evalbench.runner.plan import TaskJob
from evalbench.store.ledger import is_sound

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `fix` is set where it would stop a run."""

    name: str
    detail: str
    fix: str | None = None

    @property
    def is_good(self) -> bool:
        """Whether a run could go past this."""
        return self.fix is None


def doctor(options: ProjectOptions, *, call: bool) -> list[Check]:
    """Every check in order; with `call`, one item is asked of every tier."""
    checks: list[Check] = []
    setting = _looked_at(checks, "configuration", lambda: settle(options))
    if setting is None:
        return checks
    checks.append(Check("configuration", _config_words(setting)))
    checks += _tier_checks(setting)
    sets = _looked_at(checks, "eval sets", lambda: load_sets(setting, SetOptions()))
    jobs = _ready(checks, setting, sets or [])
    checks += _ledger_checks(setting)
    if call:
        for job in jobs:
            checks += asyncio.run(_calls(job, setting.timeout_s))
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


def _tier_checks(setting: Setting) -> Iterator[Check]:
    for tier, model in setting.pool.models.items():
        role = ", in use today" if tier == setting.pool.current else ""
        kind = ", a classical model, not a language model" if model.is_classical else ""
        warning = retirement(model, datetime.now(UTC).date())
        retired = f"\n  warning: {warning}" if warning else ""
        yield Check(f"tier {tier}", f"{model.id}{kind}{role}; {_price_words(model.price)}{retired}")


def _price_words(price: Price | None) -> str:
    return "price unknown, give it a `price:` to compare costs" if price is None else f"price {price.source}"


def _ready(checks: list[Check], setting: Setting, sets: list[EvalSet]) -> list[TaskJob]:
    jobs = []
    wiring = Wiring(setting.folder, setting.seed)
    for evalset in sets:
        name = f"eval set {evalset.name}"
        prepared = _looked_at(
            checks,
            name,
            partial(prepare, setting, [evalset], wiring, limit=None, repeats=1),
        )
        if prepared is not None:
            jobs.append(prepared[0].job)
            warnings = "".join(f"\n  warning: {warning}" for warning in evalset.warnings)
            checks.append(
                Check(name, f"{len(evalset.items):,} items, {len(evalset.train):,} to learn from{warnings}")
            )
    return jobs


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


async def _calls(job: TaskJob, timeout_s: float) -> list[Check]:
    checks = []
    for number, tier in enumerate(job.pool.tiers):
        provider = job.providers[tier]
        await provider.start()
        answer = await attempt(provider, job.request(Slot(job.position, number, 0, 0)), timeout_s)
        name = f"call {job.task.name} {tier}"
        if isinstance(answer, Failure):
            checks.append(Check(name, f"{answer.kind}: {answer.message}", "mend this tier, or leave it out."))
        else:
            checks.append(Check(name, f"answered in {answer.latency_s or 0.0:.3f} s"))
    return checks
