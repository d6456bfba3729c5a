"""One trial of an item as `try` and `show` present it."""

from __future__ import annotations

from dataclasses import dataclass

from evalbench.core.evalset import Item, Message, Prompt
from evalbench.core.models import Tier
from evalbench.core.trial import Trial


@dataclass(frozen=True, slots=True)
class PaidInVain:
    """What attempts without an answer cost in USD, None where unknown; `unknown_bills` may come on top."""

    usd: float | None
    unknown_bills: int


OVER_BUDGET = "over_budget"
"""The kind of failure of a question that was not asked, because it might not have fitted the spend cap."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One trial of an item, with the messages that were sent.

    A classical model is sent no messages: `read` is what it went by. `is_yardstick` says that the
    other answers are compared with this one, which has no score. `in_vain` is what the run paid
    besides the cost of the answer; `most_usd` is the most that a question could cost which is asked for the
    first time.
    """

    task: str
    grader: str
    item: Item
    tier: Tier
    model: str
    is_classical: bool
    messages: tuple[Message, ...]
    trial: Trial
    is_yardstick: bool = False
    read: Prompt | None = None
    in_vain: PaidInVain | None = None
    most_usd: float | None = None

    @property
    def is_over_budget(self) -> bool:
        """Whether the spend cap left this question out."""
        return self.trial.failure is not None and self.trial.failure.kind == OVER_BUDGET
