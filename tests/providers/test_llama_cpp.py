"""The direct path against a real llama.cpp server; the weights are random, so only shapes are certain."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from evalbench.core.completion import Completion, Failure, Status
from evalbench.core.evalset import Message, Prompt
from evalbench.core.models import Model
from evalbench.core.plan import Request
from evalbench.providers.live import live_provider

SHAPE = {
    "type": "object",
    "properties": {"sure": {"type": "boolean"}},
    "required": ["sure"],
    "additionalProperties": False,
}


def ask(
    address: str,
    *prompts: str,
    params: Mapping[str, Any] | None = None,
    schema: Mapping[str, Any] | None = None,
) -> list[Completion | Failure]:
    asked_for = {"max_tokens": 8, "temperature": 0, **(params or {})}
    model = Model("hosted_vllm/tiny", api_base=address, params=asked_for)
    requests = [
        Request("t", prompt, "small", model, Prompt(prompt, (Message("user", prompt),)), schema=schema)
        for prompt in prompts
    ]

    async def all_at_once() -> list[Completion | Failure]:
        provider = live_provider(model, {})
        await provider.start()
        try:
            return await asyncio.gather(*map(provider.complete, requests))
        finally:
            await provider.close()

    return asyncio.run(all_at_once())


def answered(found: Completion | Failure) -> Completion:
    assert isinstance(found, Completion), found
    return found


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_comes_with_its_tokens(llama_address: str, *, stream: bool) -> None:
    found = answered(ask(llama_address, "one two three", params={"stream": stream})[0])

    usage = found.usage
    assert found.status is Status.TRUNCATED
    assert usage.output_tokens == 8
    assert (usage.input_tokens or 0) + (usage.cache_read_tokens or 0) > len("one two three")
    assert found.latency_s is not None
    assert (found.first_token_s is not None) is stream


def test_a_repeated_prompt_is_read_from_the_cache(llama_address: str) -> None:
    prompt = "the same thing twice over"

    first, second = (answered(ask(llama_address, prompt)[0]) for _ in range(2))

    assert first.text == second.text
    assert (second.usage.cache_read_tokens or 0) > (second.usage.input_tokens or 0)
    assert (first.usage.input_tokens or 0) + (first.usage.cache_read_tokens or 0) == (
        second.usage.input_tokens or 0
    ) + (second.usage.cache_read_tokens or 0)


@pytest.mark.parametrize("stream", [False, True])
def test_log_probabilities_become_a_confidence(llama_address: str, *, stream: bool) -> None:
    found = answered(ask(llama_address, "how sure?", params={"logprobs": True, "stream": stream})[0])

    assert found.confidence is not None
    assert 0 < found.confidence < 1
    assert float(found.detail["logprob_min"]) <= float(found.detail["logprob_mean"]) < 0
    assert 0 <= float(found.detail["label_margin"]) <= 1


def test_a_schema_shapes_the_answer(llama_address: str) -> None:
    found = answered(ask(llama_address, "sure?", params={"max_tokens": 100}, schema=SHAPE)[0])

    assert found.usage.output_tokens
    assert "params_left_out" not in found.detail
    # A model of random weights may fill the limit with blanks before it is done.
    if found.status is Status.OK:
        assert set(json.loads(found.text)) == {"sure"}
    else:
        assert found.text.lstrip().startswith("{")


@pytest.mark.parametrize("stream", [False, True])
def test_a_prompt_beyond_the_context_is_the_models_failure(llama_address: str, *, stream: bool) -> None:
    found = answered(ask(llama_address, "too long " * 400, params={"stream": stream})[0])

    assert (found.text, found.status) == ("", Status.TRUNCATED)
    assert found.finish_reason == "context_overflow"
    assert "context" in found.detail["explanation"]


def test_three_calls_at_once_are_all_answered(llama_address: str) -> None:
    found = ask(llama_address, "first", "second", "third")

    assert [answered(each).usage.output_tokens for each in found] == [8, 8, 8]
