"""Costs of evalbench beside litellm's own, for several hundred listed models of every provider."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from evalbench.core.completion import Usage
from evalbench.core.evalset import Traffic
from evalbench.core.models import Price
from evalbench.pricing.cost import cost_usd
from evalbench.pricing.list_entry import price_of
from evalbench.pricing.price_list import Entry, price_file

MODELS_PER_PROVIDER = 12
USAGES = (
    Usage(1_000, 200, 0, 0, 0),
    Usage(300, 200, 700, 0, 150),
    Usage(300, 200, 500, 200, 0),
    Usage(150_000, 2_000, 60_000, 70_000, 500),  # above every step that is listed for 128k to 272k
)


@dataclass(frozen=True)
class Explanation:
    """Why two costs differ, and for which usages they may."""

    reason: str
    applies: Callable[[Usage], bool]


EXPLAINED: Mapping[str, Explanation] = {
    "fireworks_ai": Explanation(
        "litellm takes half the input price for cached tokens where the list has no price for them; "
        "here they are billed as input until somebody lists one",
        lambda usage: bool(usage.cache_read_tokens),
    ),
    "perplexity": Explanation(
        "litellm bills cached tokens of these models at the full input price, "
        "though the list has a lower one",
        lambda usage: bool(usage.cache_read_tokens),
    ),
    "xai": Explanation(
        "litellm adds reasoning tokens to the output, since xAI leaves them out of it; here the output "
        "of every provider includes them, which is settled where its answer is read",
        lambda usage: bool(usage.reasoning_tokens),
    ),
}
"""Every difference that is accepted, by provider."""


def listed_models() -> Iterator[tuple[str, str, Entry]]:
    """Some models of every provider that evalbench has a price for, under the name litellm goes by."""
    entries: dict[str, Entry] = orjson.loads(file.read_bytes()) if (file := price_file()) else {}
    taken: Counter[str] = Counter()
    for name, entry in entries.items():
        provider = str(entry.get("litellm_provider"))
        is_chat = entry.get("mode") in {"chat", "responses", "completion"}
        # litellm prefers the entry that is named with its provider, which may say something else.
        if not is_chat or f"{provider}/{name}" in entries or price_of(entry) is None:
            continue
        taken[provider] += 1
        if taken[provider] <= MODELS_PER_PROVIDER:
            yield name, provider, entry


def own_usd(usage: Usage, price: Price | None) -> float:
    cost = None if price is None else cost_usd(usage, None, price, Traffic())
    if cost is None:
        raise AssertionError(price)
    return cost


def as_asked(usage: Usage) -> dict[str, int | None]:
    return {
        "input": usage.input_tokens,
        "cache_read": usage.cache_read_tokens,
        "cache_write": usage.cache_write_tokens,
        "output": usage.output_tokens,
        "reasoning": usage.reasoning_tokens,
    }


@pytest.fixture(scope="module")
def compared() -> list[tuple[str, str, Usage, float, float]]:
    """Model, provider, usage, and both costs."""
    cases = [(*model, usage) for model in listed_models() for usage in USAGES]
    lines = "\n".join(json.dumps([name, provider, as_asked(usage)]) for name, provider, _, usage in cases)
    script = Path(__file__).with_name("litellm_costs.py")
    done = subprocess.run([sys.executable, script], input=lines, capture_output=True, text=True, check=True)
    others = [json.loads(line) for line in done.stdout.splitlines()]
    return [
        (name, provider, usage, own_usd(usage, price_of(entry)), other)
        for (name, provider, entry, usage), other in zip(cases, others, strict=True)
    ]


def test_several_hundred_models_cost_what_litellm_says(
    compared: list[tuple[str, str, Usage, float, float]],
) -> None:
    differing = [
        (name, usage, own, other)
        for name, provider, usage, own, other in compared
        if not math.isclose(own, other, rel_tol=1e-6)
        and not (provider in EXPLAINED and EXPLAINED[provider].applies(usage))
    ]

    assert len(compared) > 300 * len(USAGES)
    assert differing == []


@pytest.mark.parametrize("provider", EXPLAINED)
def test_a_difference_that_is_explained_is_really_there(
    provider: str, compared: list[tuple[str, str, Usage, float, float]]
) -> None:
    differing = [
        name for name, of, _, own, other in compared if of == provider and not math.isclose(own, other)
    ]

    assert differing, f"take this out: {EXPLAINED[provider].reason}"
