"""Give a provider that blocks a thread of its own, so that the rest of a run keeps moving."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Any

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import JsonValue
from evalbench.core.plan import Request
from evalbench.providers.protocol import BlockingProvider


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    result: asyncio.Future[Any]


class Threads:
    """Daemon threads that do one piece of work at a time each.

    They are daemons because a user's function may never return: a deadline abandons such a
    thread, another takes its place, and the process can still end.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._is_started = False
        self._jobs: SimpleQueue[_Job] = SimpleQueue()

    async def do(self, work: Callable[[], Any]) -> Any:
        """What `work` returns, computed in one of the threads."""
        if not self._is_started:
            self._is_started = True
            for _ in range(self._count):
                self._start()
        loop = asyncio.get_running_loop()
        job = _Job(work, loop, loop.create_future())
        self._jobs.put(job)
        try:
            return await job.result
        except asyncio.CancelledError:
            self._start()
            raise

    def _start(self) -> None:
        threading.Thread(target=self._work, name="evalbench-answer", daemon=True).start()

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            if job.result.cancelled():
                return  # The deadline passed while it waited; its canceller started another thread.
            try:
                deliver = partial(_succeed, job.result, job.work())
            except BaseException as error:  # noqa: BLE001 - carried to the run, which would wait for ever
                deliver = partial(_fail, job.result, error)
            if job.result.cancelled():
                return  # The deadline has passed, and a new thread has taken this one's place.
            job.loop.call_soon_threadsafe(deliver)


def _succeed(result: asyncio.Future[Any], value: object) -> None:
    if not result.done():
        result.set_result(value)


def _fail(result: asyncio.Future[Any], error: BaseException) -> None:
    if not result.done():
        result.set_exception(error)


@dataclass(frozen=True, slots=True)
class InThread:
    """A blocking provider behind the protocol that runs expect.

    `prepare` is done before the first answer, for example learning from the training split.
    """

    provider: BlockingProvider
    threads: Threads
    prepare: Callable[[], None] | None = None
    replays: bool = False

    @property
    def version(self) -> str:
        """The adapter's version."""
        return self.provider.version

    @property
    def concurrency(self) -> int:
        """How many calls may be under way at once."""
        return self.provider.concurrency

    def identity(self, request: Request) -> Mapping[str, JsonValue]:
        """What the wrapped provider calls the same answer."""
        return self.provider.identity(request)

    async def start(self) -> None:
        """Prepare, in a thread."""
        if self.prepare is not None:
            await self.threads.do(self.prepare)

    async def complete(self, request: Request) -> Completion | Failure:
        """One attempt, in a thread."""
        answer: Completion | Failure = await self.threads.do(partial(self.provider.answer, request))
        return answer

    async def close(self) -> None:
        """Nothing to let go of: the threads are daemons."""
