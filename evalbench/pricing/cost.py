"""The cost of one answer, from what it used and what that is priced at."""

from __future__ import annotations

from dataclasses import replace

from evalbench.core.completion import Completion, Usage
from evalbench.core.evalset import Traffic
from evalbench.core.models import Price

SECONDS_PER_HOUR = 3600.0


def priced(completion: Completion, price: Price | None, traffic: Traffic) -> Completion:
    """The completion with its cost in USD; a cost that the provider itself stated is kept.

    The cost stays None wherever it is not known: unknown is never 0.
    """
    if completion.cost_usd is not None or price is None:
        return completion
    return replace(completion, cost_usd=cost_usd(completion.usage, completion.busy_s, price, traffic))


def cost_usd(usage: Usage, busy_s: float | None, price: Price, traffic: Traffic) -> float | None:
    """USD of one answer by whichever way its price is stated.

    Hourly prices are shared by busy time; a monthly price is shared by the stated traffic.
    """
    if price.per_hour is not None:
        return None if busy_s is None else busy_s * price.per_hour / SECONDS_PER_HOUR
    if price.per_month is not None:
        return price.per_month / traffic.requests if traffic.requests else None
    return _token_cost_usd(usage, price)


def ceiling_usd(price: Price | None, timeout_s: float) -> float | None:
    """The most that one call can cost, reserved before it is made; None when nobody can say.

    An hourly price is bounded by the deadline: a call's share of busy time cannot exceed it.
    """
    if price is None:
        return None
    if price.per_hour is not None:
        return timeout_s * price.per_hour / SECONDS_PER_HOUR
    if price.per_month is not None:
        return 0.0  # The machine is paid for anyway.
    return None


def _token_cost_usd(usage: Usage, price: Price) -> float | None:
    # Cached tokens without a price of their own are billed like any other input.
    classes = (
        (usage.input_tokens, price.input),
        (usage.output_tokens, price.output),
        (usage.cache_read_tokens or 0, price.input if price.cache_read is None else price.cache_read),
        (usage.cache_write_tokens or 0, price.input if price.cache_write is None else price.cache_write),
    )
    total = 0.0
    for tokens, usd_per_million in classes:
        if tokens is None or usd_per_million is None:
            return None
        total += tokens * usd_per_million / 1_000_000
    return total
