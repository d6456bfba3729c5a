"""Read an OpenAI-compatible reply, whole or streamed, into a completion."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from evalbench.core.completion import Completion, Failure, Status, Usage
from evalbench.core.evalset import JsonValue
from evalbench.providers.complaints import read_complaint
from evalbench.providers.confidence import confidence_of
from evalbench.providers.http_failures import Caller, Refusal, bad_reply, outcome_of_refusal

_NOTHING: Mapping[str, Any] = {}
_STATUSES: Mapping[str, Status] = {
    "length": Status.TRUNCATED,
    "max_tokens": Status.TRUNCATED,
    "model_length": Status.TRUNCATED,
    "content_filter": Status.REFUSED,
    "refusal": Status.REFUSED,
    "safety": Status.REFUSED,
}
_LONGEST_REASON = 60


def completion_of(body: bytes, caller: Caller) -> Completion | Failure:
    """The answer in the body of a whole reply, or why it cannot be read."""
    document = _parsed(body)
    if not isinstance(document, Mapping):
        return bad_reply(_unreadable(body, caller), _salvaged(body))
    return _completion(document, caller)


@dataclass(slots=True)
class Stream:
    """Puts a streamed reply together, chunk by chunk as it arrives.

    `has_text` turns true with the first piece of the answer itself; reasoning is none.
    """

    has_text: bool = False
    _rest: bytes = b""
    _is_done: bool = False
    _damage: str | None = None
    _top: dict[str, Any] = field(default_factory=dict)
    _message: dict[str, Any] = field(default_factory=dict)
    _pieces: dict[str, list[str]] = field(default_factory=dict)
    _calls: dict[int, dict[str, Any]] = field(default_factory=dict)
    _logprobs: list[Any] = field(default_factory=list)
    _finish_reason: Any = None
    _error: Any = None

    def feed(self, chunk: bytes) -> None:
        """Take in the next bytes; they may end anywhere."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._read_line(line)

    def finished(self, caller: Caller) -> Completion | Failure:
        """The answer, once the connection has said all it had to say."""
        self._read_line(self._rest)
        if self._error is not None:
            failure = _error_outcome({"error": self._error}, caller)
            return replace(failure, may_be_billed=True) if isinstance(failure, Failure) else failure
        document = self._document()
        if self._damage is not None or not (self._is_done or self._finish_reason):
            problem = self._damage or "the stream broke off before the answer was complete"
            return bad_reply(f"{caller.host}: {problem}", _usage_or_none(document))
        return _completion(document, caller)

    def _read_line(self, line: bytes) -> None:
        if not line.startswith(b"data:"):
            return  # a comment that keeps the connection alive, or the name of an event
        data = line[5:].strip()
        if data == b"[DONE]":
            self._is_done = True
            return
        event = _parsed(data)
        if isinstance(event, Mapping):
            self._read_event(event)
        elif data:
            self._damage = "a piece of the stream is no JSON"

    def _read_event(self, event: Mapping[str, Any]) -> None:
        self._error = event.get("error") or self._error
        self._top |= {key: event[key] for key in ("model", "usage", "x_groq") if event.get(key)}
        choice = _first_choice(event)
        self._finish_reason = choice.get("finish_reason") or self._finish_reason
        self._error = choice.get("error") or self._error
        self._logprobs += _list(_mapping(choice.get("logprobs")).get("content"))
        delta = _mapping(choice.get("delta")) or _mapping(choice.get("message"))
        for key in ("content", "reasoning_content", "reasoning", "refusal"):
            piece = _text_of(delta.get(key))
            if piece:
                self._pieces.setdefault(key, []).append(piece)
                self.has_text |= key in ("content", "refusal")
        for call in _list(delta.get("tool_calls")):
            self._read_call(_mapping(call))

    def _read_call(self, piece: Mapping[str, Any]) -> None:
        self.has_text = True
        index = piece.get("index")
        call = self._calls.setdefault(index if isinstance(index, int) else 0, {"name": "", "arguments": ""})
        function = _mapping(piece.get("function"))
        for key in ("name", "arguments"):
            call[key] += function[key] if isinstance(function.get(key), str) else ""

    def _document(self) -> dict[str, Any]:
        message: dict[str, Any] = {key: "".join(pieces) for key, pieces in self._pieces.items()}
        if self._calls:
            message["tool_calls"] = [{"function": self._calls[index]} for index in sorted(self._calls)]
        choice = {
            "message": message,
            "finish_reason": self._finish_reason,
            "logprobs": {"content": self._logprobs},
        }
        return {**self._top, "choices": [choice]}


def tool_calls_text(calls: list[Any]) -> str:
    """Tool calls as the text of an answer: a JSON list of names with their arguments."""
    return json.dumps([_call(_mapping(call)) for call in calls], ensure_ascii=False)


def usage_of(document: Mapping[str, Any]) -> Usage:
    """The tokens of a reply in the four classes; what it does not say is unknown.

    `prompt_tokens` counts cached tokens in, so they are taken out. Where the total shows that
    reasoning comes on top of `completion_tokens`, it is added.
    """
    usage = _mapping(document.get("usage")) or _mapping(_mapping(document.get("x_groq")).get("usage"))
    prompt, output = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    prompt_parts = _mapping(usage.get("prompt_tokens_details"))
    read = _first(
        _count(prompt_parts, "cached_tokens"),
        _count(usage, "prompt_cache_hit_tokens"),
        _count(usage, "cache_read_input_tokens"),
        _count(usage, "cached_tokens"),
    )
    written = _first(
        _count(prompt_parts, "cache_write_tokens"),
        _count(prompt_parts, "cache_creation_tokens"),
        _count(usage, "cache_creation_input_tokens"),
    )
    reasoning = _first(
        _count(_mapping(usage.get("completion_tokens_details")), "reasoning_tokens"),
        _count(usage, "reasoning_tokens"),
    )
    if None not in (prompt, output, reasoning) and _is_on_top(usage, prompt, output, reasoning):
        output = (output or 0) + (reasoning or 0)
    if prompt is not None:
        uncached = prompt - (read or 0) - (written or 0)
        prompt = uncached if uncached >= 0 else prompt
    return Usage(prompt, output, read, written, reasoning)


def _completion(document: Mapping[str, Any], caller: Caller) -> Completion | Failure:
    choice = _first_choice(document)
    error = document.get("error") or choice.get("error")
    if error:
        return _error_outcome({"error": error}, caller)
    message = _mapping(choice.get("message"))
    if not message:
        words = read_complaint(json.dumps(document).encode(), caller.redact).quoted
        return bad_reply(f"{caller.host} sent JSON that holds no answer{words}", _usage_or_none(document))
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
        confidence=confidence.value,
        finish_reason=finish_reason,
        detail=detail,
    )


def _said(message: Mapping[str, Any], reason: Any) -> tuple[str, Status, str | None]:
    finish_reason = str(reason)[:_LONGEST_REASON] if reason else None
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
    return _text_of(message.get("content")), status, finish_reason


def _facts(document: Mapping[str, Any], caller: Caller) -> Iterator[tuple[str, str]]:
    served = document.get("model")
    if isinstance(served, str) and served not in ("", caller.model):
        yield "model", served
    stated = _mapping(document.get("usage")).get("cost")
    if isinstance(stated, int | float) and not isinstance(stated, bool):
        yield "stated_cost_usd", f"{stated:.12g}"


def _only_reasoned(text: str, message: Mapping[str, Any], usage: Usage) -> bool:
    if text.strip():
        return text.lstrip().startswith("<think>") and "</think>" not in text
    return bool(usage.reasoning_tokens or message.get("reasoning_content") or message.get("reasoning"))


def _error_outcome(document: Mapping[str, Any], caller: Caller) -> Completion | Failure:
    code = _mapping(document["error"]).get("code")
    status = code if isinstance(code, int) and 400 <= code <= 599 else 502  # noqa: PLR2004 - HTTP statuses
    return outcome_of_refusal(Refusal(status, {}, json.dumps(document).encode()), caller, datetime.now(UTC))


def _call(call: Mapping[str, Any]) -> dict[str, JsonValue]:
    function = _mapping(call.get("function"))
    arguments = function.get("arguments")
    if isinstance(arguments, str):
        parsed = _parsed(arguments.encode("utf-8", "replace"))
        arguments = arguments if parsed is None else parsed
    return {"name": function.get("name"), "arguments": arguments}


def _text_of(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = (_mapping(part) for part in _list(content))
    return "".join(part["text"] for part in parts if isinstance(part.get("text"), str))


def _first_choice(document: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = _list(document.get("choices"))
    return _mapping(choices[0]) if choices else _NOTHING


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        pass
    try:
        # Reads NaN, huge numbers and half a surrogate pair, which the fast reader refuses.
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None


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
        return _usage_or_none({"usage": usage})
    return None


def _usage_or_none(document: Mapping[str, Any]) -> Usage | None:
    usage = usage_of(document)
    return None if usage == Usage() else usage


def _is_on_top(usage: Mapping[str, Any], *parts: int | None) -> bool:
    total = _count(usage, "total_tokens")
    return bool(parts[-1]) and total == sum(part or 0 for part in parts)


def _count(group: Mapping[str, Any], key: str) -> int | None:
    value = group.get(key)
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53
    return value if is_count else None


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else _NOTHING


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
