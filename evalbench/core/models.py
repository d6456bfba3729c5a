"""Tiers and the models that stand at them, with their declared prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from evalbench.core.evalset import JsonValue

Tier: TypeAlias = str
"""A named rung of the ladder, for example `small`."""


@dataclass(frozen=True, slots=True)
class PriceStep:
    """USD per million tokens once a prompt has more than `above_tokens` tokens, cached ones included.

    A class that is None costs what it costs below the step.
    """

    above_tokens: int
    input: float | None = None
    output: float | None = None
    cache_read: float | None = None
    cache_write: float | None = None
    reasoning: float | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs: USD per million tokens by class, per busy hour, or per month.

    `source` says where the figure comes from, in words fit for a report; `as_of` is its date.
    `is_assumed` marks a default that nobody stated, so that reports can say so. `reasoning` is
    set only where reasoning tokens cost something else than the rest of the output. `steps`
    are the dearer rates of long prompts, shortest first; `batch` is the price of work that can
    wait. `digest` is the sha256 of the published entry that the figures were read from.
    """

    input: float | None = None
    output: float | None = None
    cache_read: float | None = None
    cache_write: float | None = None
    per_hour: float | None = None
    per_month: float | None = None
    max_rps: float | None = None
    source: str = "evalbench.yaml"
    as_of: str | None = None
    is_assumed: bool = False
    reasoning: float | None = None
    steps: tuple[PriceStep, ...] = ()
    batch: Price | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What the published list says of a model besides its price: limits, abilities, retirement.

    `supports` holds words such as `reasoning` or `response_schema`; `retires_on` is an ISO date.
    """

    max_input_tokens: int | None = None
    max_output_tokens: int | None = None
    supports: tuple[str, ...] = ()
    retires_on: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """The model that stands at a tier: its id, where it lives, and what is sent along.

    `id` is as the user wrote it, for example `local/small` or `recorded/answers.jsonl#gpt-4`.
    `api_key_env` is the name of an environment variable, never a key. `listing` is None for
    models that no published list knows.
    """

    id: str
    api_base: str | None = None
    api_key_env: str | None = None
    params: Mapping[str, JsonValue] = field(default_factory=dict)
    concurrency: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    price: Price | None = None
    listing: Listing | None = None

    @property
    def is_classical(self) -> bool:
        """Whether this is an in-process classical model, which is not a language model."""
        return self.id.startswith("local/")

    @property
    def shown(self) -> str:
        """The id without the recording that it came from, which says nothing about the model."""
        return self.id.rsplit("#", 1)[-1] if self.id.startswith("recorded/") else self.id

    @property
    def label(self) -> str:
        """A short name for people: the part after the last slash or `#`."""
        return self.id.rsplit("#", 1)[-1].rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class ModelPool:
    """The models of a run by tier, cheapest first; `current` is what is in use today."""

    models: Mapping[Tier, Model]
    current: Tier

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """The rungs in escalation order."""
        return tuple(self.models)
