"""Write the request that an OpenAI-compatible endpoint is sent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import orjson

from evalbench.core.evalset import JsonValue, Message
from evalbench.core.models import Model

_OPTIONAL = frozenset(
    {
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "metadata",
        "min_p",
        "parallel_tool_calls",
        "presence_penalty",
        "reasoning_effort",
        "repetition_penalty",
        "response_format",
        "seed",
        "service_tier",
        "stop",
        "store",
        "stream",
        "stream_options",
        "temperature",
        "top_k",
        "top_logprobs",
        "top_p",
        "user",
        "verbosity",
    }
)
_OTHER_NAME: Mapping[str, str] = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}
_GO_TOGETHER: Mapping[str, tuple[str, ...]] = {
    "logprobs": ("top_logprobs",),
    "stream": ("stream_options",),
}
_REASONS = re.compile(r"openai/(?:o[1-9]\b|gpt-(?:[5-9]|\d\d))")
_MARGIN_ALTERNATIVES = 2


@dataclass(frozen=True, slots=True)
class Manners:
    """What a model's endpoint was found to want: parameters left out, and those renamed."""

    left_out: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict)

    def learned(self, name: str) -> Manners | None:
        """The manners once the endpoint has refused `name`, as it was sent; None where nothing helps.

        A limit of tokens is never left out, since the bill's upper bound rests on it, and
        neither is a name that may just be mistyped.
        """
        asked = next((old for old, new in self.renamed.items() if new == name), name)
        other = _OTHER_NAME.get(asked)
        if other is not None and asked not in self.renamed:
            return replace(self, renamed={**self.renamed, asked: other})
        if asked not in _OPTIONAL:
            return None
        return replace(self, left_out=self.left_out | {asked, *_GO_TOGETHER.get(asked, ())})


def first_manners(model: Model) -> Manners:
    """What is known of a model before its first call."""
    if model.api_base is None and _REASONS.match(model.id):
        return Manners(renamed={"max_tokens": "max_completion_tokens"})
    if model.id.startswith("mistral/"):
        return Manners(renamed={"seed": "random_seed"})
    return Manners()


@dataclass(frozen=True, slots=True)
class Outline:
    """Everything of a request but its messages: the same for every item of a task.

    `notes` is what an answer's record says where parameters were not sent as asked for.
    """

    fixed: Mapping[str, JsonValue]
    notes: Mapping[str, str]


def outline(
    name: str,
    params: Mapping[str, JsonValue],
    schema: Mapping[str, JsonValue] | None,
    tools: JsonValue,
    manners: Manners,
) -> Outline:
    """The part of a request that stays, in the endpoint's manners."""
    wanted = _wanted(params, schema, tools)
    kept = {manners.renamed.get(key, key): wanted[key] for key in wanted if key not in manners.left_out}
    missing = sorted(wanted.keys() & manners.left_out)
    notes = {"params_left_out": ", ".join(missing)} if missing else {}
    if params.keys() & (manners.left_out | manners.renamed.keys()):
        asked = {manners.renamed.get(key, key) for key in params}
        sent = {key: kept[key] for key in sorted(kept) if key in asked}
        notes["params_sent"] = json.dumps(sent, ensure_ascii=False)
    return Outline({"model": name, **kept}, notes)


def _wanted(
    params: Mapping[str, JsonValue], schema: Mapping[str, JsonValue] | None, tools: JsonValue
) -> dict[str, JsonValue]:
    wanted = {key: value for key, value in params.items() if key != "extra_body"}
    if schema is not None:
        wanted.setdefault("response_format", _json_schema(schema))
    if tools:
        wanted.setdefault("tools", tools)
    if wanted.get("stream"):
        wanted.setdefault("stream_options", {"include_usage": True})
    if wanted.get("logprobs") is True:
        wanted.setdefault("top_logprobs", _MARGIN_ALTERNATIVES)
    extra = params.get("extra_body")
    return wanted | dict(extra) if isinstance(extra, Mapping) else wanted


def body(fixed: Mapping[str, JsonValue], messages: Sequence[Message]) -> bytes:
    """The request's body as it is sent."""
    document = {
        **fixed,
        "messages": [{"role": turn.role, "content": turn.content} for turn in messages],
    }
    try:
        return orjson.dumps(document)
    except TypeError:  # numbers beyond 64 bits and half a surrogate pair, which the fast writer refuses
        return json.dumps(document).encode()


def _json_schema(schema: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    wish: dict[str, JsonValue] = {"name": "answer", "schema": schema}
    if _is_strict(schema):
        wish["strict"] = True
    return {"type": "json_schema", "json_schema": wish}


def _is_strict(schema: JsonValue) -> bool:
    # The strict mode accepts only objects that are closed and whose every property is required.
    if isinstance(schema, list):
        return all(_is_strict(part) for part in schema)
    if not isinstance(schema, Mapping):
        return True
    if schema.get("type") == "object" or "properties" in schema:
        required, names = schema.get("required", []), schema.get("properties", {})
        is_closed = schema.get("additionalProperties") is False
        if not is_closed or not isinstance(required, list) or sorted(required) != sorted(names):
            return False
    return all(_is_strict(part) for part in schema.values())
