"""Judge answers that must say the same as one of the accepted texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import NO_TARGET, accepted_texts, normalized, shown, storable, text_problems


class Exact:
    """Right when the answer equals an accepted text.

    With `normalize: text`, the default, case, spacing, surrounding quotes, emphasis and the
    final full stop make no difference; with `none` every byte counts, but for line ends at
    the very end.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("exact", options)
        self._form: Callable[[str], str] = (
            normalized if settings.choice("normalize", ("text", "none")) == "text" else _without_line_end
        )
        self.accepts_truncated = settings.flag("accept_truncated")
        self.signature = settings.sign(version=1)

    def grade(self, answer: str, item: Item) -> Score:
        """1.0 for an accepted answer, 0.0 for any other."""
        if item.target is None:
            return NO_TARGET
        reading = self._form(answer)
        accepted = accepted_texts(item.target)
        if any(self._form(text) == reading for text in accepted):
            return Score(1.0, storable(reading))
        return Score(0.0, storable(reading), f"expected {shown(item.target)}")

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that are no text."""
        return text_problems(items)


def _without_line_end(text: str) -> str:
    return text.rstrip("\r\n")
