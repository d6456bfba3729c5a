"""What every provider offers, so that a run need not know who answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import JsonValue
from evalbench.core.plan import Request


class Provider(Protocol):
    """Turns a request into an answer, or says as a value why there is none.

    One provider stands for one model on one task. `concurrency` is how many calls it takes
    at once; `version` changes whenever the same request could be answered differently.
    """

    @property
    def version(self) -> str:
        """The adapter's version, part of the key under which answers are stored."""
        ...

    @property
    def concurrency(self) -> int:
        """How many calls may be under way at once."""
        ...

    @property
    def replays(self) -> bool:
        """Whether answers were given before: they cost nothing now, and keep their own time."""
        ...

    def identity(self, request: Request) -> Mapping[str, JsonValue]:
        """What makes an answer the same answer, besides model, prompt and parameters."""
        ...

    async def start(self) -> None:
        """Get ready for the first answer; called once, and only if an answer is needed."""
        ...

    async def complete(self, request: Request) -> Completion | Failure:
        """One attempt; never raises for anything that concerns a single item."""
        ...

    async def close(self) -> None:
        """Let go of connections; called once, after the last answer, if `start` was."""
        ...


class BlockingProvider(Protocol):
    """A provider whose work keeps the processor or a library busy; a run gives it a thread."""

    @property
    def version(self) -> str:
        """The adapter's version, part of the key under which answers are stored."""
        ...

    @property
    def concurrency(self) -> int:
        """How many calls may be under way at once."""
        ...

    def identity(self, request: Request) -> Mapping[str, JsonValue]:
        """What makes an answer the same answer, besides model, prompt and parameters."""
        ...

    def answer(self, request: Request) -> Completion | Failure:
        """One attempt; never raises for anything that concerns a single item."""
        ...
