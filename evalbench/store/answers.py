"""Stored answers and scores as rows of the ledger, and as nouns again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evalbench.core.completion import Completion, Effort, Status, Usage
from evalbench.core.score import Score
from evalbench.store import coding

ANSWER_COLUMNS = (
    "a.text, a.status, a.input_tokens, a.output_tokens, a.cache_read_tokens, a.cache_write_tokens,"
    " a.reasoning_tokens, a.cost_usd, a.latency_s, a.first_token_s, a.busy_s, a.confidence, a.finish_reason,"
    " a.created, a.detail, a.queue_s, a.backoff_s, a.attempts, a.lost, a.unknown_bills"
)
"""What `completion_from` reads, of a table called `a`."""

SCORE_COLUMNS = "s.value, s.reading, s.explanation, s.is_valid, s.statistics"
"""What `score_from` reads, of a table called `s`."""


def completion_from(row: Sequence[Any]) -> Completion:
    """The answer that a row of `ANSWER_COLUMNS` holds."""
    text, status, *tokens = row[:7]
    cost_usd, latency_s, first_token_s, busy_s, confidence, finish_reason, created, detail = row[7:15]
    return Completion(
        text=text,
        status=Status(status),
        usage=Usage(*tokens),
        cost_usd=cost_usd,
        latency_s=latency_s,
        first_token_s=first_token_s,
        busy_s=busy_s,
        confidence=confidence,
        finish_reason=finish_reason,
        created=created,
        detail=coding.from_text(detail) if isinstance(detail, str) else {},
        effort=_effort(row[15:]),
    )


def score_from(row: Sequence[Any]) -> Score | None:
    """The score that a row of `SCORE_COLUMNS` holds; None where there is none."""
    value, reading, explanation, is_valid, statistics = row
    if not isinstance(value, float):
        return None
    return Score(
        value=value,
        reading=None if reading is None else str(reading),
        explanation=str(explanation),
        is_valid=bool(is_valid),
        statistics=tuple(coding.from_text(statistics)) if isinstance(statistics, str) else (),
    )


def lost_from(text: str | None) -> Usage | None:
    """The tokens of failed attempts that were billed, as an answer's row holds them."""
    return None if text is None else coding.usage_from(coding.from_text(text))


def _effort(row: Sequence[Any]) -> Effort:
    queue_s, backoff_s, attempts, lost, unknown_bills = row
    return Effort(attempts, queue_s, backoff_s, lost_from(lost), unknown_bills)
