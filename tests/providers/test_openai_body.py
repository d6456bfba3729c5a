from __future__ import annotations

import json
from typing import Any

import pytest

from evalbench.core.evalset import Message
from evalbench.core.models import Model
from evalbench.providers.openai_body import Manners, body, first_manners, outline

CLOSED = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}


def fixed(
    params: dict[str, Any] | None = None,
    schema: Any = None,
    tools: Any = None,
    manners: Manners | None = None,
) -> Any:
    return outline("m", params or {}, schema, tools, manners or Manners()).fixed


def test_parameters_go_out_as_they_are_written() -> None:
    assert fixed({"temperature": 0, "odd": [1]}) == {"model": "m", "temperature": 0, "odd": [1]}


def test_extra_fields_are_spread_into_the_body() -> None:
    assert fixed({"extra_body": {"guided_choice": ["a"]}}) == {"model": "m", "guided_choice": ["a"]}


def test_a_stream_asks_for_usage_unless_told_otherwise() -> None:
    assert fixed({"stream": True})["stream_options"] == {"include_usage": True}
    assert fixed({"stream": True, "stream_options": {}})["stream_options"] == {}
    assert "stream_options" not in fixed({"stream": False})


def test_logprobs_bring_the_alternative_that_a_margin_needs() -> None:
    assert fixed({"logprobs": True})["top_logprobs"] == 2
    assert fixed({"logprobs": True, "top_logprobs": 5})["top_logprobs"] == 5
    assert "top_logprobs" not in fixed({"logprobs": False})


def test_a_schema_is_asked_for_strictly_where_it_is_closed() -> None:
    wish = fixed(schema=CLOSED)["response_format"]

    assert wish == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": CLOSED, "strict": True},
    }


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {**CLOSED, "required": []},
        {**CLOSED, "properties": {"a": {"type": "object"}}},
        {"type": "array", "items": {"type": "object"}},
    ],
)
def test_an_open_schema_is_not_asked_for_strictly(schema: dict[str, Any]) -> None:
    assert "strict" not in fixed(schema=schema)["response_format"]["json_schema"]


def test_a_format_that_the_user_chose_stays() -> None:
    chosen = {"type": "json_object"}

    assert fixed({"response_format": chosen}, schema=CLOSED)["response_format"] == chosen


def test_tools_are_passed_on() -> None:
    assert fixed(tools=[{"type": "function"}])["tools"] == [{"type": "function"}]
    assert "tools" not in fixed(tools=None)


def test_a_body_holds_the_messages_in_order() -> None:
    sent = body({"model": "m"}, [Message("system", "Be brief."), Message("user", "Grüße")])

    assert json.loads(sent) == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Grüße"},
        ],
    }


def test_a_huge_number_or_half_a_character_can_be_sent() -> None:
    sent = body({"model": "m", "seed": 1 << 70}, [Message("user", "\ud800")])

    assert json.loads(sent)["seed"] == 1 << 70


@pytest.mark.parametrize("model_id", ["openai/gpt-5-nano", "openai/o3-mini", "openai/o1"])
def test_models_that_reason_get_their_token_limit_under_the_newer_name(model_id: str) -> None:
    manners = first_manners(Model(model_id))

    assert fixed({"max_tokens": 5}, manners=manners) == {"model": "m", "max_completion_tokens": 5}


@pytest.mark.parametrize(
    "model",
    [Model("openai/gpt-4o"), Model("groq/x"), Model("openai/gpt-5", api_base="http://127.0.0.1:1/v1")],
)
def test_other_models_get_it_under_the_name_it_was_given(model: Model) -> None:
    assert first_manners(model) == Manners()


def test_a_refused_parameter_is_left_out_with_what_hangs_on_it() -> None:
    manners = Manners().learned("logprobs")

    assert manners is not None
    made = outline("m", {"logprobs": True, "temperature": 0}, None, None, manners)
    assert made.fixed == {"model": "m", "temperature": 0}
    assert made.notes == {
        "params_left_out": "logprobs, top_logprobs",
        "params_sent": '{"temperature": 0}',
    }


def test_what_was_sent_as_asked_is_not_worth_a_note() -> None:
    learned = Manners().learned("seed")

    assert outline("m", {"temperature": 0}, None, None, learned or Manners()).notes == {}


def test_a_token_limit_is_tried_under_one_other_name() -> None:
    once = Manners().learned("max_tokens")

    assert once == Manners(renamed={"max_tokens": "max_completion_tokens"})
    assert once is not None
    assert once.learned("max_completion_tokens") is None


@pytest.mark.parametrize("name", ["tools", "temprature", "guided_choice"])
def test_what_may_be_a_slip_or_changes_the_task_is_never_left_out(name: str) -> None:
    assert Manners().learned(name) is None


def test_a_renamed_parameter_that_is_refused_again_is_left_out() -> None:
    manners = first_manners(Model("mistral/small")).learned("random_seed")

    assert manners is not None
    assert fixed({"seed": 1}, manners=manners) == {"model": "m"}
