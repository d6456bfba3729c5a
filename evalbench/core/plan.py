"""Plans: the calls a run will make, before any is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evalbench.core.completion import Completion, Failure
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

    `key` names the slot's answer, new or stored, and is None where there is a failure.
    `completion` is set only when the answer is new, so that it is stored once.
    """

    slot: Slot
    key: bytes | None
    completion: Completion | None = None
    failure: Failure | None = None
    score: Score | None = None
    is_reused: bool = False


@dataclass(frozen=True, slots=True)
class TierPlan:
    """What one tier of one task will be asked, and what that costs at most.

    `duplicates` are items whose prompt equals an earlier one's, so they share its answer.
    """

    task: str
    tier: Tier
    calls: int
    stored: int
    duplicates: int
    ceiling_usd: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The trials of a run by tier and task, with what the items can prove in plain words."""

    tiers: tuple[TierPlan, ...]
    proofs: tuple[str, ...] = field(default_factory=tuple)
