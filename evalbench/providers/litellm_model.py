"""What litellm knows of one model, and open connections to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from evalbench.core.completion import Failure, Usage
from evalbench.core.evalset import JsonValue
from evalbench.providers.http_failures import Caller, Refusal, bad_reply
from evalbench.providers.litellm_failures import STUMBLES, outcome_of_error, plain_words
from evalbench.providers.litellm_reply import Heard, heard_at_once
from evalbench.providers.litellm_translation import Parts, Target, Translator, is_translated, translator
from evalbench.providers.litellm_transport import Received, Transport
from evalbench.providers.loose_json import parsed
from evalbench.providers.openai_body import Manners, Outline

_DISTINCT_COSTS = 4096


@dataclass(frozen=True, slots=True)
class Asking:
    """What is sent beside the messages, and how: by `translator`, or by litellm's own call.

    `problem` is what litellm has against it before anything is sent.
    """

    schema: object
    tools: object
    manners: Manners
    outline: Outline
    translator: Translator | None = None
    problem: Failure | Refusal | None = None

    @property
    def params(self) -> dict[str, JsonValue]:
        """The parameters as litellm takes them."""
        return {name: value for name, value in self.outline.fixed.items() if name != "model"}


@dataclass(slots=True)
class Library:
    """litellm, loaded and quiet, with the number of providers that use its connections."""

    litellm: Any
    parts: Callable[[Target], Parts]
    errors: tuple[type[Exception], ...]
    users: int = 0

    @property
    def stumbles(self) -> tuple[type[Exception], ...]:
        """What its translation raises on something of the wrong shape."""
        return (*self.errors, *STUMBLES)

    def place(self, model_id: str, api_base: str | None) -> tuple[str, str] | None:
        """The provider and the name that a model goes by, or None where litellm knows none."""
        try:
            name, provider, _, _ = self.litellm.get_llm_provider(model_id, api_base=api_base)
        except self.errors:
            return None
        return provider, name

    async def let_go(self) -> None:
        """One provider less; the last one closes the connections that all share."""
        self.users -= 1
        if not self.users:
            await self.litellm.close_litellm_async_clients()
            # Closed connections would be found again by who starts next.
            self.litellm.in_memory_llm_clients_cache.flush_cache()
            vars(self.litellm).pop("module_level_aclient", None)


class OpenModel:
    """What a started provider works with: what litellm knows of one model, and connections to it."""

    def __init__(self, shared: Library, target: Target, caller: Caller) -> None:
        self.shared = shared
        self.target = target
        self.caller = caller
        self.transport = Transport(caller)
        self.takes_schema = self._takes_schema()
        self._costs_usd: dict[Usage, float | None] = {}

    def prepared(self, asking: Asking, *, is_forced: bool) -> Asking:
        """The same with what litellm makes of the parameters."""
        params = asking.params
        try:
            mapped = self.shared.litellm.utils.get_optional_params(
                model=self.target.name,
                custom_llm_provider=self.target.provider,
                **{"stream": None, **params},
            )
            if is_forced or not is_translated(self.target, params):
                return asking
            return replace(asking, translator=translator(self.shared.parts(self.target), self.target, mapped))
        except self.shared.stumbles as error:
            return replace(asking, problem=outcome_of_error(error, self.caller))

    async def translated(self, asks: Translator, messages: list[dict[str, Any]]) -> Heard:
        """What comes back of a request that litellm only translates."""
        try:
            content, headers = asks.body(messages)
        except self.shared.stumbles as error:
            return Heard(outcome_of_error(error, self.caller))
        received = await self.transport.post(asks.url, content, headers)
        if not isinstance(received, Received):
            return Heard(received)
        document = parsed(received.content)
        if not isinstance(document, dict):
            return Heard(bad_reply(f"{self.caller.host} sent a reply that is no JSON object"))
        try:
            reply, stop = asks.read(document, received.headers)
        except self.shared.stumbles as error:
            words = plain_words(str(error), self.caller.redact)
            return Heard(bad_reply(f"{self.caller.host} sent a reply that litellm cannot read: {words}"))
        return heard_at_once(reply, self.caller, received.latency_s, stop)

    def cost_usd(self, usage: Usage, used: Any) -> float | None:
        """What litellm thinks a call of this usage costs, to check our own figure against."""
        if used is None or usage == Usage():
            return None
        if usage not in self._costs_usd:
            if len(self._costs_usd) >= _DISTINCT_COSTS:
                self._costs_usd.clear()
            self._costs_usd[usage] = self._new_cost_usd(used)
        return self._costs_usd[usage]

    def _new_cost_usd(self, used: Any) -> float | None:
        try:
            costs = self.shared.litellm.cost_per_token(
                model=self.target.name, custom_llm_provider=self.target.provider, usage_object=used
            )
        except self.shared.stumbles:
            return None
        # An unlisted model may come out as free, and unknown is never 0.
        return float(sum(costs)) or None

    def _takes_schema(self) -> bool:
        litellm, provider, name = self.shared.litellm, self.target.provider, self.target.name
        supported = litellm.get_supported_openai_params(model=name, custom_llm_provider=provider) or ()
        return "response_format" in supported and bool(
            litellm.supports_response_schema(model=name, custom_llm_provider=provider)
        )
