"""A loopback server that answers as Anthropic, Gemini or Cohere would, and notes what it was asked."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says: a body as JSON or as it is, or events when it streams."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    events: tuple[tuple[str, Any], ...] = ()
    delay_s: float = 0.0
    hangs_up: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass(slots=True)
class TranslatedServer:
    """Gives the same answer to every request until it is told another, or one that depends on it."""

    answer: Answer | Callable[[Asked], Answer] = field(default_factory=Answer)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    was_asked: threading.Event = field(default_factory=threading.Event)

    async def reply(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(request.path, headers, json.loads(content) if content else None)
        self.asked.append(asked)
        self.was_asked.set()
        answer = self.answer if isinstance(self.answer, Answer) else self.answer(asked)
        await asyncio.sleep(answer.delay_s)
        if answer.hangs_up and request.transport is not None:
            request.transport.abort()
        if answer.events:
            return await self._stream(request, answer)
        content = json.dumps(answer.body).encode() if answer.raw is None else answer.raw
        return web.Response(
            body=content, status=answer.status, content_type="application/json", headers=answer.headers
        )

    async def _stream(self, request: web.Request, answer: Answer) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for name, data in answer.events:
            kind = f"event: {name}\n" if name else ""
            await response.write(f"{kind}data: {json.dumps(data)}\n\n".encode())
            await asyncio.sleep(0.01)
        with suppress(ConnectionResetError):  # a client may hang up as soon as it has heard enough
            await response.write_eof()
        return response


@contextmanager
def served(answer: Answer | Callable[[Asked], Answer]) -> Iterator[TranslatedServer]:
    """A server on a free port of this machine, for as long as the block lasts."""
    server = TranslatedServer(answer)
    started, stop = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        application = web.Application(client_max_size=2**26)
        application.router.add_route("*", "/{anything:.*}", server.reply)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        started.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    started.wait()
    try:
        yield server
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join()


def anthropic_answer(text: str = "billing", stop: str = "end_turn", **usage: Any) -> dict[str, Any]:
    """A message as Anthropic's API returns it."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-4-5-20251001",
        "content": [{"type": "text", "text": text}] if text else [],
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {"input_tokens": 21, "output_tokens": 3, **usage},
    }


def anthropic_events(*pieces: str, stop: str = "end_turn", **usage: Any) -> tuple[tuple[str, Any], ...]:
    """The events of a streamed message, one for each piece of text."""
    start = anthropic_answer("", **usage) | {"stop_reason": None}
    deltas = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
        for piece in pieces
    ]
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *deltas,
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": stop, "stop_sequence": None},
            "usage": {"output_tokens": 3},
        },
        {"type": "message_stop"},
    ]
    return tuple((event["type"], event) for event in events)


def anthropic_error(kind: str, message: str) -> dict[str, Any]:
    """An error as Anthropic's API returns it."""
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


def gemini_answer(text: str = "billing", stop: str = "STOP", **usage: Any) -> dict[str, Any]:
    """An answer as Gemini's API returns it."""
    content: dict[str, Any] = {"role": "model"}
    if text:
        content["parts"] = [{"text": text}]
    counts = {"promptTokenCount": 21, "candidatesTokenCount": 3, "totalTokenCount": 24, **usage}
    return {
        "candidates": [{"content": content, "finishReason": stop, "index": 0}],
        "usageMetadata": counts,
        "modelVersion": "gemini-2.5-flash",
        "responseId": "r1",
    }


def gemini_error(status: int, name: str, message: str) -> dict[str, Any]:
    """An error as Gemini's API returns it."""
    return {"error": {"code": status, "message": message, "status": name}}


def cohere_answer(text: str = "billing", stop: str = "COMPLETE", **tokens: Any) -> dict[str, Any]:
    """An answer as Cohere's second chat API returns it."""
    return {
        "id": "c1",
        "finish_reason": stop,
        "message": {"role": "assistant", "content": [{"type": "text", "text": text}]},
        "usage": {
            "billed_units": {"input_tokens": 21, "output_tokens": 3},
            "tokens": {"input_tokens": 21, "output_tokens": 3, **tokens},
        },
    }
