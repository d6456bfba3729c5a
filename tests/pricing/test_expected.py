from __future__ import annotations

import pytest

from evalbench.core.evalset import TaskKind, Traffic
from evalbench.core.models import Listing, Model, Price
from evalbench.pricing.expected import assumed, call_usd

PRICE = Price(input=1.0, output=10.0)
THINKER = Listing(supports=("reasoning",))


def test_an_assumption_says_that_it_is_one() -> None:
    found = assumed(Model("x/y", price=PRICE), TaskKind.CLASSIFICATION, 400)

    assert found.basis == "assumed: 10 output tokens an answer"
    assert found.input_tokens == 110


def test_text_that_is_rewritten_comes_back_as_long_as_it_was() -> None:
    found = assumed(Model("x/y", price=PRICE), TaskKind.TRANSLATION, 4_000)

    assert found.output_tokens == found.input_tokens == 1_010


def test_no_answer_is_expected_to_be_longer_than_it_may_get() -> None:
    found = assumed(Model("x/y", params={"max_tokens": 5}, price=PRICE), TaskKind.CODE, 400)

    assert (found.output_tokens, found.low_output_tokens) == (5, 5)


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        (Model("openai/thinker", listing=THINKER), 510),
        (Model("openai/thinker", listing=THINKER, params={"reasoning_effort": "minimal"}), 10),
        (Model("anthropic/claude-x", listing=THINKER), 10),
        (Model("anthropic/claude-x", listing=THINKER, params={"thinking": {"type": "enabled"}}), 510),
    ],
)
def test_reasoning_is_expected_of_models_that_reason(model: Model, tokens: int) -> None:
    assert assumed(model, TaskKind.ROUTING, 400).output_tokens == tokens


def test_reasoning_is_said_to_be_a_part_of_the_tokens_assumed() -> None:
    free = assumed(Model("openai/thinker", listing=THINKER), TaskKind.ROUTING, 400)
    cut = assumed(Model("openai/thinker", params={"max_tokens": 16}, listing=THINKER), TaskKind.ROUTING, 400)

    assert free.basis == "assumed: 510 output tokens an answer, 500 of them reasoning"
    assert cut.basis == "assumed: 16 output tokens an answer, the most allowed, reasoning included"


def test_short_answers_cost_less() -> None:
    model = Model("x/y", price=PRICE)
    found = assumed(model, TaskKind.EXTRACTION, 400)

    low, expected = (call_usd(model, found, Traffic(), is_low=is_low) for is_low in (True, False))

    assert low == pytest.approx(0.00011 + 0.00075)
    assert expected == pytest.approx(0.00011 + 0.0015)


def test_an_unknown_price_gives_no_expectation() -> None:
    found = assumed(Model("x/y"), TaskKind.QA, 400)

    assert call_usd(Model("x/y"), found, Traffic(), is_low=False) is None
    assert call_usd(Model("x/y", price=Price(per_hour=1.0)), found, Traffic(), is_low=False) is None
    assert call_usd(Model("x/y", price=Price(per_month=900)), found, Traffic(), is_low=False) == 0.0
