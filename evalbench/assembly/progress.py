"""What a long command tells while it works; the terminal decides how that looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from evalbench.core.models import Tier
from evalbench.core.plan import Plan


@dataclass(frozen=True, slots=True)
class Stored:
    """One trial that is safe on disk. `cost_usd` is None for reused, failed and unpriced answers."""

    task: str
    tier: Tier
    cost_usd: float | None
    is_reused: bool
    is_missing: bool


class Progress(Protocol):
    """Hears what happens, in order; `stored` may be called from another thread."""

    def say(self, text: str) -> None:
        """A sentence a person should read before or during the run."""
        ...

    def planned(self, plan: Plan) -> None:
        """What will be asked, before the first call."""
        ...

    def starting(self, task: str, tier: Tier) -> None:
        """A model gets ready, which may take a while."""
        ...

    def stored(self, batch: Sequence[Stored]) -> None:
        """These trials are done and on disk."""
        ...

    def finished(self) -> None:
        """No more trials will come."""
        ...


class Silent:
    """A listener that shows nothing."""

    def say(self, text: str) -> None:
        """Nothing."""

    def planned(self, plan: Plan) -> None:
        """Nothing."""

    def starting(self, task: str, tier: Tier) -> None:
        """Nothing."""

    def stored(self, batch: Sequence[Stored]) -> None:
        """Nothing."""

    def finished(self) -> None:
        """Nothing."""
