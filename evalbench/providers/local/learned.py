"""What all classical models have in common: they are learned from items, and answer a prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from evalbench.core.evalset import Item, Prompt


@dataclass(frozen=True, slots=True)
class Answer:
    """A text, and numbers that tell sure answers from doubtful ones.

    `evidence` has the same length for every answer of one model, and the higher each number is,
    the surer the answer. What it is worth is learned afterwards, from items that the model did
    not learn from.
    """

    text: str
    evidence: tuple[float, ...]


class Learned(Protocol):
    """A model that has learned."""

    def answer(self, prompt: Prompt) -> Answer:
        """The answer to one prompt, of which only the text and the fields are read."""
        ...


Learn: TypeAlias = Callable[[Sequence[Item], int], Learned]
"""Learns from items that have targets; the number is the seed."""


@dataclass(frozen=True, slots=True)
class Constant:
    """Gives the same answer to everything: what is left to learn from targets that are all alike."""

    text: str

    def answer(self, prompt: Prompt) -> Answer:  # noqa: ARG002 - a constant reads nothing
        """The one answer there is."""
        return Answer(self.text, (0.0,))
