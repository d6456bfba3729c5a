"""Put a streamed reply together while it arrives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from evalbench.core.completion import Completion, Failure
from evalbench.providers.http_failures import Caller, bad_reply
from evalbench.providers.loose_json import elements, mapping, parsed
from evalbench.providers.openai_reply import (
    completion_of,
    first_choice,
    outcome_of_error,
    stated_usage,
    text_of,
)

BOM = b"\xef\xbb\xbf"
"""The byte order mark that some servers begin with."""


@dataclass(slots=True)
class Stream:
    """Puts a streamed reply together, chunk by chunk as it arrives.

    `has_text` turns true with the first piece of the answer itself; reasoning is none. `is_done`
    turns true once the server has said that nothing more follows.
    """

    has_text: bool = False
    is_done: bool = False
    _rest: bytes = b""
    _event: bytes = b""
    _has_begun: bool = False
    _damage: str | None = None
    _top: dict[str, Any] = field(default_factory=dict)
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

    @property
    def is_complete(self) -> bool:
        """Whether the whole answer has arrived, though perhaps not yet its usage."""
        return self.is_done or bool(self._finish_reason)

    def finished(self, caller: Caller) -> Completion | Failure:
        """The answer, once the connection has said all it had to say, or has broken."""
        damage = self._damage
        self._read_line(self._rest)
        # What was cut off behind the whole answer does not make it any less whole.
        damage = damage if self.is_complete else self._damage
        document = self._document()
        usage = stated_usage(document)
        if self._error is not None:
            return outcome_of_error(self._error, caller, usage, has_begun=True)
        if damage is not None or not self.is_complete:
            problem = damage or "the stream broke off before the answer was complete"
            return bad_reply(f"{caller.host}: {problem}", usage)
        if not self._has_begun:
            return bad_reply(f"{caller.host}: the stream ended without an answer", usage)
        return completion_of(document, caller)

    def _read_line(self, line: bytes) -> None:
        if not line.startswith(b"data:"):
            self._read_other(line)
            return
        data = line[5:].strip()
        if data == b"[DONE]":
            self.is_done = True
            return
        event = parsed(data)
        if self._event == b"error":
            self._error = mapping(event).get("error") or event or data.decode("utf-8", "replace")
        elif isinstance(event, dict):
            self._read_event(event)
        elif data:
            self._damage = "a piece of the stream is no JSON"

    def _read_other(self, line: bytes) -> None:
        if line.startswith(BOM):
            self._read_line(line[len(BOM) :])
        elif line.startswith(b"event:"):
            self._event = line[6:].strip()
        elif not line.strip():
            self._event = b""

    def _read_event(self, event: Mapping[str, Any]) -> None:
        self._error = event.get("error") or self._error
        if "choices" not in event and "error" in (event.get("object"), event.get("type")):
            self._error = self._error or event
        self._top |= {key: event[key] for key in ("model", "usage", "x_groq") if event.get(key)}
        choice = first_choice(event)
        self._finish_reason = choice.get("finish_reason") or self._finish_reason
        self._error = choice.get("error") or self._error
        self._logprobs += elements(mapping(choice.get("logprobs")).get("content"))
        delta = mapping(choice.get("delta")) or mapping(choice.get("message"))
        self._has_begun = self._has_begun or bool(delta or self._finish_reason)
        for key in ("content", "reasoning_content", "reasoning", "refusal"):
            piece = text_of(delta.get(key))
            if piece:
                self._pieces.setdefault(key, []).append(piece)
                self.has_text |= key in ("content", "refusal")
        for call in elements(delta.get("tool_calls")):
            self._read_call(mapping(call))

    def _read_call(self, piece: Mapping[str, Any]) -> None:
        self.has_text = True
        index = piece.get("index")
        call = self._calls.setdefault(index if isinstance(index, int) else 0, {"name": "", "arguments": ""})
        function = mapping(piece.get("function"))
        for key in ("name", "arguments"):
            call[key] += function[key] if isinstance(function.get(key), str) else ""

    def _document(self) -> dict[str, Any]:
        said = {key: "".join(pieces) for key, pieces in self._pieces.items()}
        message: dict[str, Any] = {"content": "", **said}
        if self._calls:
            message["tool_calls"] = [{"function": self._calls[index]} for index in sorted(self._calls)]
        choice = {
            "message": message,
            "finish_reason": self._finish_reason,
            "logprobs": {"content": self._logprobs},
        }
        return {**self._top, "choices": [choice]}
