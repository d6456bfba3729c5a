"""What of an item its prompt shows: all there is to go by for a model that reads items without a prompt."""

from __future__ import annotations

from dataclasses import dataclass

from evalbench.core.evalset import Prompt


@dataclass(frozen=True, slots=True)
class Sight:
    """The parts of an item that a prompt shows: its input, and those of its other columns.

    A column that is known only after the fact may say the right answer. What no language model
    is shown must not make another model look good.
    """

    has_input: bool = True
    columns: frozenset[str] = frozenset()

    def of(self, prompt: Prompt) -> Prompt:
        """An item's own prompt without what is not shown; to do so twice changes nothing more.

        Messages that an item brings are sent as they are and without its columns, so then its text is
        shown only as a part of them.
        """
        if prompt.messages:
            return Prompt(_said(prompt), prompt.messages)
        fields = {name: value for name, value in prompt.fields.items() if name in self.columns}
        return Prompt(prompt.text if self.has_input else "", fields=fields)


def _said(prompt: Prompt) -> str:
    if any(prompt.text in turn.content for turn in prompt.messages):
        return prompt.text
    return next((turn.content for turn in reversed(prompt.messages) if turn.role == "user"), "")
