"""Ask in a provider's own form through litellm's translation, without litellm's way of calling.

litellm knows how each provider wants to be asked and what its replies mean, but its own call costs
ten times the processor time of the translation. The objects of litellm are handed over.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import orjson

from evalbench.core.evalset import JsonValue

_PLAIN_PARAMS = frozenset({
    "frequency_penalty", "max_completion_tokens", "max_tokens", "parallel_tool_calls", "presence_penalty",
    "reasoning_effort", "response_format", "seed", "stop", "temperature", "thinking", "tool_choice", "tools",
    "top_k", "top_p",
})  # fmt: skip
"""Parameters that change the body alone; with any other, litellm makes the call itself."""

_TRANSLATED = frozenset({"anthropic", "cohere_chat", "gemini"})
_DEFAULT_BASE = {
    "anthropic": "https://api.anthropic.com",
    "cohere_chat": "https://api.cohere.com/v2/chat",
}

_STOPS = {
    "model_context_window_exceeded": "length",
    "MAX_TOKENS": "length",
    "ERROR_TOXIC": "content_filter",
    "TIMEOUT": "length",
}
"""Reasons to stop that litellm takes for an ordinary end."""


class Translator(Protocol):
    """How one provider is asked; made once for each set of parameters."""

    @property
    def url(self) -> str:
        """Where requests go."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """What goes with every request, the key included."""
        ...

    def body(self, messages: list[dict[str, Any]]) -> tuple[bytes, Mapping[str, str]]:
        """The request, and the headers that belong to it."""
        ...

    def read(self, reply: Any, headers: Mapping[str, str]) -> tuple[Any, str | None]:
        """A reply as litellm's object, and why it ended where litellm would lose that."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """The pieces of litellm that a translation is made of."""

    config: Any
    new_reply: Callable[[], Any]
    gemini_body: Callable[..., Any]
    gemini_url: Callable[..., tuple[str, str]]
    filtered_betas: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Target:
    """Which model is asked, where, and with which key."""

    provider: str
    name: str
    api_base: str | None
    key: str | None


def is_translated(target: Target, params: Iterable[str]) -> bool:
    """Whether a model can be asked with these parameters without litellm's own call."""
    is_older_cohere = target.provider == "cohere_chat" and "v1/" in target.name
    return target.provider in _TRANSLATED and not is_older_cohere and _PLAIN_PARAMS.issuperset(params)


def usual_base(provider: str, api_base: str | None) -> str | None:
    """The address in the form in which litellm wants it, so that a plain host is enough.

    The public address is spelled out: litellm would take another one from the environment.
    """
    base = (api_base or _DEFAULT_BASE.get(provider, "")).rstrip("/")
    if provider == "anthropic":
        return base.removesuffix("/v1/messages").removesuffix("/v1")
    if provider == "gemini" and base:
        return base if urlsplit(base).path else f"{base}/v1beta"
    if provider == "cohere_chat":
        return base if urlsplit(base).path else f"{base}/v2/chat"
    return api_base


def translator(parts: Parts, target: Target, optional: Mapping[str, Any]) -> Translator:
    """How to ask `target` with the parameters in the provider's own terms."""
    if target.provider == "gemini":
        return _Gemini(parts, target, optional)
    return _Configured(parts, target, optional)


class _Configured:
    """A provider whose translation is all in its litellm config: Anthropic, Cohere."""

    def __init__(self, parts: Parts, target: Target, optional: Mapping[str, Any]) -> None:
        self._parts = parts
        self._name = target.name.replace("v2/", "") if target.provider == "cohere_chat" else target.name
        self._provider = target.provider
        self._optional = dict(optional)
        self._is_json = bool(self._optional.pop("json_mode", False))
        base = usual_base(target.provider, target.api_base)
        self.url = f"{base}/v1/messages" if target.provider == "anthropic" else base or ""
        # Messages of text alone add no header, so the headers are the same for every item.
        self.headers: Mapping[str, str] = parts.config.validate_environment(
            api_key=target.key,
            headers={},
            model=self._name,
            messages=[],
            optional_params=copy.deepcopy(self._optional),
            litellm_params={},
            api_base=self.url,
        )

    def body(self, messages: list[dict[str, Any]]) -> tuple[bytes, Mapping[str, str]]:
        headers = dict(self.headers)
        data = self._parts.config.transform_request(
            model=self._name,
            messages=messages,
            optional_params=copy.deepcopy(self._optional),
            litellm_params={},
            headers=headers,
        )
        if self._provider == "anthropic":
            self._parts.filtered_betas(headers=headers, request_data=data, provider=self._provider)
        return json_bytes(data), headers

    def read(self, reply: Any, headers: Mapping[str, str]) -> tuple[Any, str | None]:
        reply.setdefault("usage", {})
        stop = _STOPS.get(reply.get("stop_reason") or reply.get("finish_reason") or "")
        found = self._parts.config.transform_response(
            model=self._name,
            raw_response=_Received(reply, headers),
            model_response=self._parts.new_reply(),
            logging_obj=_Silence(),
            request_data={},
            messages=[],
            optional_params=self._optional,
            litellm_params={},
            encoding=None,
            json_mode=self._is_json,
        )
        return found, stop


class _Gemini:
    """Gemini by its public API, whose request litellm builds outside its config."""

    def __init__(self, parts: Parts, target: Target, optional: Mapping[str, Any]) -> None:
        self._parts = parts
        self._name = target.name
        self._optional = dict(optional)
        base = usual_base("gemini", target.api_base)
        url, verb = parts.gemini_url(mode="chat", model=target.name, stream=False)
        self.url = f"{base}/models/{target.name}:{verb}" if base else url
        self.headers: Mapping[str, str] = {
            "Content-Type": "application/json",
            "x-goog-api-key": target.key or "",
        }

    def body(self, messages: list[dict[str, Any]]) -> tuple[bytes, Mapping[str, str]]:
        data = self._parts.gemini_body(
            messages=messages,
            model=self._name,
            optional_params=copy.deepcopy(self._optional),
            custom_llm_provider="gemini",
            litellm_params={},
            cached_content=None,
        )
        return json_bytes(data), self.headers

    def read(self, reply: Any, headers: Mapping[str, str]) -> tuple[Any, str | None]:
        if not reply.get("candidates") and "promptFeedback" not in reply:
            raise ValueError("it holds neither an answer nor a reason for none")
        reply.setdefault("usageMetadata", {})
        found = self._parts.config.transform_response(
            model=self._name,
            raw_response=_Received(reply, headers),
            model_response=self._parts.new_reply(),
            logging_obj=_Silence(),
            request_data={},
            messages=[],
            optional_params=self._optional,
            litellm_params={},
            encoding=None,
        )
        return found, None


@dataclass(frozen=True, slots=True)
class _Received:
    """As much of an HTTP response as litellm reads, already parsed."""

    body: Any
    headers: Mapping[str, str]
    status_code: int = 200
    text: str = ""

    def json(self) -> Any:
        return self.body


class _Silence:
    """What litellm would log to."""

    optional_params: Mapping[str, Any] = {}
    model_call_details: Mapping[str, Any] = {}

    def post_call(self, **_: Any) -> None:
        """Keep nothing."""


def json_bytes(data: JsonValue) -> bytes:
    """JSON as fast as can be, and whatever the fast writer refuses all the same."""
    try:
        return orjson.dumps(data)
    except TypeError:  # a whole number beyond 64 bits or half a character, which the fast writer refuses
        return json.dumps(data).encode()
