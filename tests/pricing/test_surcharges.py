from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from evalbench.core.completion import Usage
from evalbench.core.evalset import JsonValue, Traffic
from evalbench.core.models import Model, Price, PriceStep
from evalbench.pricing.cost import cost_usd
from evalbench.pricing.sources import with_price
from evalbench.pricing.surcharges import with_surcharges

USED = Usage(30_000, 2_000, 5_000, 2_000, 0)
PRICE = Price(
    1.0,
    5.0,
    0.1,
    1.25,
    source="list",
    reasoning=6.0,
    steps=(PriceStep(200_000, 2.0, 8.0, 0.2, 2.5, 9.0),),
    batch=Price(0.5, 2.5, source="list, batch"),
)


@dataclass(frozen=True)
class Case:
    """A model as it is configured, and how litellm is told the same."""

    model: str
    provider: str
    params: Mapping[str, JsonValue] = field(default_factory=dict)
    api_base: str | None = None
    served: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)
    times: float = 1.0


CASES = (
    Case("claude-opus-5", "anthropic"),
    Case("claude-opus-5", "anthropic", {"inference_geo": "us"}, served={"inference_geo": "us"}, times=1.1),
    Case("claude-opus-5", "anthropic", {"inference_geo": "global"}, served={"inference_geo": "global"}),
    Case("claude-opus-5", "anthropic", {"speed": "fast"}, served={"speed": "fast"}, times=2.0),
    Case(
        "claude-opus-5",
        "anthropic",
        {"extra_body": {"speed": "fast", "inference_geo": "us"}},
        served={"speed": "fast", "inference_geo": "us"},
        times=2.2,
    ),
    Case(
        "gpt-5.4",
        "openai",
        api_base="https://eu.api.openai.com/v1",
        asked={"data_residency": "eu"},
        times=1.1,
    ),
    Case("gpt-4o", "openai", api_base="https://eu.api.openai.com/v1", asked={"data_residency": "eu"}),
    Case("gpt-5.4", "openai", api_base="https://api.openai.com/v1"),
    Case(
        "gemini-3.5-flash",
        "vertex_ai",
        {"vertex_location": "europe-west4"},
        asked={"vertex_location": "europe-west4"},
        times=1.1,
    ),
    Case(
        "gemini-3.5-flash",
        "vertex_ai",
        {"vertex_location": "global"},
        asked={"vertex_location": "global"},
    ),
)


def own_usd(case: Case, *, is_plain: bool = False) -> float:
    name = f"{case.provider}/{case.model}"
    plain = Model(name, params={"vertex_location": "global"})
    price = with_price(plain if is_plain else Model(name, case.api_base, params=case.params)).price
    cost = None if price is None else cost_usd(USED, None, price, Traffic())
    if cost is None:
        raise AssertionError(case)
    return cost


@pytest.fixture(scope="module")
def others_usd() -> list[float]:
    used = {"input": 30_000, "cache_read": 5_000, "cache_write": 2_000, "output": 2_000, "reasoning": 0}
    lines = "\n".join(
        json.dumps([case.model, case.provider, used, dict(case.served), dict(case.asked)]) for case in CASES
    )
    script = Path(__file__).with_name("litellm_costs.py")
    done = subprocess.run([sys.executable, script], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("number", range(len(CASES)))
def test_place_and_speed_cost_what_litellm_says(number: int, others_usd: list[float]) -> None:
    case = CASES[number]

    assert own_usd(case) == pytest.approx(others_usd[number], rel=1e-6)
    assert own_usd(case) == pytest.approx(own_usd(case, is_plain=True) * case.times)


def test_a_surcharge_is_on_everything_and_named_where_the_price_comes_from() -> None:
    model = Model("anthropic/x", params={"inference_geo": "US"})

    found = with_surcharges(PRICE, model, {"provider_specific_entry": {"us": 1.1}})

    assert found is not None
    assert (found.input, found.output, found.cache_read, found.cache_write, found.reasoning) == (
        1.1,
        5.5,
        0.11,
        1.375,
        6.6,
    )
    assert found.steps == (PriceStep(200_000, 2.2, 8.8, 0.22, 2.75, 9.9),)
    assert found.batch is not None
    assert (found.batch.input, found.batch.output) == (0.55, 2.75)
    assert found.source == "list, served in us: 1.1 times"


def test_a_speed_without_a_listed_price_makes_the_price_unknown() -> None:
    assert with_surcharges(PRICE, Model("anthropic/x", params={"speed": "fast"}), {}) is None


def test_what_the_body_says_of_the_speed_is_what_goes_out() -> None:
    model = Model("anthropic/x", params={"speed": "standard", "extra_body": {"speed": "fast"}})

    found = with_surcharges(PRICE, model, {"provider_specific_entry": {"fast": 2.0}})

    assert found is not None
    assert found.input == 2.0


def test_without_place_or_speed_a_price_stays_what_it_is() -> None:
    entry = {"provider_specific_entry": {"us": 1.1, "fast": 2.0}}

    assert with_surcharges(PRICE, Model("anthropic/x"), entry) == PRICE


def test_a_place_that_is_not_named_is_not_global_at_vertex() -> None:
    found = with_surcharges(PRICE, Model("vertex_ai/x"), {"regional_endpoint_uplift_multiplier": 1.1})

    assert found is not None
    assert found.input == 1.1
    assert "at a place that is not global" in found.source


def test_a_stated_price_is_the_whole_price() -> None:
    model = Model("anthropic/claude-opus-5", price=PRICE, params={"speed": "fast"})

    assert with_price(model).price == PRICE


def test_a_discount_off_peak_is_told_to_be_left_out() -> None:
    price = with_price(Model("deepseek/deepseek-v4-flash")).price

    assert price is not None
    assert price.source.endswith("without its discount off peak")
