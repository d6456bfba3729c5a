"""Ask a provider behind litellm one question, by either way, as a run would."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import JsonValue, Message, Prompt
from evalbench.core.models import Model
from evalbench.core.plan import Request
from evalbench.providers.litellm_provider import litellm_provider
from evalbench.providers.secrets import Secrets

KEY = "sk-secret-1234567890"
MODELS = {
    "anthropic": "anthropic/claude-haiku-4-5",
    "gemini": "gemini/gemini-2.5-flash",
    "cohere": "cohere/command-a-03-2025",
}
TURNS = (
    Message("system", "Answer with one word."),
    Message("user", "Classify: I was charged twice"),
    Message("assistant", "billing"),
    Message("user", "Classify: the app crashes"),
)


SECRETS = Secrets.of([KEY])


def model(model_id: str, url: str, **params: JsonValue) -> Model:
    return Model(model_id, api_base=url, params={"max_tokens": 16, **params})


def request(
    asked: Model,
    turns: tuple[Message, ...] = TURNS,
    schema: Mapping[str, JsonValue] | None = None,
    tools: JsonValue = None,
) -> Request:
    return Request("demo", "i1", "small", asked, Prompt("x", turns), schema=schema, tools=tools)


def ask(url: str, model_id: str, *, times: int = 1, **more: Any) -> Completion | Failure:
    """What comes back the last of several times from one provider."""
    settings = {name: more.pop(name) for name in ("turns", "schema", "tools") if name in more}
    asked = model(model_id, url, **more)

    async def answers() -> list[Completion | Failure]:
        provider = litellm_provider(asked, KEY, SECRETS)
        await provider.start()
        try:
            return [await provider.complete(request(asked, **settings)) for _ in range(times)]
        finally:
            await provider.close()

    return asyncio.run(answers())[-1]
