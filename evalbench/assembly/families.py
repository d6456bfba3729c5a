"""Well-known models by provider and tier: what a new project is offered, once the price list agrees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

from evalbench.core.models import Model, Price, Tier
from evalbench.pricing.sources import with_price

Families: TypeAlias = Mapping[str, Mapping[Tier, tuple[str, ...]]]

FAMILIES: Families = {
    "openai": {
        "small": ("gpt-6-luna", "gpt-5.6-luna", "gpt-5.4-nano", "gpt-5-nano"),
        "medium": ("gpt-5.4-mini", "gpt-5-mini"),
        "large": ("gpt-6.1-sol", "gpt-6-sol", "gpt-5.6-sol", "gpt-5.4", "gpt-5"),
    },
    "anthropic": {
        "small": ("claude-haiku-5-5", "claude-haiku-4-5"),
        "medium": ("claude-sonnet-5-5", "claude-sonnet-5", "claude-sonnet-4-6"),
        "large": ("claude-opus-5-5", "claude-opus-5", "claude-opus-4-8"),
    },
    "gemini": {
        "small": ("gemini-3.5-flash-lite", "gemini-3.1-flash-lite", "gemini-2.5-flash-lite"),
        "medium": ("gemini-3.8-flash", "gemini-3.7-flash", "gemini-2.5-flash"),
        "large": ("gemini-4-argon", "gemini-3.1-pro-preview", "gemini-2.5-pro"),
    },
    "mistral": {
        "small": ("ministral-8b-2512", "ministral-8b-latest"),
        "medium": ("mistral-small-2603", "mistral-small-latest"),
        "large": ("mistral-large-4", "mistral-large-2512", "mistral-large-latest"),
    },
    "groq": {
        "small": ("openai/gpt-oss-20b",),
        "medium": ("openai/gpt-oss-120b",),
        "large": ("qwen/qwen3.8-27b",),
    },
    "deepseek": {
        "small": ("deepseek-v4-flash",),
        "large": ("deepseek-v4-pro",),
    },
    "xai": {
        "small": ("grok-4.3",),
        "large": ("grok-4.7", "grok-4.6", "grok-4.5"),
    },
    "openrouter": {
        "small": ("openai/gpt-6-luna", "openai/gpt-5-nano"),
        "medium": ("anthropic/claude-sonnet-5-5", "anthropic/claude-sonnet-5"),
        "large": ("openai/gpt-6.1-sol", "openai/gpt-5"),
    },
    "moonshot": {
        "small": ("kimi-k2.5",),
        "medium": ("kimi-k2.6",),
        "large": ("kimi-k3",),
    },
    "zai": {
        "small": ("glm-5.3-flash",),
        "medium": ("glm-5",),
        "large": ("glm-5.3", "glm-5.2"),
    },
    "cerebras": {
        "small": ("llama3.1-8b",),
        "medium": ("gpt-oss-120b",),
        "large": ("gemma-4-31b", "qwen-3.8-27b"),
    },
}
"""Providers in the order in which they are preferred, with names for each tier, the best one first."""

LEAST_DAYS_LEFT = 90
"""A model that retires sooner than this is nothing to start with."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """Models of one provider by tier, cheapest first, all of them with a list price."""

    provider: str
    tiers: Mapping[Tier, Model]


def ladder_of(provider: str, today: date, families: Families = FAMILIES) -> Ladder | None:
    """What the price list still has of a provider's well-known models; None when that is no choice.

    A model that is not listed, or that retires soon, is left out; so is one that costs no less
    than the tier above it, since a ladder climbs in price.
    """
    rungs: dict[Tier, Model] = {}
    above: float | None = None
    for tier, names in reversed(tuple(families.get(provider, {}).items())):
        found = (_listed(f"{provider}/{name}", today) for name in names)
        model = next((each for each in found if each and _is_cheaper(each, above)), None)
        if model is not None:
            rungs[tier] = model
            above = _usd(model.price)
    return Ladder(provider, dict(reversed(rungs.items()))) if len(rungs) > 1 else None


def _listed(model_id: str, today: date) -> Model | None:
    model = with_price(Model(model_id))
    retires_on = None if model.listing is None else model.listing.retires_on
    if model.price is None or (retires_on and _is_soon(retires_on, today)):
        return None
    return model


def _is_soon(retires_on: str, today: date) -> bool:
    try:
        return date.fromisoformat(retires_on) < today + timedelta(days=LEAST_DAYS_LEFT)
    except ValueError:
        return False  # A date nobody can read says nothing.


def _is_cheaper(model: Model, above_usd: float | None) -> bool:
    own = _usd(model.price)
    return own is not None and (above_usd is None or own < above_usd)


def _usd(price: Price | None) -> float | None:
    """USD of a typical short question: about four tokens are read for each one that is written."""
    if price is None or price.input is None or price.output is None:
        return None
    return 4 * price.input + price.output
