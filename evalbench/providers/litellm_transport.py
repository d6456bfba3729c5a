"""Carry a translated request to its endpoint and the reply back, and to no other host."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from evalbench import __version__
from evalbench.core.completion import Failure
from evalbench.providers.connection_failures import outcome_of_exception
from evalbench.providers.http_failures import Caller, Refusal, bad_reply
from evalbench.providers.proxies import proxy_of

_CONNECT_TIMEOUT_S = 10.0
_HEADERS = {
    "User-Agent": f"evalbench/{__version__}",
    "Accept-Encoding": "identity",  # Answers are short: to unpack them would cost more than it saves.
}


@dataclass(frozen=True, slots=True)
class Received:
    """A successful reply: its bytes, its headers, and the time from sending until it was read."""

    content: bytes
    headers: Mapping[str, str]
    latency_s: float


class Transport:
    """Open connections to one endpoint; must be made where the event loop runs.

    How many calls are under way, and how long they may take, is decided by who makes them.
    Redirects are not followed: the key would go to a host that nobody configured.
    """

    longest_reply_bytes = 32_000_000

    def __init__(self, caller: Caller) -> None:
        import aiohttp

        self._caller = caller
        self._broken = (aiohttp.ClientError, OSError)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            headers=_HEADERS,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_TIMEOUT_S),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._proxy = cache(proxy_of)

    async def post(
        self, url: str, content: bytes, headers: Mapping[str, str]
    ) -> Received | Refusal | Failure:
        """The reply, or what became of the call instead."""
        started = time.perf_counter()
        try:
            async with self._session.post(
                url, data=content, headers=headers, proxy=self._proxy(url), allow_redirects=False
            ) as response:
                received = await self._whole(response)
        except self._broken as error:
            return outcome_of_exception(error, self._caller)
        latency_s = time.perf_counter() - started
        if received is None:
            return bad_reply(f"{self._caller.host} sent more than {self.longest_reply_bytes // 1_000_000} MB")
        if response.status != HTTPStatus.OK:
            told = {name.lower(): value for name, value in response.headers.items()}
            return Refusal(response.status, told, received)
        return Received(received, response.headers, latency_s)

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def _whole(self, response: Any) -> bytes | None:
        chunks, size = [], 0
        async for chunk in response.content.iter_any():
            chunks.append(chunk)
            size += len(chunk)
            if size > self.longest_reply_bytes:
                return None
        return b"".join(chunks)
