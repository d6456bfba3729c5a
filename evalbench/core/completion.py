"""Completions: what came back from a model, what it used, and what became of each call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """What became of one call.

    Everything but `MISSING` is the model's doing and is scored; `MISSING` is the machinery's,
    is asked again on resume, and never counts as a wrong answer.
    """

    OK = "ok"
    REFUSED = "refused"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    INVALID = "invalid"
    TIMEOUT = "timeout"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call in the four classes that are priced apart, and reasoning tokens.

    `input_tokens` excludes cache reads and writes; `output_tokens` includes `reasoning_tokens`.
    None means the provider does not say, or has no tokens.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer of one model.

    `latency_s` is the provider's own time for the attempt that succeeded; `busy_s` is the
    call's share of the time its endpoint was busy, which is what an hourly price is paid for.
    `confidence` (0 to 1) is how sure the model is, without knowing the target. `created` is
    the UTC time in ISO 8601. `detail` holds provider facts worth keeping, all of them text.
    """

    text: str
    status: Status = Status.OK
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = None
    latency_s: float | None = None
    first_token_s: float | None = None
    busy_s: float | None = None
    confidence: float | None = None
    finish_reason: str | None = None
    created: str | None = None
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call gave no answer that could be judged: the machinery failed, not the model.

    `kind` is a short stable word such as `timeout`, `error` or `no_recording`.
    """

    kind: str
    message: str
    retryable: bool = False
