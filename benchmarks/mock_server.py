"""A lean OpenAI- and Anthropic-style server on loopback, to measure clients against.

    python benchmarks/mock_server.py [LATENCY_MS] [SEED] [NAME=SHARE ...]

Prints its port, then serves until it is told to end. The answer is the word after the last
`label=` of the request, so that a grader sees at once when an answer went to the wrong item.
The NAME=SHARE pairs make faults: `s429`, `s500`, `reset` and `stall` are shares of requests.
`GET /stats` tells what was asked; `POST /reset` sets it back.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import resource
import socket
import sys
import time

try:
    import uvloop
except ImportError:
    uvloop = None  # the standard loop will do, at twice the cost

_LABEL = re.compile(rb"label=([A-Za-z0-9_-]+)")
_STALL_S = 3600.0


class Server:
    """What the server was told, and what it counted."""

    def __init__(self, latency_s: float, seed: int, faults: dict[str, float]) -> None:
        self.latency_s = latency_s
        self.faults = faults
        self.random = random.Random(seed)
        self.reset()

    def reset(self) -> None:
        """Forget what was counted."""
        self.requests = self.ok = self.in_flight = self.peak = self.connections = 0
        self.input_tokens = self.output_tokens = 0
        self.first_s = self.last_s = 0.0
        self.seen: dict[int, int] = {}

    def stats(self) -> dict[str, float]:
        """The counters; `repeated` counts requests whose body had come before."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "requests": self.requests,
            "ok": self.ok,
            "peak_in_flight": self.peak,
            "connections": self.connections,
            "repeated": self.requests - len(self.seen),
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "window_s": self.last_s - self.first_s + self.latency_s,
            "first_s": self.first_s,
            "cpu_s": used.ru_utime + used.ru_stime,
        }

    def fault(self) -> str | None:
        """The fault of this request, drawn by its share."""
        if not self.faults:
            return None
        drawn = self.random.random()
        for name, share in self.faults.items():
            drawn -= share
            if drawn < 0:
                return name
        return None


class Connection(asyncio.Protocol):
    """One client connection: one request at a time, kept alive."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answer at once, without waiting for more to send."""
        self.transport = transport
        self.server.connections += 1
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        """Collect one whole request."""
        self.buffer += data
        head, mark, rest = self.buffer.partition(b"\r\n\r\n")
        if not mark:
            return
        lowered = head.lower()
        at = lowered.find(b"content-length:")
        length = int(lowered[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(rest) < length:
            return
        self.buffer = rest[length:]
        self.serve(head.split(b" ", 2)[1], rest[:length])

    def serve(self, path: bytes, body: bytes) -> None:
        """Count a request and answer it when its time has come."""
        server = self.server
        if path == b"/stats":
            self.reply(json.dumps(server.stats()).encode())
            return
        if path == b"/reset":
            server.reset()
            self.reply(b"{}")
            return
        now_s = time.monotonic()
        server.requests += 1
        server.first_s = server.first_s or now_s
        server.last_s = now_s
        place = hash(body)
        server.seen[place] = server.seen.get(place, 0) + 1
        server.in_flight += 1
        server.peak = max(server.peak, server.in_flight)
        fault = server.fault()
        delay_s = _STALL_S if fault == "stall" else server.latency_s
        loop = asyncio.get_running_loop()
        if delay_s:
            loop.call_later(delay_s, self.answer, path, body, fault)
        else:
            self.answer(path, body, fault)

    def answer(self, path: bytes, body: bytes, fault: str | None) -> None:
        """Answer, or fail in the way that was drawn."""
        server = self.server
        server.in_flight -= 1
        if self.transport.is_closing():
            return
        if fault == "reset":
            self.transport.abort()
        elif fault == "s429":
            self.reply(
                b'{"error":{"message":"slow down"}}', b"429 Too Many Requests", b"Retry-After: 0.1\r\n"
            )
        elif fault == "s500":
            self.reply(b'{"error":{"message":"broken"}}', b"500 Internal Server Error")
        else:
            server.ok += 1
            found = _LABEL.findall(body)
            used = len(body) // 4
            server.input_tokens += used
            server.output_tokens += 1
            form = _ANTHROPIC if path.endswith(b"/messages") else _OPENAI
            self.reply(form % (found[-1] if found else b"ok", used, 1))

    def reply(self, body: bytes, status: bytes = b"200 OK", extra: bytes = b"") -> None:
        """Send one response."""
        self.transport.write(
            b"HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s"
            % (status, extra, len(body), body)
        )


_OPENAI = (
    b'{"id":"x","object":"chat.completion","created":1700000000,"model":"mock","choices":[{"index":0,'
    b'"message":{"role":"assistant","content":"%s"},"logprobs":null,"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":0,'
    b'"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}}'
)
_ANTHROPIC = (
    b'{"id":"x","type":"message","role":"assistant","model":"mock","content":[{"type":"text","text":"%s"}],'
    b'"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":%d,"output_tokens":%d,'
    b'"cache_creation_input_tokens":0,"cache_read_input_tokens":0}}'
)


async def main() -> None:
    """Serve until the process is ended."""
    latency_ms, seed, *pairs = [*sys.argv[1:], *["50", "1"][len(sys.argv) - 1 :]]
    faults = {name: float(share) for name, share in (pair.split("=") for pair in pairs)}
    server = Server(float(latency_ms) / 1000, int(seed), faults)
    listening = await asyncio.get_running_loop().create_server(
        lambda: Connection(server), "127.0.0.1", 0, backlog=4096
    )
    print(listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if uvloop else None) as runner:
        runner.run(main())
