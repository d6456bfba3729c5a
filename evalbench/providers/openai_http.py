"""Call OpenAI-compatible endpoints directly: OpenAI, vLLM, llama.cpp, Ollama, LM Studio, gateways."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from evalbench import __version__
from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import JsonValue
from evalbench.core.models import Model
from evalbench.core.plan import Request
from evalbench.providers.connection_failures import outcome_of_exception
from evalbench.providers.endpoints import Endpoint
from evalbench.providers.http_failures import (
    Caller,
    Refusal,
    bad_reply,
    outcome_of_refusal,
    refused_parameter,
)
from evalbench.providers.openai_body import Manners, Outline, body, first_manners, outline
from evalbench.providers.openai_reply import completion_of_body
from evalbench.providers.openai_stream import BOM, Stream
from evalbench.providers.proxies import proxy_of
from evalbench.providers.secrets import Secrets

CONNECT_TIMEOUT_S = 10.0
DEFAULT_CONCURRENCY = 64
_GOOD = range(200, 300)
_STREAMS = (b"data:", b"event:", BOM + b"data:", BOM + b"event:")


@dataclass(slots=True)
class _Sketch:
    schema: object
    tools: object
    manners: Manners
    outline: Outline


@dataclass(frozen=True, slots=True)
class _Answered:
    outcome: Completion | Failure | Refusal
    latency_s: float
    first_token_s: float | None = None


class OpenAIProvider:
    """One model at one OpenAI-compatible endpoint.

    What the endpoint is found not to take is left out, or renamed, from then on; an answer's
    detail says so. Redirects are never followed, so a key goes nowhere but to its endpoint.
    """

    version = "openai_http/1"
    replays = False
    longest_reply_bytes = 32_000_000
    linger_s = 0.1

    def __init__(
        self,
        model: Model,
        endpoint: Endpoint,
        key: str | None,
        secrets: Secrets,
        concurrency: int | None = None,
    ) -> None:
        self.concurrency = concurrency or DEFAULT_CONCURRENCY
        self._params = model.params
        self._name = endpoint.model
        self._url = endpoint.url
        self._proxy = proxy_of(self._url)
        self._headers = {
            "Content-Type": "application/json",
            "User-Agent": f"evalbench/{__version__}",
            "Accept-Encoding": "identity",  # Answers are short: to unpack them would cost more than it saves.
        }
        if key is not None:
            self._headers["Authorization"] = f"Bearer {key}"
        shown_url = self._url.partition("?")[0]
        self._caller = Caller(shown_url, endpoint.model, endpoint.key_env if key else None, secrets.redact)
        self._manners = first_manners(model)
        self._sketch: _Sketch | None = None
        self._session: Any = None
        self._target: Any = None
        self._broken: tuple[type[Exception], ...] = (OSError,)

    def identity(self, request: Request) -> Mapping[str, JsonValue]:
        """Nothing beyond model, prompt and parameters."""
        del request
        return {}

    async def start(self) -> None:
        """Open the session; connections follow with the calls."""
        import aiohttp
        import yarl

        self._target = yarl.URL(self._url)
        self._broken = (aiohttp.ClientError, OSError)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            headers=self._headers,
            # Whoever waits for the answer sets the deadline.
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def complete(self, request: Request) -> Completion | Failure:
        """One attempt, repeated at once where the endpoint does not take a parameter.

        That ends, since each finding leaves one parameter less to be refused.
        """
        while True:
            manners, sketch = self._manners, self._outline(request)
            answered = await self._send(body(sketch.fixed, request.prompt.messages))
            outcome = answered.outcome
            if not isinstance(outcome, Refusal):
                return self._told(outcome, answered, sketch)
            refused = refused_parameter(outcome, self._caller, sketch.fixed)
            learned = self._learned(refused, manners)
            if learned is None:
                judged = outcome_of_refusal(outcome, self._caller, datetime.now(UTC))
                if refused is not None and isinstance(judged, Failure):
                    judged = replace(judged, concerns_all=True)  # Every item is sent these parameters.
                return self._told(judged, answered, sketch)
            self._manners = learned

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _outline(self, request: Request) -> Outline:
        kept = self._sketch
        if (
            kept is None
            or kept.schema is not request.schema
            or kept.tools is not request.tools
            or kept.manners is not self._manners
        ):
            made = outline(self._name, self._params, request.schema, request.tools, self._manners)
            kept = self._sketch = _Sketch(request.schema, request.tools, self._manners, made)
        return kept.outline

    def _learned(self, refused: str | None, manners: Manners) -> Manners | None:
        if refused is None:
            return None
        # Another call may have found the same meanwhile.
        return self._manners if self._manners is not manners else manners.learned(refused)

    async def _send(self, content: bytes) -> _Answered:
        started = time.perf_counter()
        try:
            async with self._session.post(
                self._target, data=content, proxy=self._proxy, allow_redirects=False
            ) as response:
                return await self._receive(response, started)
        except self._broken as error:
            outcome = outcome_of_exception(error, self._caller)
            return _Answered(outcome, time.perf_counter() - started)

    async def _receive(self, response: Any, started: float) -> _Answered:
        is_good = response.status in _GOOD
        if is_good and _is_stream(response):
            return await self._receive_stream(response, started)
        chunks: list[bytes] = []
        try:
            is_whole = await _gather(response, chunks, self.longest_reply_bytes)
        except self._broken:
            latency_s = time.perf_counter() - started
            found = self._read(b"".join(chunks), latency_s) if is_good else None
            if not isinstance(found, Completion):
                raise
            return _Answered(found, latency_s)  # It broke off behind an answer that is whole.
        latency_s = time.perf_counter() - started
        if not is_whole:
            return _Answered(self._too_long(), latency_s)
        content = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        if is_good:
            return _Answered(self._read(content, latency_s), latency_s)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return _Answered(Refusal(response.status, headers, content), latency_s)

    async def _receive_stream(self, response: Any, started: float) -> _Answered:
        stream, size, first_token_s = Stream(), 0, None
        try:
            async for chunk in response.content.iter_any():
                stream.feed(chunk)
                size += len(chunk)
                if first_token_s is None and stream.has_text:
                    first_token_s = time.perf_counter() - started
                if size > self.longest_reply_bytes:
                    return _Answered(self._too_long(), time.perf_counter() - started)
                if stream.is_done:
                    break
        except self._broken:
            if not stream.is_complete:
                raise
        latency_s = time.perf_counter() - started
        if not response.content.at_eof():
            await self._see_off(response)
        return _Answered(stream.finished(self._caller), latency_s, first_token_s)

    async def _see_off(self, response: Any) -> None:
        """Give a server that has said all a moment to end its reply: the next call can then go the same way.

        A connection on which the reply has not ended is closed by whoever lets go of it.
        """
        with suppress(TimeoutError, *self._broken):
            async with asyncio.timeout(self.linger_s):
                while await response.content.readany():
                    pass

    def _read(self, content: bytes, latency_s: float) -> Completion | Failure:
        if not content.startswith(_STREAMS):
            return completion_of_body(content, self._caller, latency_s)
        stream = Stream()  # under a wrong name
        stream.feed(content)
        return stream.finished(self._caller)

    def _too_long(self) -> Failure:
        return bad_reply(f"{self._caller.host} sent more than {self.longest_reply_bytes // 1_000_000} MB")

    def _told(
        self, outcome: Completion | Failure, answered: _Answered, sketch: Outline
    ) -> Completion | Failure:
        if isinstance(outcome, Completion) and (outcome.latency_s is None or sketch.notes):
            outcome = replace(
                outcome,
                latency_s=answered.latency_s,
                first_token_s=answered.first_token_s,
                detail={**outcome.detail, **sketch.notes},
            )
        return self._caller.clean(outcome)


def _is_stream(response: Any) -> bool:
    # Not by `content_type`, which reads the whole header anew for every answer.
    return str(response.headers.get("Content-Type", "")).lower().startswith("text/event-stream")


async def _gather(response: Any, chunks: list[bytes], longest_bytes: int) -> bool:
    """Add a reply's body to `chunks` as it comes; False where it is too long to be an answer."""
    length = response.content_length
    if length is not None and length <= longest_bytes and "Content-Encoding" not in response.headers:
        chunks.append(await response.read())
        return True
    size = 0
    async for chunk in response.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > longest_bytes:
            return False
    return True
