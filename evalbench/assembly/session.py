"""Settle everything a run needs before its first call, and say aloud what was assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from evalbench.advice.money import retirement
from evalbench.assembly.deployed import refuse_strangers
from evalbench.assembly.early_stop import refuse_unsuited
from evalbench.assembly.judging import Bench
from evalbench.assembly.options import RunOptions
from evalbench.assembly.preparing import Prepared, prepare
from evalbench.assembly.progress import Progress
from evalbench.assembly.project import Setting, load_sets, settle
from evalbench.assembly.spend_cap import Spent, cap_words, check_cap
from evalbench.assembly.wiring import Wiring
from evalbench.core.evalset import EvalSet
from evalbench.core.looks import Looks
from evalbench.core.models import Model, ModelPool, Tier
from evalbench.core.plan import Plan
from evalbench.core.score import objection_of
from evalbench.errors import EvalbenchError


@dataclass(frozen=True, slots=True)
class Session:
    """One leg of a run: everything settled before the first call.

    `max_spend_usd` is None where there is no cap, and what is left of it where `spent` says what was
    spent before; `bench` is the model that judges, where one does.
    """

    options: RunOptions
    setting: Setting
    prepared: list[Prepared]
    bench: Bench
    progress: Progress
    notes: tuple[str, ...]
    seed: int
    repeats: int
    max_spend_usd: float | None
    spent: Spent | None = None

    def check_budget(self, plan: Plan) -> None:
        """Refuse a spend cap that could not hold, or that leaves a tier without a single answer."""
        if self.max_spend_usd is not None:
            check_cap(plan, self.max_spend_usd, self._models, self.setting.judge, self.spent)

    def cap_words(self, plan: Plan) -> tuple[str, ...]:
        """What the spend cap means for a plan; in a dry run also that the run itself would be refused."""
        if self.max_spend_usd is None:
            return ()
        try:
            self.check_budget(plan)
        except EvalbenchError as error:
            refused = (f"a run would be refused: {error.problem}", f"  fix: {error.fix}")
            return refused if self.options.dry_run else ()
        return cap_words(plan, self.max_spend_usd)

    @property
    def _models(self) -> Mapping[Tier, Model]:
        return {tier: model for each in self.prepared for tier, model in each.job.pool.models.items()}


def open_session(options: RunOptions, progress: Progress) -> Session:
    """Read the project and its eval sets; every name, file and target is checked."""
    setting = settle(options.project)
    sets = load_sets(setting, options.sets)
    refuse_strangers(setting, [each.name for each in sets])
    seed = setting.seed if options.seed is None else options.seed
    repeats = options.repeats or setting.repeats
    if options.early_stop:
        refuse_unsuited([each.task for each in sets])
    bench = Bench(setting, Wiring(setting.folder, seed, options.concurrency))
    prepared = prepare(bench, sets, limit=options.limit, repeats=repeats, early_stop=options.early_stop)
    if options.is_gated:
        prepared = [replace(each, card=replace(each.card, looks=Looks(is_gate=True))) for each in prepared]
    objections = [
        f"{each.job.task.name}: {words}" for each in prepared if (words := objection_of(each.job.grader))
    ]
    for sentence in (*_opening_words(setting, sets), *(f"warning: {words}" for words in objections)):
        progress.say(sentence)
    return Session(
        options=options,
        setting=setting,
        prepared=prepared,
        bench=bench,
        progress=progress,
        notes=(*(f"{each.name}: {warning}" for each in sets for warning in each.warnings), *objections),
        seed=seed,
        repeats=repeats,
        max_spend_usd=setting.max_spend_usd if options.max_spend_usd is None else options.max_spend_usd,
    )


def _opening_words(setting: Setting, sets: Sequence[EvalSet]) -> list[str]:
    words = []
    if setting.is_default_ladder:
        words.append(
            "no models are named, so the classical models of this process answer "
            "(local/small, medium, large); they are no language models"
        )
    words += [f"{each.name}: {sentence}" for each in sets for sentence in each.task.inferred]
    words += [f"{each.name}: warning: {sentence}" for each in sets for sentence in each.warnings]
    words += _price_words(setting.pool)
    return words + [f"warning: {warning}" for warning in retirements(setting.pool, datetime.now(UTC).date())]


def _price_words(pool: ModelPool) -> list[str]:
    return [
        f"the price of {model.id} is not known: unless it states its costs itself, give it a `price:`"
        for model in pool.models.values()
        if model.price is None and not model.id.startswith("recorded/")
    ]


def retirements(pool: ModelPool, today: date) -> list[str]:
    """A warning for every model that its provider has retired, or will within three months."""
    found = {tier: retirement(model, today) for tier, model in pool.models.items()}
    return [f"{warning} (tier {tier})" for tier, warning in found.items() if warning is not None]
