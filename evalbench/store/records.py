"""What the ledger keeps of a task: its card, and its items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalbench.core.evalset import Item, Task
from evalbench.core.looks import FIRST_LOOK, Looks
from evalbench.core.models import ModelPool
from evalbench.store import coding


@dataclass(frozen=True, slots=True)
class TaskCard:
    """What a run keeps of a task besides its items.

    `openings` are the messages that stand before an item's own, by tier: system text and shots.
    `order_seed` is that of the order in which the items were asked, None where all were to be.
    `looks` is what had been seen of the same question before.
    """

    task: Task
    models: ModelPool
    grader: str
    signature: str
    openings: dict[str, list[list[str]]]
    repeats: int = 1
    order_seed: int | None = None
    looks: Looks = FIRST_LOOK

    def to_text(self) -> str:
        """The card as JSON."""
        return coding.to_text(
            {
                "task": coding.task_value(self.task),
                "models": coding.pool_value(self.models),
                "grader": self.grader,
                "signature": self.signature,
                "openings": self.openings,
                "repeats": self.repeats,
                "order_seed": self.order_seed,
                "looks": coding.looks_value(self.looks),
            }
        )

    @classmethod
    def from_text(cls, text: str) -> TaskCard:
        """The card that `to_text` wrote."""
        value = coding.from_text(text)
        return cls(
            coding.task_from(value["task"]),
            coding.pool_from(value["models"]),
            value["grader"],
            value["signature"],
            value["openings"],
            value["repeats"],
            value.get("order_seed"),
            coding.looks_from(value.get("looks")),
        )


@dataclass(frozen=True, slots=True)
class StoredTask:
    """A task row of a run, with its card and its items."""

    row: int
    card: TaskCard
    items: Sequence[Item]
