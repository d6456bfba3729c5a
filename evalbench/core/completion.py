"""Completions: what came back from a model, what it used, and what became of each call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

CONTEXT_OVERFLOW = "context_overflow"
"""The finish reason of a prompt that does not fit the model's context."""

NOT_ASKED_KINDS = frozenset({"over_budget", "not_asked", "interrupted"})
"""Kinds of failures of calls that nobody has finished making: nothing is known of their answers."""


UNFORESEEN = "unforeseen"
"""The kind of a failure by an exception that no provider turned into one: as good as a bug of ours."""


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

    def plus(self, other: Usage | None) -> Usage:
        """The tokens of both, class by class; one that neither reports stays unknown."""
        if other is None:
            return self
        return Usage(
            _sum(self.input_tokens, other.input_tokens),
            _sum(self.output_tokens, other.output_tokens),
            _sum(self.cache_read_tokens, other.cache_read_tokens),
            _sum(self.cache_write_tokens, other.cache_write_tokens),
            _sum(self.reasoning_tokens, other.reasoning_tokens),
        )


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None and other is None else (one or 0) + (other or 0)


@dataclass(frozen=True, slots=True)
class Effort:
    """What it took to get an answer, or to give up: kept apart from the answer's own time.

    `queue_s` is the wait for a free place at the endpoint, `backoff_s` the wait between
    attempts. `lost` is what failed attempts used and were billed for; `unknown_bills` counts
    failed attempts that may have been billed without anybody saying how much. `busy_s` is the call's
    share of its endpoint's busy time where it got no answer; an answer's own `busy_s` holds it. These
    three tell of all legs of a run, the others of the last one. Times are seconds.
    """

    attempts: int = 1
    queue_s: float = 0.0
    backoff_s: float = 0.0
    lost: Usage | None = None
    unknown_bills: int = 0
    busy_s: float = 0.0

    @property
    def is_billed(self) -> bool:
        """Whether failed attempts have cost something, or may have."""
        return self.lost is not None or self.unknown_bills > 0 or self.busy_s > 0

    @property
    def bill(self) -> Effort:
        """What failed attempts have cost, alone."""
        return Effort(lost=self.lost, unknown_bills=self.unknown_bills, busy_s=self.busy_s)

    def with_bill(self, other: Effort) -> Effort:
        """The same with what other failed attempts have cost on top."""
        lost = other.lost if self.lost is None else self.lost.plus(other.lost)
        bills, busy_s = self.unknown_bills + other.unknown_bills, self.busy_s + other.busy_s
        return replace(self, lost=lost, unknown_bills=bills, busy_s=busy_s)


# Made once: a run makes several completions for each answer.
_NO_USAGE, _ONE_ATTEMPT = Usage(), Effort()


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer of one model.

    `latency_s` is the provider's own time for the attempt that succeeded; `busy_s` is the
    call's share of the time its endpoint was busy, failed attempts included, which is what an
    hourly price is paid for. `confidence` (0 to 1) is how sure the model is, without knowing
    the target. `created` is the UTC time in ISO 8601. `detail` holds provider facts worth
    keeping, all of them text. `cost_usd` is what the provider itself stated.
    """

    text: str
    status: Status = Status.OK
    usage: Usage = _NO_USAGE
    cost_usd: float | None = None
    latency_s: float | None = None
    first_token_s: float | None = None
    busy_s: float | None = None
    confidence: float | None = None
    finish_reason: str | None = None
    created: str | None = None
    detail: Mapping[str, str] = field(default_factory=dict)
    effort: Effort = _ONE_ATTEMPT


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call gave no answer that could be judged: the machinery failed, not the model.

    `kind` is a short stable word such as `timeout`, `error` or `no_recording`. `is_overload`
    says that the endpoint wants fewer calls, `retry_after_s` when it wants the next one of
    this item. `concerns_all` says that every item would fail alike, as with a refused key.
    `usage` is what the attempt was billed for, and `may_be_billed` says that it may have been
    billed without anybody saying how much.
    """

    kind: str
    message: str
    retryable: bool = False
    is_overload: bool = False
    concerns_all: bool = False
    retry_after_s: float | None = None
    usage: Usage | None = None
    may_be_billed: bool = False
    effort: Effort = _ONE_ATTEMPT

    @property
    def is_items_own(self) -> bool:
        """Whether this very item fails for good, which says nothing about others.

        What nobody foresaw is not about an item: the same bug may meet them all.
        """
        return not self.retryable and not self.concerns_all and self.kind != UNFORESEEN
