"""Take down what litellm makes of a reply, without what it makes up."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson

from evalbench.core.completion import Completion, Failure
from evalbench.providers.http_failures import Caller, Refusal
from evalbench.providers.openai_reply import completion_of
from evalbench.providers.openai_stream import Stream


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of one call; `usage` is litellm's own object, where it was used."""

    outcome: Completion | Failure | Refusal
    usage: Any = None
    latency_s: float | None = None
    first_token_s: float | None = None


def heard_at_once(reply: Any, caller: Caller, latency_s: float, finish_reason: str | None = None) -> Heard:
    """A reply that came as one piece; `finish_reason` is the provider's where litellm loses it."""
    document = reply.model_dump()
    _forget_what_is_made_up(document)
    if finish_reason is not None and document["choices"]:
        document["choices"][0]["finish_reason"] = finish_reason
    return Heard(completion_of(document, caller), getattr(reply, "usage", None), latency_s)


async def heard_in_pieces(reply: Any, caller: Caller, started: float) -> Heard:
    """A reply that is streamed, with the time from `started` to its first piece of text.

    litellm makes up a reason to finish, and counts tokens itself, when a stream does not say.
    """
    overheard = _Overheard()
    if reply.completion_stream is None:
        await reply.fetch_stream()
    if hasattr(reply.completion_stream, "__anext__"):
        reply.completion_stream = overheard.pass_on(reply.completion_stream)
    stream, first_token_s, finish_reason, usage = Stream(), None, None, None
    async for piece in reply:
        document = piece.model_dump()
        usage = getattr(piece, "usage", None) or usage
        for choice in document["choices"]:
            finish_reason = choice.pop("finish_reason", None) or finish_reason
        document.pop("usage", None)
        _feed(stream, document)
        if first_token_s is None and stream.has_text:
            first_token_s = time.perf_counter() - started
    last: dict[str, Any] = {}
    if overheard.has_finished or not overheard.understands:
        last["choices"] = [{"finish_reason": finish_reason}]
    if usage is not None and (overheard.has_usage or not overheard.understands):
        last["usage"] = usage.model_dump()
        _forget_what_is_made_up(last)
    _feed(stream, last)
    return Heard(stream.finished(caller), usage, time.perf_counter() - started, first_token_s)


class _Overheard:
    """What the provider itself said in a stream, before litellm completes it."""

    def __init__(self) -> None:
        self.understands = False
        self.has_finished = False
        self.has_usage = False

    async def pass_on(self, pieces: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for piece in pieces:
            self._note(piece)
            yield piece

    def _note(self, piece: Any) -> None:
        if isinstance(piece, dict):
            self.understands |= "finish_reason" in piece
            self.has_finished |= bool(piece.get("finish_reason"))
            self.has_usage |= bool(piece.get("usage"))
        elif hasattr(piece, "choices"):
            self.understands = True
            self.has_finished |= any(choice.finish_reason for choice in piece.choices)
            self.has_usage |= bool(getattr(piece, "usage", None))


def _feed(stream: Stream, document: dict[str, Any]) -> None:
    stream.feed(b"data: " + orjson.dumps(document, default=str) + b"\n")


def _forget_what_is_made_up(document: dict[str, Any]) -> None:
    usage = document.get("usage") or {}
    usage.pop("cost", None)  # its own reckoning, which a reader would take for the provider's
    # Where nothing is known it writes 0, but no call is made of no tokens at all.
    if not (usage.get("prompt_tokens") or usage.get("completion_tokens")):
        document.pop("usage", None)
