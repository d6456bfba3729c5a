"""The cost of one answer, from what it used and what that is priced at."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

from evalbench.core.completion import Completion, Effort, Failure, Usage
from evalbench.core.evalset import Traffic
from evalbench.core.models import Price, PriceStep

SECONDS_PER_HOUR = 3600.0
SECONDS_PER_MONTH = 365.25 / 12 * 24 * SECONDS_PER_HOUR
TOKENS_PER_PRICE = 1_000_000


def priced(completion: Completion, price: Price | None, traffic: Traffic) -> Completion:
    """The completion with its cost in USD, failed attempts that were billed included.

    The cost stays None wherever a part of it is not known: unknown is never 0.
    """
    total_usd = paid_usd(completion, price, traffic)
    return completion if total_usd == completion.cost_usd else replace(completion, cost_usd=total_usd)


def paid_usd(completion: Completion, price: Price | None, traffic: Traffic) -> float | None:
    """USD of one answer with its failed attempts; what the provider stated for the answer is kept."""
    own_usd = completion.cost_usd
    if own_usd is None and price is not None:
        own_usd = cost_usd(completion.usage, completion.busy_s, price, traffic)
    lost = lost_usd(completion.effort, price)
    return None if own_usd is None or lost is None else own_usd + lost


def billed_usd(
    answer: Completion | Failure, busy_s: float, price: Price | None, traffic: Traffic
) -> float | None:
    """USD of one attempt that kept its endpoint busy for `busy_s` seconds; None where nobody knows."""
    if isinstance(answer, Completion):
        is_timed = price is None or price.per_hour is None or answer.busy_s is not None
        return paid_usd(answer if is_timed else replace(answer, busy_s=busy_s), price, traffic)
    if price is not None and price.per_hour is not None:
        return busy_s * price.per_hour / SECONDS_PER_HOUR
    if answer.usage is not None:
        return paid_usd(Completion("", usage=answer.usage), price, traffic)
    return None if answer.may_be_billed else 0.0


def cost_usd(usage: Usage, busy_s: float | None, price: Price, traffic: Traffic) -> float | None:
    """USD of one answer by whichever way its price is stated.

    Hourly prices are shared by busy time; a monthly price is shared by the stated traffic, which
    may need more than one machine.
    """
    if price.per_hour is not None:
        return None if busy_s is None else busy_s * price.per_hour / SECONDS_PER_HOUR
    if price.per_month is not None:
        requests = traffic.requests
        return machines_for(requests, price) * price.per_month / requests if requests else None
    return _token_cost_usd(usage, price)


def machines_for(requests: float, price: Price) -> int:
    """How many machines a month of so many requests needs at an even load; one, where nobody says."""
    if price.max_rps is None:
        return 1
    return max(1, math.ceil(requests / (price.max_rps * SECONDS_PER_MONTH)))


def lost_usd(effort: Effort, price: Price | None) -> float | None:
    """USD of failed attempts whose bill is known; None when nobody knows their price.

    An hourly price is paid for busy time, which an answer's own holds already, and a machine
    that is paid by the month costs nothing more.
    """
    if price is not None and price.per_hour is not None:
        return effort.busy_s * price.per_hour / SECONDS_PER_HOUR
    if effort.lost is None:
        return 0.0
    if price is None:
        return None
    if price.per_month is not None:
        return 0.0
    return _token_cost_usd(effort.lost, price)


def unknown_bills(effort: Effort, price: Price | None) -> int:
    """How many failed attempts may have been billed without anybody saying how much.

    A machine that is paid by time bills no attempts, and its time is known.
    """
    is_by_time = price is not None and (price.per_hour is not None or price.per_month is not None)
    return 0 if is_by_time else effort.unknown_bills


def cache_saving_usd(usage: Usage, price: Price | None) -> float | None:
    """How much dearer a call would have been without a prompt cache; less than 0 when the cache cost more.

    None when tokens were cached and nobody knows what they would have cost otherwise.
    """
    cached = (usage.cache_read_tokens or 0) + (usage.cache_write_tokens or 0)
    if not cached:
        return 0.0
    if price is None or price.input is None:
        return None
    known = replace(usage, input_tokens=usage.input_tokens or 0, output_tokens=0, reasoning_tokens=0)
    afresh = replace(
        known, input_tokens=(usage.input_tokens or 0) + cached, cache_read_tokens=0, cache_write_tokens=0
    )
    # Output has no part in the difference, and need not have a price.
    with_output = price if price.output is not None else replace(price, output=0.0)
    uncached_usd, cached_usd = _token_cost_usd(afresh, with_output), _token_cost_usd(known, with_output)
    return None if uncached_usd is None or cached_usd is None else uncached_usd - cached_usd


def rates_at(price: Price, prompt_tokens: int) -> PriceStep:
    """The rates of a call whose prompt has so many tokens; the longest step that it exceeds counts.

    Cached tokens without a price of their own are billed like any other input.
    """
    if not price.steps:
        return _plain_rates(price)
    found = PriceStep(0, price.input, price.output, price.cache_read, price.cache_write, price.reasoning)
    for step in price.steps:
        if prompt_tokens <= step.above_tokens:
            break
        found = PriceStep(
            step.above_tokens,
            input=_first(step.input, found.input),
            output=_first(step.output, found.output),
            cache_read=_first(step.cache_read, found.cache_read),
            cache_write=_first(step.cache_write, found.cache_write),
            reasoning=_first(step.reasoning, found.reasoning),
        )
    return _filled(found)


@lru_cache
def _plain_rates(price: Price) -> PriceStep:
    return _filled(
        PriceStep(0, price.input, price.output, price.cache_read, price.cache_write, price.reasoning)
    )


def _filled(found: PriceStep) -> PriceStep:
    return PriceStep(
        found.above_tokens,
        found.input,
        found.output,
        cache_read=_first(found.cache_read, found.input),
        cache_write=_first(found.cache_write, found.input),
        reasoning=_first(found.reasoning, found.output),
    )


def _token_cost_usd(usage: Usage, price: Price) -> float | None:
    read, written = usage.cache_read_tokens or 0, usage.cache_write_tokens or 0
    rates = rates_at(price, (usage.input_tokens or 0) + read + written)
    # Reasoning tokens are part of the output, and are looked at only where they cost something else.
    reasoning = 0 if price.reasoning is None else usage.reasoning_tokens or 0
    plain = None if usage.output_tokens is None else usage.output_tokens - reasoning
    classes = (
        (usage.input_tokens, rates.input),
        (plain, rates.output),
        (read, rates.cache_read),
        (written, rates.cache_write),
        (reasoning, rates.reasoning),
    )
    total = 0.0
    for tokens, usd_per_million in classes:
        if tokens is None or usd_per_million is None:
            return None
        total += tokens * usd_per_million / TOKENS_PER_PRICE
    return total


def _first(value: float | None, instead: float | None) -> float | None:
    return instead if value is None else value
