"""Plans: the calls a run will make, before any is made."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evalbench.core.completion import Completion, Effort, Failure
from evalbench.core.evalset import JsonValue, Prompt
from evalbench.core.models import Model, Tier
from evalbench.core.score import Score


@dataclass(frozen=True, slots=True)
class Request:
    """One question to one model: everything a provider may see, and nothing of the target."""

    task: str
    item_id: str
    tier: Tier
    model: Model
    prompt: Prompt
    repeat: int = 0
    schema: Mapping[str, JsonValue] | None = None
    tools: JsonValue = None


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of one trial in a run: positions of task, tier and item, and the repeat."""

    task: int
    tier: int
    item: int
    repeat: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one slot, on its way to the ledger.

    `key` names the slot's answer, new or stored, and is None where there is none. `failure` says
    why there is no answer or, beside a key, why it could not be graded. `completion` is set only
    when the answer is new, so that it is stored once. `is_late_grade` says that the answer was
    handed on before, and that this is what came of judging it. `bill` is what this run has paid in vain
    for an answer that it then had from another run.
    """

    slot: Slot
    key: bytes | None
    completion: Completion | None = None
    failure: Failure | None = None
    score: Score | None = None
    is_reused: bool = False
    is_late_grade: bool = False
    bill: Effort | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """One answer of a judge, on its way to the ledger; `completion` is None where it was stored before.

    `cost_usd` is what was paid for it by this command, failed attempts included; None is unknown.
    `most_usd` is the same with unknown bills at the most that they can be. `is_in_vain` says that no
    answer has come of it.
    """

    key: bytes
    completion: Completion | None
    cost_usd: float | None
    most_usd: float = 0.0
    is_in_vain: bool = False


@dataclass(frozen=True, slots=True)
class TierPlan:
    """What one tier of one task will be asked, and what that costs.

    `duplicates` are items whose prompt equals an earlier one's, so they share its answer.
    Tokens and USD are those of `calls`, each asked once; None where nobody can say. `low_usd`
    and `expected_usd` rest on `basis`, in plain words; `worst_usd` is never exceeded, and
    `gap` says what is not known where there is no such bound. `smallest_call_usd` is the most
    that the call with the shortest prompt can cost, `call_usd` what one more will probably cost,
    also where none is made. `is_classical` says that a model in this
    process answers, whose cost is a declared price for its time and no bill. `is_judge` says that
    the calls are those of the model that judges the answers of all tiers.
    """

    task: str
    tier: Tier
    calls: int
    stored: int
    duplicates: int
    input_tokens: int | None = None
    output_tokens: int | None = None
    low_usd: float | None = None
    expected_usd: float | None = None
    worst_usd: float | None = None
    smallest_call_usd: float | None = None
    call_usd: float | None = None
    basis: str | None = None
    gap: str | None = None
    is_classical: bool = False
    is_judge: bool = False


@dataclass(frozen=True, slots=True)
class ItemsWanted:
    """How many items settle a task, were a cheaper tier in truth worse by `true_drop`, and no more.

    `power` is how often such a run would settle it. `most_items` is set where nobody knows yet how
    often the tiers differ: then `items` is for tiers that rarely do, `most_items` for such as often do.
    """

    task: str
    true_drop: float
    power: float
    items: int
    most_items: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The trials of a run by tier and task, with what the items can prove in plain words.

    `wanted` is the same as numbers, by task.
    """

    tiers: tuple[TierPlan, ...]
    proofs: tuple[str, ...] = field(default_factory=tuple)
    wanted: tuple[ItemsWanted, ...] = ()

    @property
    def answering(self) -> tuple[TierPlan, ...]:
        """The tiers that are measured, without the model that judges them."""
        return tuple(tier for tier in self.tiers if not tier.is_judge)

    @property
    def low_usd(self) -> float | None:
        """What all calls are billed if every answer is short; None when a part of it is unknown."""
        return _total([tier.low_usd for tier in self._billed])

    @property
    def expected_usd(self) -> float | None:
        """What will probably be billed for all calls; None when a part of it is unknown."""
        return _total([tier.expected_usd for tier in self._billed])

    @property
    def worst_usd(self) -> float | None:
        """What is billed for all calls at most; None when a part of it is unknown."""
        return _total([tier.worst_usd for tier in self._billed])

    @property
    def _billed(self) -> list[TierPlan]:
        """The tiers that send a bill: a model of this process has a declared price for its time, and none."""
        return [tier for tier in self.tiers if not tier.is_classical]


def _total(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) if len(known) == len(values) else None
