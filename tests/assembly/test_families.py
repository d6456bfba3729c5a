from __future__ import annotations

from datetime import date

import pytest

from evalbench.assembly.families import FAMILIES, ladder_of

TODAY = date(2026, 11, 25)
PROPOSED = ("openai", "anthropic", "gemini", "mistral", "groq")


@pytest.mark.parametrize("provider", PROPOSED)
def test_a_ladder_has_three_tiers_that_climb_in_price(provider: str) -> None:
    ladder = ladder_of(provider, TODAY)

    assert ladder is not None
    assert list(ladder.tiers) == ["small", "medium", "large"]
    prices = [model.price for model in ladder.tiers.values()]
    costs = [4 * (price.input or 0) + (price.output or 0) for price in prices if price is not None]
    assert len(costs) == 3
    assert costs == sorted(set(costs))


@pytest.mark.parametrize("provider", FAMILIES)
def test_nothing_is_proposed_without_a_list_price(provider: str) -> None:
    ladder = ladder_of(provider, TODAY)

    assert ladder is None or all(model.price is not None for model in ladder.tiers.values())


def test_a_model_that_retires_soon_gives_way_to_the_next() -> None:
    # The list says that gpt-5.4-nano retires on 2027-04-01.
    families = {"openai": {"small": ("gpt-5.4-nano", "gpt-5-nano"), "large": ("gpt-5.4",)}}

    now, later = (ladder_of("openai", day, families) for day in (TODAY, date(2027, 3, 1)))

    assert now is not None
    assert later is not None
    assert now.tiers["small"].id == "openai/gpt-5.4-nano"
    assert later.tiers["small"].id == "openai/gpt-5-nano"


def test_a_tier_that_costs_no_less_than_the_one_above_is_left_out() -> None:
    families = {"openai": {"small": ("gpt-5-nano",), "medium": ("gpt-5.4",), "large": ("gpt-5.4",)}}

    ladder = ladder_of("openai", TODAY, families)

    assert ladder is not None
    assert list(ladder.tiers) == ["small", "large"]


def test_a_provider_whose_models_are_not_listed_has_no_ladder() -> None:
    assert ladder_of("openrouter", TODAY) is None
    assert ladder_of("nowhere", TODAY) is None
