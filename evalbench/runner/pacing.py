"""Let the calls to one endpoint leave one after another, within its requests and tokens a minute."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from evalbench.core.completion import Completion, Failure
from evalbench.core.plan import Request
from evalbench.providers.limits import Pace, Place

FIRST_GUESS = 256
"""Tokens of an answer until one has come, where the request sets no limit."""

_CHARACTERS_A_TOKEN = 4
_REMEMBERED = 20


class Pacing:
    """Who waits for a turn, first come first served; where nothing is limited nobody does.

    A call is taken for its prompt and the longest answer that it allows or, where it allows any, for
    an answer as long as the last ones. Once its tokens are known, those behind it are looked at again.
    """

    def __init__(
        self,
        requests_per_minute: int | None,
        tokens_per_minute: int | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pace = Pace(requests_per_minute, tokens_per_minute)
        self._clock = clock
        self._queue = asyncio.Lock()
        self._changed = asyncio.Event()
        self._is_closed = False
        self._usual_tokens = float(FIRST_GUESS)
        self._heard = 0

    async def turn(self, request: Request, claim: Callable[[], Awaitable[bool]]) -> tuple[bool, Place | None]:
        """Wait until the call may leave and could `claim` what it needs; whether it did, and its place.

        Who waits for the claim holds up those behind it: they would have left later anyway, and a
        place that was taken too early would be no place.
        """
        if self._pace.is_free:
            return await claim(), None
        async with self._queue:
            tokens = await self._until_free(request)
            if self._is_closed or not await claim():
                return False, None
            return True, self._pace.take(tokens, self._clock())

    def settle(self, place: Place | None, request: Request, answer: Completion | Failure | None) -> None:
        """Put right what a call was taken for; without an answer it was never sent."""
        if place is None:
            return
        used = 0 if answer is None else _used_tokens(answer)
        if used is None:
            return
        self._pace.correct(place, used)
        if answer is not None:
            self._heard = min(self._heard + 1, _REMEMBERED)
            self._usual_tokens += (used - _prompt_tokens(request) - self._usual_tokens) / self._heard
        self._changed.set()

    def close(self) -> None:
        """Let nobody wait any longer."""
        self._is_closed = True
        self._changed.set()

    async def _until_free(self, request: Request) -> int:
        """Wait for room; how many tokens the call is taken for."""
        while True:
            tokens = self._guessed_tokens(request)
            wait_s = self._pace.wait_s(tokens, self._clock())
            if wait_s <= 0 or self._is_closed:
                return tokens
            await self._wait(wait_s)

    async def _wait(self, wait_s: float) -> None:
        self._changed.clear()
        try:
            async with asyncio.timeout(wait_s):
                await self._changed.wait()
        except TimeoutError:
            return

    def _guessed_tokens(self, request: Request) -> int:
        params = request.model.params
        most = params.get("max_completion_tokens") or params.get("max_tokens") or self._usual_tokens
        return max(0, _prompt_tokens(request) + int(most))


def _prompt_tokens(request: Request) -> int:
    return sum(len(turn.content) for turn in request.prompt.messages) // _CHARACTERS_A_TOKEN


def _used_tokens(answer: Completion | Failure) -> int | None:
    """How many tokens a call took; None where the endpoint does not say."""
    usage = answer.usage
    if usage is None or usage.input_tokens is None:
        return None
    parts = (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_write_tokens)
    return sum(part or 0 for part in parts)
