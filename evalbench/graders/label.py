"""Judge answers that must name one of the task's labels."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.errors import InputError
from evalbench.graders.json_text import parse_json
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import (
    NO_TARGET,
    accepted_texts,
    bare,
    folded,
    shown,
    storable,
    tidied,
    without_fence,
)

_LONGEST_SEARCHED = 100_000
_LONGEST_NAMED = 10_000
"""Characters up to which a whole answer may be one label, with all that may stand around it."""

_LOOSE_BRACKETS = " ()[]"
"""What stands behind a label that is written like a choice in a list, `A)`."""

_LEAD = re.compile(
    r"[*_]*(?:(?:the|final|predicted|my) )*"
    r"(?:label|category|class|classification|answer|intent|topic|prediction)[*_]* ?(?:[:=]|is\b:?)[*_]*",
    re.IGNORECASE,
)


class Label:
    """Right when the answer names the item's label.

    The whole answer must be the label: alone, after `Label:` or the like, in quotes, in a code
    fence, like a choice in a list (`A)`), as a JSON string or as an object of one field. With
    `find: true` a longer answer will do if it mentions one label only, as whole words. Case
    makes no difference unless two labels differ by nothing else. An answer that names no label
    is unreadable.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:
        settings = GraderOptions("label", options)
        is_searching = settings.flag("find")
        self.accepts_truncated = settings.flag("accept_truncated")
        self.signature = settings.sign(version=1)
        if not task.labels:
            raise InputError(
                f"grader 'label' of task {task.name!r} has no labels to choose from",
                "list them in evalset.yaml, for example `labels: [billing, bug, other]`.",
            )
        self._labels = tuple(dict.fromkeys(task.labels))
        self._places = {label: place for place, label in enumerate(self._labels)}
        self._tidy = _by_form(self._labels, fold=False)
        self._folded = _by_form(self._labels, fold=True)
        self._words = _any_word(self._labels) if is_searching else None
        self._counts: dict[tuple[str | None, str], tuple[float, ...]] = {}

    def grade(self, answer: str, item: Item) -> Score:
        """1.0 for the right label, 0.0 for another or none; counts are per class."""
        if item.target is None:
            return NO_TARGET
        accepted = accepted_texts(item.target)
        reading, problem = self._read(answer)
        is_right = reading is not None and reading in accepted
        gold = reading if is_right and reading is not None else (accepted or ("",))[0]
        statistics = self._statistics(reading, gold)
        if reading is None:
            return Score(0.0, None, problem, is_valid=False, statistics=statistics)
        explanation = "" if is_right else f"expected {shown(item.target)}"
        return Score(float(is_right), reading, explanation, statistics=statistics)

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that are not among the labels."""
        return [
            Problem(
                item.id,
                f"the target {shown(item.target)} is not among the labels {shown(list(self._labels))}",
            )
            for item in items
            if item.target is not None
            and not (item.target != [] and all(text in self._places for text in accepted_texts(item.target)))
        ]

    def _read(self, answer: str) -> tuple[str | None, str]:
        """The label an answer names, or None with the reason."""
        text = answer.strip()
        is_short = len(text) <= _LONGEST_NAMED
        label = self._alone(text) if is_short else None
        if label is not None:
            return label, ""
        if self._words is not None:
            return self._found(answer, self._words)
        if not is_short:
            return None, f"the answer has {len(text):,} characters; over {_LONGEST_NAMED:,} are no label"
        return None, f"the answer {shown(answer)} is none of the labels"

    def _alone(self, text: str) -> str | None:
        """The label that is all an answer says."""
        label = self._named(text)
        if label is not None:
            return label
        text = without_fence(text)
        return (
            self._named(text)
            or self._in_json(text)
            or self._named(_without_lead(text))
            or self._named(text.rstrip(_LOOSE_BRACKETS))
        )

    def _named(self, text: str) -> str | None:
        """The label that is written like `text`; none when several are and none is equal."""
        if text in self._places:
            return text
        spelled = tidied(text)
        for form, labels in ((bare(spelled), self._tidy), (folded(bare(spelled)), self._folded)):
            if len(alike := labels.get(form, ())) == 1:
                return alike[0]
        return None

    def _in_json(self, text: str) -> str | None:
        if not text.startswith(('"', "{")):
            return None
        try:
            value = parse_json(text, number=str)
        except ValueError:
            return None
        if isinstance(value, dict) and len(value) == 1:
            (value,) = value.values()
        if isinstance(value, str):
            return self._named(value.strip())
        # The words true, false and null are labels like any others.
        return None if isinstance(value, dict | list) else self._named(json.dumps(value))

    def _found(self, answer: str, words: re.Pattern[str]) -> tuple[str | None, str]:
        if len(answer) > _LONGEST_SEARCHED:
            return (
                None,
                f"the answer is longer than {_LONGEST_SEARCHED:,} characters, too long to search for a label",
            )
        mentioned = {self._named(found[0]) or found[0] for found in words.finditer(tidied(answer))}
        if len(mentioned) > 1:
            return None, f"the answer mentions several labels: {shown(sorted(mentioned))}"
        label = mentioned.pop() if mentioned else None
        if label not in self._places:
            return None, f"the answer {shown(answer)} mentions none of the labels"
        return label, ""

    def _statistics(self, reading: str | None, gold: str) -> tuple[float, ...]:
        """True positives, false positives and false negatives of each class in turn."""
        known = self._counts.get((reading, gold))
        if known is not None:
            return known
        counts = [0.0] * (3 * len(self._labels))
        if reading == gold:
            counts[3 * self._places[gold]] = 1.0
        else:
            if reading is not None:
                counts[3 * self._places[reading] + 1] = 1.0
            if gold in self._places:
                counts[3 * self._places[gold] + 2] = 1.0
        return self._counts.setdefault((reading, gold), tuple(counts))


def _by_form(labels: Sequence[str], *, fold: bool) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for label in labels:
        form = bare(tidied(label))
        form = folded(form) if fold else form
        found[form] = (*found.get(form, ()), label)
    return found


def _any_word(labels: Sequence[str]) -> re.Pattern[str]:
    """Any label as whole words; the longest first, so that `not spam` is not `spam`."""
    forms = sorted({tidied(label) for label in labels} - {""}, key=lambda form: (-len(form), form))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, forms))})(?!\w)", re.IGNORECASE)


def _without_lead(text: str) -> str:
    spelled = bare(tidied(text))
    found = _LEAD.match(spelled)
    return storable(spelled[found.end() :].strip()) if found else spelled
