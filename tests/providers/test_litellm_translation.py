"""Both ways of asking must say the same to the provider, and hear the same from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import Message
from tests.providers.litellm_asking import MODELS, ask
from tests.providers.translated_servers import (
    Answer,
    Asked,
    anthropic_answer,
    anthropic_error,
    cohere_answer,
    gemini_answer,
    gemini_error,
    served,
)

SCHEMA = {"type": "object", "properties": {"label": {"type": "string"}}, "required": ["label"]}
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "look_up",
            "description": "Find an order.",
            "parameters": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
        },
    }
]
ANTHROPIC_CALL = {"type": "tool_use", "id": "t1", "name": "look_up", "input": {"id": "007"}}
GEMINI_CALL = {"functionCall": {"name": "look_up", "args": {"id": "007"}}}
ANSWERS = {"anthropic": anthropic_answer(), "gemini": gemini_answer(), "cohere": cohere_answer()}
TOLD_HEADERS = ("x-api-key", "anthropic-version", "anthropic-beta", "x-goog-api-key", "authorization")


def anthropic_tool_answer() -> dict[str, Any]:
    return anthropic_answer("", "tool_use") | {"content": [ANTHROPIC_CALL]}


def gemini_tool_answer() -> dict[str, Any]:
    answer = gemini_answer("")
    answer["candidates"][0]["content"]["parts"] = [GEMINI_CALL]
    return answer


def both(answer: Answer, who: str, **more: Any) -> list[tuple[Completion | Failure, Asked]]:
    """What is heard and was asked: by translation, then by litellm's own call."""
    found = []
    with served(answer) as server:
        for model_id in (MODELS[who], f"litellm/{MODELS[who]}"):
            heard = ask(server.url, model_id, **more)
            if isinstance(heard, Completion):
                heard = replace(heard, latency_s=None)
            found.append((heard, server.asked.pop()))
    return found


@pytest.mark.parametrize("who", MODELS)
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"turns": (Message("user", "one turn"),)},
        {"temperature": 0, "top_p": 0.9, "stop": ["END"]},
        {"tools": TOOLS},
        {"schema": SCHEMA},
        {"temperature": 0, "seed": 7, "frequency_penalty": 0.5, "logprobs": True},
        {"turns": (Message("user", "ünïcode 😀 <b>& \u2028"),)},
    ],
    ids=["shots", "one_turn", "sampling", "tools", "schema", "odd_params", "odd_text"],
)
def test_both_ways_ask_the_same(who: str, more: dict[str, Any]) -> None:
    (_, translated), (_, called) = both(Answer(ANSWERS[who]), who, **more)

    assert translated.path == called.path
    assert translated.body == called.body
    for name in TOLD_HEADERS:
        assert translated.headers.get(name) == called.headers.get(name)


@pytest.mark.parametrize(
    ("who", "answer", "more"),
    [
        ("anthropic", anthropic_answer(), {}),
        ("anthropic", anthropic_answer(cache_read_input_tokens=100, cache_creation_input_tokens=50), {}),
        ("anthropic", anthropic_answer("bil", "max_tokens"), {}),
        ("anthropic", anthropic_answer("", "refusal"), {}),
        ("anthropic", anthropic_answer("", "end_turn"), {}),
        ("anthropic", anthropic_answer('{"label": "bug"}'), {"schema": SCHEMA}),
        ("anthropic", anthropic_tool_answer(), {"tools": TOOLS}),
        ("gemini", gemini_answer(), {}),
        ("gemini", gemini_answer(cachedContentTokenCount=11), {}),
        ("gemini", gemini_answer(thoughtsTokenCount=7, totalTokenCount=31), {}),
        ("gemini", gemini_answer("bil", "MAX_TOKENS"), {}),
        ("gemini", gemini_answer("", "SAFETY"), {}),
        ("gemini", gemini_answer("", "RECITATION"), {}),
        (
            "gemini",
            {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 9}},
            {},
        ),
        ("gemini", gemini_answer('{"label": "bug"}'), {"schema": SCHEMA}),
        ("gemini", gemini_tool_answer(), {"tools": TOOLS}),
        ("cohere", cohere_answer(), {}),
        ("cohere", cohere_answer(), {"schema": SCHEMA, "logprobs": True}),
    ],
)
def test_both_ways_hear_the_same(who: str, answer: dict[str, Any], more: dict[str, Any]) -> None:
    (translated, _), (called, _) = both(Answer(answer), who, **more)

    assert isinstance(translated, Completion)
    assert translated == called


@pytest.mark.parametrize(
    ("who", "answer"),
    [
        ("anthropic", Answer(anthropic_error("rate_limit_error", "slow down"), 429, {"retry-after": "7"})),
        ("anthropic", Answer(anthropic_error("authentication_error", "invalid x-api-key"), 401)),
        ("anthropic", Answer(anthropic_error("permission_error", "not yours"), 403)),
        ("anthropic", Answer(anthropic_error("not_found_error", "model: claude-none"), 404)),
        ("anthropic", Answer(anthropic_error("invalid_request_error", "max_tokens: too large"), 400)),
        (
            "anthropic",
            Answer(anthropic_error("invalid_request_error", "Your credit balance is too low"), 400),
        ),
        ("anthropic", Answer(anthropic_error("invalid_request_error", "prompt is too long: 9 > 8"), 400)),
        ("anthropic", Answer(anthropic_error("api_error", "oops"), 500)),
        ("anthropic", Answer(anthropic_error("api_error", "later"), 503)),
        ("anthropic", Answer(anthropic_error("overloaded_error", "Overloaded"), 529)),
        ("anthropic", Answer(anthropic_error("request_too_large", "too many bytes"), 413)),
        ("anthropic", Answer(raw=b"<html><b>Bad gateway</b></html>", status=502)),
        ("gemini", Answer(gemini_error(429, "RESOURCE_EXHAUSTED", "quota"), 429, {"retry-after": "7"})),
        ("gemini", Answer(gemini_error(400, "INVALID_ARGUMENT", "API key not valid."), 400)),
        ("gemini", Answer(gemini_error(403, "PERMISSION_DENIED", "not yours"), 403)),
        ("gemini", Answer(gemini_error(404, "NOT_FOUND", "models/none is not found"), 404)),
        ("gemini", Answer(gemini_error(400, "INVALID_ARGUMENT", "bad topK"), 400)),
        (
            "gemini",
            Answer(
                gemini_error(
                    400,
                    "INVALID_ARGUMENT",
                    "The input token count (9) exceeds the maximum number of tokens allowed (8).",
                ),
                400,
            ),
        ),
        ("gemini", Answer(gemini_error(500, "INTERNAL", "oops"), 500)),
        ("gemini", Answer(gemini_error(503, "UNAVAILABLE", "The model is overloaded."), 503)),
        ("gemini", Answer(raw=b"<html><b>Bad gateway</b></html>", status=502)),
        ("cohere", Answer({"message": "invalid api token"}, 401)),
        ("cohere", Answer({"message": "slow down"}, 429)),
    ],
)
def test_both_ways_make_the_same_of_an_error(who: str, answer: Answer) -> None:
    (translated, _), (called, _) = both(answer, who)

    assert translated == called


@pytest.mark.parametrize("who", ["anthropic", "gemini"])
@pytest.mark.parametrize(
    "answer",
    [
        Answer(raw=b"<html>oops"),
        Answer(raw=b'{"type":"message","content":[{"ty'),
        Answer(raw=b"[]"),
        Answer(raw=b"{}"),
        Answer(hangs_up=True),
    ],
    ids=["html", "cut", "list", "empty", "reset"],
)
def test_both_ways_try_again_after_a_reply_that_makes_no_sense(who: str, answer: Answer) -> None:
    for heard, _ in both(answer, who):
        assert isinstance(heard, Failure)
        assert heard.kind in {"bad_reply", "connection", "server_error"}
        assert heard.retryable
