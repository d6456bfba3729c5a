"""A model server of our own on this machine: it answers, counts what it bills, and breaks on request."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import ssl
import struct
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

OUTPUT_TOKENS = 3
_LABEL = re.compile(r"label=(\S+)")
_REASONS = {200: "OK", 302: "Found", 400: "Bad Request", 404: "Not Found", 429: "Too Many Requests"}


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it arrived; `headers` has lower-case names."""

    path: str
    headers: Mapping[str, str]
    raw: bytes

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw)
        return found

    @property
    def answer(self) -> str:
        """The word after the last `label=` of what was asked, or `ok`."""
        words = _LABEL.findall(self.raw.decode("utf-8", "replace").replace('"', " "))
        return words[-1].rstrip("\\},]") if words else "ok"


@dataclass(slots=True)
class Exchange:
    """A request and the connection on which it can be answered, well or badly."""

    call: Call
    writer: asyncio.StreamWriter
    bill: Callable[[int], None]

    async def send(
        self,
        status: int,
        body: bytes,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.head(status, content_type, {"Content-Length": str(len(body)), **(headers or {})})
        self.writer.write(body)
        await self.writer.drain()

    def head(self, status: int, content_type: str, headers: Mapping[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Reply')}", f"Content-Type: {content_type}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.writer.write("\r\n".join([*lines, "", ""]).encode())

    async def stream(self, events: AsyncIterator[bytes]) -> None:
        self.head(200, "text/event-stream", {"Transfer-Encoding": "chunked"})
        async for event in events:
            self.writer.write(b"%x\r\n%b\r\n" % (len(event), event))
            await self.writer.drain()
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    def reset(self) -> None:
        """Break the connection off in the rudest way there is."""
        line = self.writer.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Reaction = Callable[[Exchange], Awaitable[None]]
"""Answers one request, or fails to."""


class ModelServer:
    """An OpenAI-compatible server on a port of its own, in a thread of its own.

    Each request gets the next of `reactions`, and a good answer once they are used up.
    """

    def __init__(
        self,
        reactions: Sequence[Reaction] = (),
        *,
        latency_s: float = 0.0,
        always: Reaction | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._tls = tls
        self._reactions = list(reactions)
        self._always = always or answer
        self._latency_s = latency_s
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._connections: set[asyncio.Task[Any]] = set()
        self._server: asyncio.Server | None = None
        self.calls: list[Call] = []
        self.billed_tokens = 0
        self.connections = 0
        self.port = 0

    @property
    def address(self) -> str:
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 24, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        await asyncio.sleep(0.02)  # Whoever has just connected is then among the connections.
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            raise AssertionError("a connection is served by a task")
        self._connections.add(task)
        self.connections += 1
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                while not writer.is_closing():
                    await self._react(Exchange(await _read(reader), writer, self._bill))
        finally:
            self._connections.discard(task)
            # Whoever has gone takes nothing any more, and what waits to be sent would wait for ever.
            is_stuck = task.cancelling() or writer.transport.get_write_buffer_size()
            (writer.transport.abort if is_stuck else writer.close)()

    async def _react(self, exchange: Exchange) -> None:
        self.calls.append(exchange.call)
        reaction = self._reactions.pop(0) if self._reactions else self._always
        if self._latency_s:
            await asyncio.sleep(self._latency_s)
        await reaction(exchange)

    def _bill(self, tokens: int) -> None:
        self.billed_tokens += tokens


async def _read(reader: asyncio.StreamReader) -> Call:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    raw = await reader.readexactly(int(headers.get("content-length", "0")))
    return Call(head[0].split(" ")[1], headers, raw)


def usage(call: Call) -> dict[str, Any]:
    prompt_tokens = 1 + call.raw.count(b" ")
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": OUTPUT_TOKENS,
        "total_tokens": prompt_tokens + OUTPUT_TOKENS,
    }


def reply(text: str, tokens: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """The document of a whole reply; `changes` go into its only choice."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return {"id": "r", "choices": [{**choice, **changes}], **({"usage": dict(tokens)} if tokens else {})}


def event(document: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(document).encode() + b"\n\n"


def pieces(text: str, tokens: Mapping[str, Any] | None = None) -> Iterator[bytes]:
    """The events of a streamed reply."""
    yield event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]})
    for piece in re.findall(r"\S+\s*|\s+", text):
        yield event({"choices": [{"index": 0, "delta": {"content": piece}}]})
    yield event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    if tokens:
        yield event({"choices": [], "usage": dict(tokens)})
    yield b"data: [DONE]\n\n"


async def answer(exchange: Exchange) -> None:
    """A good answer, streamed where that was asked for."""
    tokens = usage(exchange.call)
    exchange.bill(tokens["total_tokens"])
    if b'"stream":true' in exchange.call.raw:

        async def events() -> AsyncIterator[bytes]:
            for piece in pieces(exchange.call.answer, tokens):
                yield piece

        await exchange.stream(events())
    else:
        await exchange.send(200, json.dumps(reply(exchange.call.answer, tokens)).encode())


def refuse(
    status: int, message: str = "no", headers: Mapping[str, str] | None = None, **error: Any
) -> Reaction:
    """An error in the usual shape."""

    async def reaction(exchange: Exchange) -> None:
        document = {"error": {"message": message, **error}}
        await exchange.send(status, json.dumps(document).encode(), headers=headers)

    return reaction


def send(status: int, body: bytes, content_type: str = "application/json", **headers: str) -> Reaction:
    """Any reply at all; `retry_after="1"` becomes the header `retry-after`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def reaction(exchange: Exchange) -> None:
        exchange.bill(usage(exchange.call)["total_tokens"])
        await exchange.send(status, body, content_type, named)

    return reaction


def answer_with(document: Mapping[str, Any]) -> Reaction:
    """A good reply of this content."""
    return send(200, json.dumps(document).encode())


def serving(*models: str, owner: str = "library") -> Reaction:
    """A server that says which models it has, and answers as any of them."""

    async def reaction(exchange: Exchange) -> None:
        if not exchange.call.path.endswith("/models"):
            await answer(exchange)
            return
        listed = [{"id": name, "object": "model", "owned_by": owner} for name in models]
        await exchange.send(200, json.dumps({"object": "list", "data": listed}).encode())

    return reaction


def stream_of(*events: bytes, pause_s: float = 0.0) -> Reaction:
    """These very events, with a pause before each."""

    async def reaction(exchange: Exchange) -> None:
        async def paced() -> AsyncIterator[bytes]:
            for each in events:
                await asyncio.sleep(pause_s)
                yield each

        await exchange.stream(paced())

    return reaction


async def reset_before_answer(exchange: Exchange) -> None:
    exchange.reset()


async def reset_within_answer(exchange: Exchange) -> None:
    exchange.head(200, "application/json", {"Content-Length": "500"})
    exchange.writer.write(b'{"choices": [')
    await exchange.writer.drain()
    await asyncio.sleep(0.05)  # So that the first half has arrived before the connection breaks.
    exchange.reset()


async def close_early(exchange: Exchange) -> None:
    exchange.head(200, "application/json", {"Content-Length": "500"})
    exchange.writer.write(b'{"choices": [')
    exchange.writer.close()


def breaking_after(*events: bytes, content_type: str = "text/event-stream") -> Reaction:
    """These pieces of a chunked reply, and then the end of the connection instead of the last chunk."""

    async def reaction(exchange: Exchange) -> None:
        exchange.head(200, content_type, {"Transfer-Encoding": "chunked"})
        for each in events:
            exchange.writer.write(b"%x\r\n%b\r\n" % (len(each), each))
        await exchange.writer.drain()
        exchange.writer.close()

    return reaction


def lingering_after(*events: bytes, delay_s: float) -> Reaction:
    """These events, and the end of the reply only long after them."""

    async def reaction(exchange: Exchange) -> None:
        async def paced() -> AsyncIterator[bytes]:
            for each in events:
                yield each
            await asyncio.sleep(delay_s)

        await exchange.stream(paced())

    return reaction


def slow_first_byte(delay_s: float) -> Reaction:
    async def reaction(exchange: Exchange) -> None:
        await asyncio.sleep(delay_s)
        await answer(exchange)

    return reaction


def stall_within_stream(delay_s: float) -> Reaction:
    """Half an answer, and then nothing for a long time."""

    async def reaction(exchange: Exchange) -> None:
        async def events() -> AsyncIterator[bytes]:
            yield event({"choices": [{"index": 0, "delta": {"content": "half "}}]})
            await asyncio.sleep(delay_s)

        await exchange.stream(events())

    return reaction


def redirect(address: str) -> Reaction:
    return send(302, b"", "text/plain", location=address)


@dataclass(slots=True)
class EchoesTheKey:
    """Hands the key back everywhere a server can: in the body, in a header, in a URL."""

    status: int
    seen: list[str] = field(default_factory=list)

    async def __call__(self, exchange: Exchange) -> None:
        key = exchange.call.headers.get("authorization", "").removeprefix("Bearer ")
        self.seen.append(key)
        document = {
            "error": {
                "message": f"bad key {key} at https://x.test/?key={key}",
                "code": key,
                "param": key,
                "headers": {"authorization": f"Bearer {key}"},
            }
        }
        headers = {"X-Key": key, "Retry-After": key, "Location": f"http://127.0.0.1:9/?key={key}"}
        await exchange.send(self.status, json.dumps(document).encode(), headers=headers)
