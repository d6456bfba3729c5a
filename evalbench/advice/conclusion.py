"""What was concluded for a task, before it is put into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evalbench.core.comparison import Comparison, Verdict
from evalbench.core.completion import Status
from evalbench.core.estimate import TierEstimate
from evalbench.core.looks import LookTaken
from evalbench.core.models import Tier
from evalbench.core.money import Batch, batch_of
from evalbench.core.recommendation import Benefit, MonthlyBill, Outcome
from evalbench.core.run import TaskRun


@dataclass(frozen=True, slots=True)
class Saving:
    """What the chosen tier saves against the current one; `share` is from 0 to 1."""

    share: float
    usd_per_item: float


@dataclass(frozen=True, slots=True)
class Need:
    """What would settle the cheapest open question: total items, and the cost of those lacking."""

    tier: Tier
    items: int
    items_if_equal: int | None
    lacking: int
    usd: float | None


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The facts of a verdict, from which every sentence, caveat and next step is made.

    `tier` is None when no tier qualifies. `is_share` says that scores are shares of right
    answers. `cheaper` and `dearer` are compared with the current tier, in pool order. `notes`
    are the decision's own remarks, as codes. `flags` make a run like this one. `regraded_from` is the run
    whose answers these are, where it is not this one. `look` is which
    look at its question the run is. `is_capped` says that more would be recommended, were the
    scores not a model's uncalibrated opinion.
    """

    run: TaskRun
    outcome: Outcome
    tier: Tier | None
    estimates: Mapping[Tier, TierEstimate]
    cheaper: Mapping[Tier, Comparison]
    dearer: Mapping[Tier, Comparison]
    is_share: bool
    repeats: int
    look: LookTaken
    need: Need | None = None
    saving: Saving | None = None
    bill: MonthlyBill | None = None
    benefit: Benefit | None = None
    notes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    regraded_from: str | None = None
    is_capped: bool = False

    @property
    def resume_command(self) -> str:
        """What asks for answers that are missing."""
        return f"evalbench run --resume {self.regraded_from or 'latest'}"

    @property
    def asked_again(self) -> str:
        """How missing answers are had, as the end of a sentence."""
        also = "; then grade that run again" if self.regraded_from else ""
        return f"`{self.resume_command}` asks again{also}"

    @property
    def current(self) -> Tier:
        """The tier in use today."""
        return self.run.models.current

    @property
    def batch(self) -> Batch:
        """How many items costs are stated for."""
        return batch_of(found.cost.per_item_usd for found in self.estimates.values())

    @property
    def keeps_current(self) -> bool:
        """Whether the tier in use today is also the recommended one."""
        return self.tier == self.current

    @property
    def open_tiers(self) -> tuple[Tier, ...]:
        """Cheaper tiers that are neither shown good enough nor shown worse, cheapest first."""
        return tuple(tier for tier, found in self.by_cost().items() if found.verdict is Verdict.UNKNOWN)

    @property
    def open_first(self) -> tuple[Comparison, ...]:
        """The cheaper tiers, cheapest first, but those that a verdict waits for before the others."""
        return tuple(sorted(self.by_cost().values(), key=lambda each: each.verdict is not Verdict.UNKNOWN))

    @property
    def is_last_look(self) -> bool:
        """Whether no further run can prove anything: the looks planned are all taken."""
        return self.look.allowance.left <= 0

    @property
    def sure(self) -> float:
        """How sure the tests of this look are, from 0 to 1."""
        return 1 - self.look.allowance.tested_at

    @property
    def lacking_tiers(self) -> tuple[Tier, ...]:
        """Tiers with answers that are missing."""
        return tuple(tier for tier, found in self.estimates.items() if found.answers[Status.MISSING])

    def remarks(self, kind: str) -> tuple[str, ...]:
        """What follows the colon in the decision's notes of one kind."""
        opening = f"{kind}:"
        return tuple(note.removeprefix(opening) for note in self.notes if note.startswith(opening))

    def is_answered(self, tier: Tier) -> bool:
        """Whether any answer of a tier is there."""
        estimate = self.estimates[tier]
        return estimate.trials > estimate.answers[Status.MISSING]

    def is_recorded(self, tier: Tier) -> bool:
        """Whether a tier's answers come from a file, so that asking again cannot bring more."""
        return self.run.models.models[tier].id.startswith("recorded/")

    def lacks_traffic(self, tier: Tier) -> bool:
        """Whether only the stated traffic is missing to share a tier's monthly price."""
        price = self.run.models.models[tier].price
        return price is not None and price.per_month is not None and not self.run.task.traffic.requests

    def by_cost(self) -> dict[Tier, Comparison]:
        """The cheaper tiers, cheapest first; tiers of unknown cost keep their place in the pool."""
        costs = {tier: self.estimates[tier].cost.per_item_usd for tier in self.cheaper}
        if any(cost is None for cost in costs.values()):
            return dict(self.cheaper)
        return dict(sorted(self.cheaper.items(), key=lambda pair: costs[pair[0]] or 0.0))

    def label(self, tier: Tier) -> str:
        """A model's short name, or its tier where two tiers share one."""
        labels = [model.label for model in self.run.models.models.values()]
        label = self.run.models.models[tier].label
        return label if labels.count(label) == 1 else tier

    def called(self, tier: Tier) -> str:
        """A model's short name where it is the answer; a classical model is never left unmarked."""
        return self.name(tier) if self.run.models.models[tier].is_classical else self.label(tier)

    def name(self, tier: Tier) -> str:
        """A tier with its model, for example `small (gpt-5-nano)` or `medium (classical)`."""
        model = self.run.models.models[tier]
        about = [] if model.label == tier else [model.label]
        if model.is_classical and tier != "classical":
            about.append("classical")
        return f"{tier} ({', '.join(about)})" if about else tier
