"""Judge answers that must mention the accepted texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import NO_TARGET, accepted_texts, folded, shown, storable, text_problems, tidied


class Contains:
    """Right when one of the accepted texts occurs in the answer, or with `all: true` every one.

    With `score: share` the score is the share of them that occur. One of them may itself be a list, of
    wordings any of which will do, or `{"not": …}`: where that occurs, the answer is wrong, and with `score:
    share` one that occurs is taken back. Spacing makes no difference, nor does case unless
    `case_sensitive: true`. A text may occur inside a word: `regex` can ask for more.
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
        entries = _entries(item.target)
        found = [next((form for form in each.wordings if self._form(form) in text), None) for each in entries]
        pairs = list(zip(entries, found, strict=True))
        present = [form for each, form in pairs if each.is_wanted and form is not None]
        unwanted = [form for each, form in pairs if not each.is_wanted and form is not None]
        absent = [each.wordings[0] for each, form in pairs if each.is_wanted and form is None]
        if self._is_share:
            value = max(0, len(present) - len(unwanted)) / (len(present + absent) or 1)
        else:
            value = float(bool(present) and not unwanted and not (self._needs_all and absent))
        notes = [f"does not mention {shown(absent)}"] if absent else []
        notes += [f"mentions {shown(unwanted)}"] if unwanted else []
        reading = storable(", ".join(present)) if present else None
        return Score(value, reading, "" if value == 1 else "; ".join(notes))

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that are no text, that every answer contains, or that want nothing."""
        spread = [replace(item, target=_spread(item.target)) for item in items]
        return [
            *text_problems(spread),
            *(
                Problem(item.id, "the target is an empty text, which every answer contains")
                for item in spread
                if item.target is not None
                and any(not self._form(text) for text in accepted_texts(item.target))
            ),
            *(
                Problem(item.id, "the target names only what must not occur")
                for item in items
                if isinstance(item.target, list) and item.target and all(map(_is_unwanted, item.target))
            ),
        ]

    def _form(self, text: str) -> str:
        return tidied(text) if self._is_case_sensitive else folded(tidied(text))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A text of a target with its other wordings, and whether it must or must not occur."""

    wordings: tuple[str, ...]
    is_wanted: bool


def _entries(target: JsonValue) -> list[_Entry]:
    listed = target if isinstance(target, list) else [target]
    found = [
        _Entry(accepted_texts(entry["not"] if _is_unwanted(entry) else entry), not _is_unwanted(entry))
        for entry in listed
    ]
    return [entry for entry in found if entry.wordings]


def _is_unwanted(entry: JsonValue) -> bool:
    return isinstance(entry, dict) and set(entry) == {"not"}


def _spread(target: JsonValue) -> JsonValue:
    """The target with all wordings beside each other; an empty list of them is kept, as a fault."""
    if not isinstance(target, list):
        return target
    inner = [entry["not"] if _is_unwanted(entry) else entry for entry in target]
    return [text for entry in inner for text in (entry if isinstance(entry, list) and entry else [entry])]
