"""Answers that were given before: real models go through the main job without being called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import JsonValue
from evalbench.core.plan import Request


@dataclass(frozen=True, slots=True)
class RecordedProvider:
    """Replays one model's recorded answers by item id and repeat.

    `digest` is the sha256 of the recording: an edited file gives new answers. An item that
    was never recorded is missing, and stays missing until the file holds it.
    """

    answers: Mapping[tuple[str, int], Completion]
    digest: str
    version: str = "1"
    concurrency: int = 16
    replays: bool = True

    def identity(self, request: Request) -> Mapping[str, JsonValue]:
        """The recording and the item, since equal prompts may have been answered differently."""
        return {"recording": self.digest, "item_id": request.item_id}

    async def start(self) -> None:
        """Nothing to get ready."""

    async def complete(self, request: Request) -> Completion | Failure:
        """The recorded answer, with its recorded cost, latency, tokens and confidence."""
        found = self.answers.get((request.item_id, request.repeat))
        if found is None:
            return Failure(
                "no_recording", f"no recorded answer for item {request.item_id!r}, repeat {request.repeat}"
            )
        return found

    async def close(self) -> None:
        """Nothing to let go of."""
