"""How much a call can cost at most, known before it is made: what a spend cap rests on."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import TypeGuard

import orjson

from evalbench.core.evalset import JsonValue
from evalbench.core.models import Model, Price
from evalbench.core.plan import Request
from evalbench.pricing.cost import SECONDS_PER_HOUR, TOKENS_PER_PRICE, rates_at

TOKENS_PER_MESSAGE = 16
"""Marks around a message: known chat formats use up to 8, role name included."""

TOKENS_PER_REQUEST = 256
"""What a provider puts before the first message: known system preambles have up to 100 tokens."""

TOKENS_FOR_TOOLS = 1024
"""What a provider adds where tools or a schema go along; published figures reach 700."""

LATE_S = 1.0
"""How late a busy machine may notice that a deadline has passed."""

# Endpoints ignore limits by any other name in silence, and so does litellm's translation.
_OUTPUT_LIMITS = ("max_tokens", "max_completion_tokens")
_ANSWERS = ("n", "best_of")
_ALSO_SENT = ("tools", "functions", "response_format")


def prompt_bytes(request: Request) -> int:
    """The UTF-8 bytes of all that is sent: messages, schema, tools and parameters."""
    total = sum(_text_bytes(turn.content) + len(turn.role) for turn in request.prompt.messages)
    if request.schema or request.tools or request.model.params:
        total += len(orjson.dumps([request.schema, request.tools, dict(request.model.params)], default=str))
    return total


def most_input_tokens(request: Request, sent_bytes: int) -> int:
    """More tokens than any tokenizer can make of a request of so many bytes.

    Tokenizers of language models cut text into pieces of at least one byte, so a text never has
    more tokens than UTF-8 bytes; what a provider adds around it is covered by fixed allowances.
    """
    sent = sent_params(request.model)
    has_tools = bool(request.schema or request.tools or any(key in sent for key in _ALSO_SENT))
    around = TOKENS_PER_REQUEST + TOKENS_PER_MESSAGE * len(request.prompt.messages)
    return sent_bytes + around + (TOKENS_FOR_TOOLS if has_tools else 0)


def sent_params(model: Model) -> Mapping[str, JsonValue]:
    """The parameters as they go out: what `extra_body` says comes before what stands beside it."""
    extra = model.params.get("extra_body")
    if not isinstance(extra, Mapping):
        return model.params
    return {key: value for key, value in model.params.items() if key != "extra_body"} | dict(extra)


def most_output_tokens(model: Model) -> int | None:
    """The longest answer a model may give: the limit that is sent, else the listed one, else unknown.

    Reasoning counts against the same limit. Several answers to one prompt (`n`) count together.
    """
    listed = None if model.listing is None else model.listing.max_output_tokens
    longest = sent_limit(model) or listed
    params = sent_params(model)
    said = [params[key] for key in _ANSWERS if params.get(key) is not None]
    answers = [count for count in said if _is_count(count)]
    if longest is None or len(answers) < len(said):
        return None
    return longest * max(answers, default=1)


def sent_limit(model: Model) -> int | None:
    """The limit of tokens that goes out with every call, or None where there is none."""
    params = sent_params(model)
    # Which of two limits a provider goes by is its own business, so the larger one counts.
    return max((limit for key in _OUTPUT_LIMITS if _is_count(limit := params.get(key))), default=None)


def _is_count(value: JsonValue) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def ceiling_usd(model: Model, input_tokens: int, timeout_s: float) -> float | None:
    """The most that one attempt can cost, reserved before it is made; None when nobody can say.

    An hourly price is bounded by the deadline: a call's share of busy time cannot exceed it.
    `input_tokens` is a bound itself; the dearest class that could apply is taken for all of them.
    """
    price = model.price
    if price is None:
        return None
    if price.per_hour is not None:
        return timeout_s * price.per_hour / SECONDS_PER_HOUR
    if price.per_month is not None:
        return 0.0  # The machine is paid for anyway.
    output_tokens = most_output_tokens(model)
    if output_tokens is None or price.input is None or price.output is None:
        return None
    dearest_input, dearest_output = _dearest(price, input_tokens)
    return (input_tokens * dearest_input + output_tokens * dearest_output) / TOKENS_PER_PRICE


def late_usd(price: Price | None) -> float:
    """What a call paid by its time may cost beyond its ceiling, since its deadline is noticed late."""
    hourly_usd = None if price is None else price.per_hour
    return 0.0 if hourly_usd is None else LATE_S * hourly_usd / SECONDS_PER_HOUR


def gap(model: Model) -> str | None:
    """What is not known of a model, so that nobody can say what a call costs at most."""
    price = model.price
    if price is None:
        return "price"
    if price.per_hour is not None or price.per_month is not None:
        return None
    if price.input is None or price.output is None:
        return "price"
    return "output limit" if most_output_tokens(model) is None else None


def _dearest(price: Price, input_tokens: int) -> tuple[float, float]:
    rows = [rates_at(price, 0), *(step for step in price.steps if input_tokens > step.above_tokens)]
    inputs = [rate for row in rows for rate in (row.input, row.cache_read, row.cache_write)]
    outputs = [rate for row in rows for rate in (row.output, row.reasoning)]
    return max(rate or 0.0 for rate in inputs), max(rate or 0.0 for rate in outputs)


def _text_bytes(text: str) -> int:
    if text.isascii():
        return len(text)
    # Some tokenizers normalize first, which can make one character into many.
    return max(_length(text), _length(unicodedata.normalize("NFKC", text)))


def _length(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
