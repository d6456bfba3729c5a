"""Judge answers that must mention the accepted texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import NO_TARGET, accepted_texts, folded, shown, storable, text_problems, tidied


class Contains:
    """Right when one of the accepted texts occurs in the answer, or with `all: true` every one.

    With `score: share` the score is the share of them that occur. One of them may itself be a list, of
    wordings any of which will do. Spacing makes no difference, nor does case unless `case_sensitive:
    true`. A text may occur inside a word: `regex` can ask for more.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("contains", options)
        self._needs_all = settings.flag("all")
        self._is_share = settings.choice("score", ("whole", "share")) == "share"
        self._is_case_sensitive = settings.flag("case_sensitive")
        self.accepts_truncated = settings.flag("accept_truncated")
        self.signature = settings.sign(version=1)

    def grade(self, answer: str, item: Item) -> Score:
        """1.0 when enough of the accepted texts occur, otherwise 0.0 or their share."""
        if item.target is None:
            return NO_TARGET
        text = self._form(answer)
        wanted = _wordings(item.target)
        found = [next((form for form in forms if self._form(form) in text), None) for forms in wanted]
        present = [form for form in found if form is not None]
        absent = [forms[0] for forms, form in zip(wanted, found, strict=True) if form is None and forms]
        if self._is_share:
            value = len(present) / len(wanted) if wanted else 0.0
        else:
            value = float(bool(wanted) and len(present) >= (len(wanted) if self._needs_all else 1))
        reading = storable(", ".join(present)) if present else None
        return Score(value, reading, "" if value == 1 else f"does not mention {shown(absent)}")

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that are no text, or that every answer contains."""
        spread = [replace(item, target=_spread(item.target)) for item in items]
        return text_problems(spread) + [
            Problem(item.id, "the target is an empty text, which every answer contains")
            for item in spread
            if item.target is not None and any(not self._form(text) for text in accepted_texts(item.target))
        ]

    def _form(self, text: str) -> str:
        return tidied(text) if self._is_case_sensitive else folded(tidied(text))


def _wordings(target: JsonValue) -> list[tuple[str, ...]]:
    """The texts of a target, each with the other wordings that will do for it."""
    return [accepted_texts(entry) for entry in (target if isinstance(target, list) else [target])]


def _spread(target: JsonValue) -> JsonValue:
    """The target with the wordings of a text beside each other; an empty list of them is kept, as a fault."""
    if not isinstance(target, list):
        return target
    return [text for entry in target for text in (entry if isinstance(entry, list) and entry else [entry])]
