"""Notice items that repeat an earlier one, or fill the template of another, while they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from evalbench.core.evalset import Item
from evalbench.loaders.duplicates import Repetitions, Templates


@dataclass(slots=True)
class Likes:
    """What was noticed of the items that went by, by their indices.

    `repeated` has the earliest equal of each that repeats one. Items that do, or that have a group, are
    not looked at as `templates`.
    """

    repeated: dict[int, int] = field(default_factory=dict)
    templates: Templates = field(default_factory=Templates)

    def through(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items as they are, each looked at on its way."""
        repetitions = Repetitions(self.repeated)
        for number, item in enumerate(items):
            text = text_of(item)
            if not repetitions.repeats(number, text) and item.group is None:
                self.templates.add(number, text)
            yield item


def text_of(item: Item) -> str:
    """What is compared of an item: its input, or all that was said before the answer."""
    if not item.prompt.messages:
        return item.prompt.text
    turns = "\n".join(turn.content for turn in item.prompt.messages)
    return turns or item.prompt.text
