"""One trial of an item as `try` and `show` present it."""

from __future__ import annotations

from dataclasses import dataclass

from evalbench.core.evalset import Item, Message
from evalbench.core.models import Tier
from evalbench.core.trial import Trial


@dataclass(frozen=True, slots=True)
class Shown:
    """One trial of an item, with the messages that were sent."""

    task: str
    grader: str
    item: Item
    tier: Tier
    model: str
    is_classical: bool
    messages: tuple[Message, ...]
    trial: Trial
