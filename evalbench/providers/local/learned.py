"""What all classical models have in common: they are learned from items, and answer a prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from evalbench.core.evalset import Item, Prompt
from evalbench.core.sight import Sight


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


@dataclass(frozen=True, slots=True)
class Sighted:
    """A model that goes by nothing but what is shown of a prompt."""

    model: Learned
    sight: Sight

    def answer(self, prompt: Prompt) -> Answer:
        """The answer to what is shown."""
        return self.model.answer(self.sight.of(prompt))


def within(sight: Sight, learn: Learn) -> Learn:
    """The same way of learning, from nothing but what is shown of the items.

    The items stay whole for others: a right answer may depend on a column that no model sees.
    """

    def learn_shown(items: Sequence[Item], seed: int) -> Learned:
        shown = [replace(item, prompt=sight.of(item.prompt)) for item in items]
        return Sighted(learn(shown, seed), sight)

    return learn_shown
