"""Answers from a list: the double that tests use, and a way to try a pipeline without any model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import JsonValue
from evalbench.core.plan import Request

Script = Callable[[Request], Completion | Failure]
"""Gives the answer to a request; may count, fail or look at the prompt."""


@dataclass(slots=True)
class ScriptedProvider:
    """Answers by a script, and remembers what it was asked."""

    script: Script
    version: str = "1"
    concurrency: int = 4
    replays: bool = False
    asked: list[Request] = field(default_factory=list)

    def identity(self, request: Request) -> Mapping[str, JsonValue]:
        """Nothing beyond model, prompt and parameters."""
        del request
        return {}

    async def start(self) -> None:
        """Nothing to get ready."""

    async def complete(self, request: Request) -> Completion | Failure:
        """The script's answer."""
        self.asked.append(request)
        return self.script(request)

    async def close(self) -> None:
        """Nothing to let go of."""
