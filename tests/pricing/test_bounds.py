from __future__ import annotations

from typing import Any

import pytest

from evalbench.core.evalset import Message, Prompt
from evalbench.core.models import Listing, Model, Price, PriceStep
from evalbench.core.plan import Request
from evalbench.pricing.bounds import (
    TOKENS_FOR_TOOLS,
    ceiling_usd,
    gap,
    most_input_tokens,
    most_output_tokens,
    prompt_bytes,
)
from evalbench.pricing.sources import with_price

TOKEN_PRICE = Price(input=1.0, output=10.0, cache_read=0.1)


def request(text: str = "some text", **changes: Any) -> Request:
    model = changes.pop("model", Model("x/y"))
    prompt = Prompt(text, (Message("system", "be brief"), Message("user", text)))
    return Request("demo", "i1", "small", model, prompt, **changes)


def most_of(found: Request) -> int:
    return most_input_tokens(found, prompt_bytes(found))


def model(price: Price | None = TOKEN_PRICE, longest: int | None = None, **params: Any) -> Model:
    return Model("x/y", params=params, price=price, listing=Listing(max_output_tokens=longest))


@pytest.mark.parametrize("text", ["plain words", "¿dónde?", "東京都", "\ufdfa", "🙂", "\ud800"])
def test_a_prompt_never_has_more_tokens_than_bytes(text: str) -> None:
    assert most_of(request(text)) > len(text.encode("utf-8", "surrogatepass"))


def test_a_character_that_a_tokenizer_spells_out_counts_as_what_it_becomes() -> None:
    spelled_out = 33

    assert prompt_bytes(request("\ufdfa")) - prompt_bytes(request("")) == spelled_out


def test_schema_tools_and_parameters_are_sent_along_and_counted() -> None:
    plain, schema = request(), request(schema={"type": "object", "title": "x" * 500})
    tools = request(model=Model("x/y", params={"tools": [{"name": "y" * 500}]}))

    assert most_of(schema) > most_of(plain) + 500 + TOKENS_FOR_TOOLS
    assert most_of(tools) > most_of(plain) + 500 + TOKENS_FOR_TOOLS


def test_the_longest_answer_is_what_is_sent_and_otherwise_what_is_listed() -> None:
    assert most_output_tokens(model(longest=64_000, max_tokens=512)) == 512
    assert most_output_tokens(model(longest=64_000)) == 64_000
    assert most_output_tokens(model()) is None


def test_of_two_limits_the_larger_counts() -> None:
    assert most_output_tokens(model(max_tokens=512, max_completion_tokens=2_000)) == 2_000


def test_several_answers_to_one_prompt_count_together() -> None:
    assert most_output_tokens(model(max_tokens=100, n=3)) == 300


def test_what_the_extra_body_says_is_what_is_sent_and_counts() -> None:
    assert most_output_tokens(model(max_tokens=8, extra_body={"max_tokens": 4_000})) == 4_000
    assert most_output_tokens(model(max_tokens=8, extra_body={"n": 400})) == 3_200
    assert most_output_tokens(model(max_tokens=8, extra_body={"n": "many"})) is None


def test_a_limit_by_a_name_that_endpoints_ignore_is_none() -> None:
    assert most_output_tokens(model(max_output_tokens=8)) is None
    assert most_output_tokens(model(max_output_tokens=8, longest=64_000)) == 64_000


def test_a_call_is_bounded_by_its_prompt_and_its_longest_answer() -> None:
    bound = ceiling_usd(model(max_tokens=1_000), 2_000, 60.0)

    assert bound == pytest.approx(0.002 + 0.01)


def test_the_dearest_class_that_could_apply_is_taken() -> None:
    written = Price(input=1.0, output=10.0, cache_write=1.25)
    stepped = Price(input=1.0, output=10.0, steps=(PriceStep(200_000, 2.0, 15.0),))

    assert ceiling_usd(model(written, max_tokens=1), 1_000_000, 60.0) == pytest.approx(1.25001)
    assert ceiling_usd(model(stepped, max_tokens=1), 200_000, 60.0) == pytest.approx(0.20001)
    assert ceiling_usd(model(stepped, max_tokens=1), 200_001, 60.0) == pytest.approx(0.400017)


def test_an_hourly_price_bounds_a_call_by_its_deadline() -> None:
    assert ceiling_usd(model(Price(per_hour=3.6)), 100, 60.0) == pytest.approx(0.06)


def test_a_machine_that_is_paid_anyway_costs_nothing_more() -> None:
    assert ceiling_usd(model(Price(per_month=1_800)), 100, 60.0) == 0.0


def test_what_is_missing_for_a_bound_is_named() -> None:
    assert gap(model(None)) == "price"
    assert gap(model()) == "output limit"
    assert gap(model(max_tokens=5)) is None
    assert ceiling_usd(model(None), 10, 60.0) is ceiling_usd(model(), 10, 60.0) is None


@pytest.mark.parametrize("name", ["openai/gpt-5-nano", "anthropic/claude-haiku-4-5", "gemini/gemini-2.5-pro"])
def test_well_known_models_are_bounded_without_any_setting(name: str) -> None:
    assert ceiling_usd(with_price(Model(name)), 1_000, 60.0) is not None
