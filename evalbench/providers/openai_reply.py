"""Read an OpenAI-compatible reply into a completion."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from evalbench.core.completion import Completion, Failure, Status, Usage
from evalbench.core.evalset import JsonValue
from evalbench.providers.complaints import read_complaint
from evalbench.providers.confidence import confidence_of
from evalbench.providers.http_failures import Caller, Refusal, bad_reply, outcome_of_refusal
from evalbench.providers.loose_json import count, elements, mapping, parsed, written

_STATUSES: Mapping[str, Status] = {
    "length": Status.TRUNCATED,
    "max_tokens": Status.TRUNCATED,
    "model_length": Status.TRUNCATED,
    "content_filter": Status.REFUSED,
    "refusal": Status.REFUSED,
    "safety": Status.REFUSED,
}
_LONGEST_REASON = 60
_ABSURD_USD = 1e6


def completion_of_body(body: bytes, caller: Caller, latency_s: float | None = None) -> Completion | Failure:
    """The answer in the body of a whole reply, or why it cannot be read."""
    document = parsed(body)
    if not isinstance(document, dict):
        return bad_reply(_unreadable(body, caller), _salvaged(body))
    return completion_of(document, caller, latency_s)


def completion_of(
    document: Mapping[str, Any], caller: Caller, latency_s: float | None = None
) -> Completion | Failure:
    """The answer in a reply's document, or what is wrong with it."""
    choice = first_choice(document)
    error = document.get("error") or choice.get("error")
    if error or choice.get("finish_reason") == "error":
        return outcome_of_error(error or "", caller, stated_usage(document), has_begun=bool(choice))
    message = mapping(choice.get("message"))
    if not message:
        words = read_complaint(written(document).encode("utf-8", "replace"), caller.redact).quoted
        return bad_reply(f"{caller.host} sent JSON that holds no answer{words}", stated_usage(document))
    usage = usage_of(document)
    text, status, finish_reason = _said(message, choice.get("finish_reason"))
    confidence = confidence_of(choice.get("logprobs"))
    detail = {**confidence.detail, **dict(_facts(document, caller))}
    if status is Status.TRUNCATED and _only_reasoned(text, message, usage):
        detail["truncated_by"] = "reasoning"
    return Completion(
        text,
        status,
        usage,
        latency_s=latency_s,
        confidence=confidence.value,
        finish_reason=finish_reason,
        detail=detail,
    )


def outcome_of_error(
    error: Any, caller: Caller, usage: Usage | None, *, has_begun: bool
) -> Completion | Failure:
    """What an error within a reply of status 200 means.

    Such a reply may be billed all the same: by its `usage` where it states one, and without anybody
    saying how much where the model `has_begun` to answer.
    """
    code = mapping(error).get("code")
    status = code if isinstance(code, int) and 400 <= code <= 599 else 502  # noqa: PLR2004 - HTTP statuses
    body = written({"error": error}).encode("utf-8", "replace")
    outcome = outcome_of_refusal(Refusal(status, {}, body), caller, datetime.now(UTC))
    if isinstance(outcome, Completion):
        return outcome if usage is None else replace(outcome, usage=usage)
    is_unknown = usage is None and (has_begun or outcome.may_be_billed)
    return replace(outcome, usage=usage, may_be_billed=is_unknown)


def tool_calls_text(calls: list[Any]) -> str:
    """Tool calls as the text of an answer: a JSON list of names with their arguments."""
    return written([_call(mapping(call)) for call in calls])


def usage_of(document: Mapping[str, Any]) -> Usage:
    """The tokens of a reply in the four classes; what it does not say is unknown.

    `prompt_tokens` counts cached tokens in, so they are taken out. Where reasoning comes on top of
    `completion_tokens`, as the total or its own number shows, it is added.
    """
    usage = mapping(document.get("usage")) or mapping(mapping(document.get("x_groq")).get("usage"))
    parts = mapping(usage.get("prompt_tokens_details"))
    output_parts = mapping(usage.get("completion_tokens_details"))
    prompt, output = count(usage, "prompt_tokens"), count(usage, "completion_tokens")
    read = count(parts, "cached_tokens")
    if read is None:
        read = count(usage, "prompt_cache_hit_tokens", "cache_read_input_tokens", "cached_tokens")
    written = count(parts, "cache_write_tokens", "cache_creation_tokens")
    if written is None:
        written = count(usage, "cache_creation_input_tokens")
    reasoning = count(output_parts, "reasoning_tokens")
    if reasoning is None:
        reasoning = count(usage, "reasoning_tokens")
    if reasoning and output is not None:
        is_told_apart = prompt is not None and count(usage, "total_tokens") == prompt + output + reasoning
        output += reasoning if is_told_apart or reasoning > output else 0
    if prompt is not None:
        uncached = prompt - (read or 0) - (written or 0)
        prompt = uncached if uncached >= 0 else prompt
    return Usage(prompt, output, read, written, reasoning)


def stated_usage(document: Mapping[str, Any]) -> Usage | None:
    """The tokens of a reply, or None where it says nothing of them."""
    usage = usage_of(document)
    return None if usage == Usage() else usage


def text_of(content: Any) -> str:
    """The text of a message's content, which may come in parts."""
    if isinstance(content, str):
        return content
    parts = (mapping(part) for part in elements(content))
    return "".join(part["text"] for part in parts if isinstance(part.get("text"), str))


def first_choice(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first choice of a reply, or an empty one."""
    choices = elements(document.get("choices"))
    return mapping(choices[0] if choices else None)


def _said(message: Mapping[str, Any], reason: Any) -> tuple[str, Status, str | None]:
    is_reason = isinstance(reason, str) and 0 < len(reason) <= _LONGEST_REASON
    finish_reason = reason if is_reason else None
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal:
        return refusal, Status.REFUSED, finish_reason or "refusal"
    calls = message.get("tool_calls")
    old_call = message.get("function_call")
    status = _STATUSES.get((finish_reason or "").lower(), Status.OK)
    if isinstance(calls, list) and calls:
        return tool_calls_text(calls), status, finish_reason
    if isinstance(old_call, Mapping):
        return tool_calls_text([{"function": old_call}]), status, finish_reason
    return text_of(message.get("content")), status, finish_reason


def _facts(document: Mapping[str, Any], caller: Caller) -> Iterator[tuple[str, str]]:
    served = document.get("model")
    if isinstance(served, str) and served not in ("", caller.model):
        yield "model", served
    stated = mapping(document.get("usage")).get("cost")
    if isinstance(stated, int | float) and not isinstance(stated, bool) and 0 <= stated < _ABSURD_USD:
        yield "stated_cost_usd", f"{stated:.12g}"


def _only_reasoned(text: str, message: Mapping[str, Any], usage: Usage) -> bool:
    if text.strip():
        return text.lstrip().startswith("<think>") and "</think>" not in text
    return bool(usage.reasoning_tokens or message.get("reasoning_content") or message.get("reasoning"))


def _call(call: Mapping[str, Any]) -> dict[str, JsonValue]:
    function = mapping(call.get("function"))
    arguments = function.get("arguments")
    if isinstance(arguments, str):
        document = parsed(arguments.encode("utf-8", "replace"))
        arguments = arguments if document is None else document
    return {"name": function.get("name"), "arguments": arguments}


def _unreadable(body: bytes, caller: Caller) -> str:
    if not body:
        return f"{caller.host} sent an empty reply"
    try:
        start = body[:2000].decode("utf-8").lstrip().lower()
    except UnicodeDecodeError as error:
        start = body[: error.start].decode("utf-8").lstrip().lower()
    if start.startswith(("<!doctype", "<html")):
        return f"{caller.host} sent a web page instead of an answer"
    return f"{caller.host} sent a reply that is no readable JSON ({len(body):,} bytes)"


def _salvaged(body: bytes) -> Usage | None:
    # The usage of a damaged reply is still what was billed.
    text = body.decode("utf-8", "replace")
    for found in re.finditer(r'"usage"\s*:\s*(?=\{)', text):
        try:
            usage, _ = json.JSONDecoder().raw_decode(text, found.end())
        except (ValueError, RecursionError):
            continue
        return stated_usage({"usage": usage})
    return None
