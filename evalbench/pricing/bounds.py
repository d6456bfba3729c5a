"""How much a call can cost at most, known before it is made: what a spend cap rests on."""

from __future__ import annotations

import unicodedata

import orjson

from evalbench.core.models import Model, Price
from evalbench.core.plan import Request
from evalbench.pricing.cost import SECONDS_PER_HOUR, TOKENS_PER_PRICE, rates_at

TOKENS_PER_MESSAGE = 16
"""Marks around a message: known chat formats use up to 8, role name included."""

TOKENS_PER_REQUEST = 256
"""What a provider puts before the first message: known system preambles have up to 100 tokens."""

TOKENS_FOR_TOOLS = 1024
"""What a provider adds where tools or a schema go along; published figures reach 700."""

_OUTPUT_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
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
    has_tools = bool(
        request.schema or request.tools or any(key in request.model.params for key in _ALSO_SENT)
    )
    around = TOKENS_PER_REQUEST + TOKENS_PER_MESSAGE * len(request.prompt.messages)
    return sent_bytes + around + (TOKENS_FOR_TOOLS if has_tools else 0)


def most_output_tokens(model: Model) -> int | None:
    """The longest answer a model may give: the limit that is sent, else the listed one, else unknown.

    Reasoning counts against the same limit. Several answers to one prompt (`n`) count together.
    """
    sent = [model.params[key] for key in _OUTPUT_LIMITS if key in model.params]
    # Which of two limits a provider goes by is its own business, so the larger one counts.
    limits = [limit for limit in sent if isinstance(limit, int) and limit > 0]
    listed = None if model.listing is None else model.listing.max_output_tokens
    longest = max(limits) if limits else listed
    answers = model.params.get("n", 1)
    if longest is None or not isinstance(answers, int):
        return None
    return longest * max(1, answers)


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
