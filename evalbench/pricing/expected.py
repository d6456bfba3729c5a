"""What a call will probably use and cost, said before it is made, and what that rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evalbench.core.completion import Usage
from evalbench.core.evalset import TaskKind, Traffic
from evalbench.core.models import Model
from evalbench.pricing.bounds import most_output_tokens
from evalbench.pricing.cost import cost_usd

BYTES_PER_TOKEN = 4
"""What a token holds on average: four letters of English, or somewhat more than one of Chinese."""

_TOKENS_AROUND = 10
_SHORT_OUTPUT: Mapping[TaskKind, int] = {
    TaskKind.CLASSIFICATION: 10,
    TaskKind.ROUTING: 10,
    TaskKind.QA: 60,
    TaskKind.EXTRACTION: 150,
    TaskKind.SUMMARIZATION: 150,
    TaskKind.GENERATION: 300,
    TaskKind.REASONING: 500,
    TaskKind.CODE: 500,
}
_AS_LONG_AS_INPUT = frozenset({TaskKind.TRANSLATION, TaskKind.REFORMATTING, TaskKind.TEMPLATE})
_REASONING_TOKENS = 500
_LOW_SHARE = 0.5
_LISTED_BUT_ASKED_FOR = "claude"
_NO_REASONING = frozenset({"none", "minimal", "disable"})


@dataclass(frozen=True, slots=True)
class Expected:
    """Mean use of one call: tokens, and busy seconds where they are what is paid for.

    `low_output_tokens` and `low_busy_s` are those of short answers. `basis` says in plain words
    what the figures rest on.
    """

    input_tokens: float
    output_tokens: float
    low_output_tokens: float
    basis: str
    busy_s: float | None = None
    low_busy_s: float | None = None


def assumed(model: Model, kind: TaskKind, sent_bytes: float) -> Expected:
    """What a call is taken to use where nothing is stored, by the kind of work."""
    input_tokens = sent_bytes / BYTES_PER_TOKEN + _TOKENS_AROUND
    answer = input_tokens if kind in _AS_LONG_AS_INPUT else float(_SHORT_OUTPUT[kind])
    reasoning = _REASONING_TOKENS if _reasons(model) else 0
    most = most_output_tokens(model)
    output_tokens = answer + reasoning if most is None else min(answer + reasoning, most)
    thinking = ""
    if reasoning:
        is_cut = output_tokens < answer + reasoning
        thinking = ", the most allowed, reasoning included" if is_cut else f", {reasoning} of them reasoning"
    return Expected(
        input_tokens,
        output_tokens,
        min(output_tokens, _LOW_SHARE * answer),
        f"assumed: {output_tokens:,.0f} output tokens an answer{thinking}",
    )


def call_usd(model: Model, found: Expected, traffic: Traffic, *, is_low: bool) -> float | None:
    """USD of a call that uses what is expected, or as little as a short answer does."""
    if model.price is None:
        return None
    if model.price.per_month is not None:
        return 0.0  # The machine is paid for anyway.
    output_tokens = found.low_output_tokens if is_low else found.output_tokens
    usage = Usage(round(found.input_tokens), round(output_tokens))
    return cost_usd(usage, found.low_busy_s if is_low else found.busy_s, model.price, traffic)


def _reasons(model: Model) -> bool:
    """Whether a model thinks before it answers: some always do, others when asked to."""
    if model.listing is None or "reasoning" not in model.listing.supports:
        return False
    effort = model.params.get("reasoning_effort")
    if _LISTED_BUT_ASKED_FOR in model.id:
        return "thinking" in model.params or effort is not None
    return str(effort) not in _NO_REASONING
