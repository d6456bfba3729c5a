"""Judge answers that must mention the accepted texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import NO_TARGET, accepted_texts, folded, shown, storable, text_problems, tidied


class Contains:
    """Right when one of the accepted texts occurs in the answer, or with `all: true` every one.

    Spacing makes no difference, nor does case unless `case_sensitive: true`. A text may occur
    inside a word: `regex` can ask for more.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("contains", options)
        self._needs_all = settings.flag("all")
        self._is_case_sensitive = settings.flag("case_sensitive")
        self.accepts_truncated = settings.flag("accept_truncated")
        self.signature = settings.sign(version=1)

    def grade(self, answer: str, item: Item) -> Score:
        """1.0 when enough of the accepted texts occur, otherwise 0.0."""
        if item.target is None:
            return NO_TARGET
        text = self._form(answer)
        accepted = accepted_texts(item.target)
        present = [wanted for wanted in accepted if self._form(wanted) in text]
        is_right = bool(accepted) and len(present) >= (len(accepted) if self._needs_all else 1)
        absent = [wanted for wanted in accepted if wanted not in present]
        reading = storable(", ".join(present)) if present else None
        return Score(float(is_right), reading, "" if is_right else f"does not mention {shown(absent)}")

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that are no text, or that every answer contains."""
        return text_problems(items) + [
            Problem(item.id, "the target is an empty text, which every answer contains")
            for item in items
            if item.target is not None and any(not self._form(text) for text in accepted_texts(item.target))
        ]

    def _form(self, text: str) -> str:
        return tidied(text) if self._is_case_sensitive else folded(tidied(text))
