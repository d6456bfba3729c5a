"""Judge answers that must name every label of an item, and no other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.errors import InputError
from evalbench.graders.json_text import parse_json
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import NO_TARGET, bare, folded, shown, storable, tidied, without_fence

_SEPARATOR = re.compile(r"[,;\n|]")
_BULLET = re.compile(r"^(?:[-*\u2022+]|\d{1,3}[.)])\s+")
_LEAD = re.compile(
    r"^[*_]{0,3}(?:(?:the|final|predicted|my|all) )?"
    r"(?:labels?|categor(?:y|ies)|class(?:es)?|tags?|topics?|answers?)"
    r"[*_]{0,3} ?(?::|=|are\b:?|is\b:?)[*_]{0,3}",
    re.IGNORECASE,
)
_NONE = frozenset(("none", "[]", "no labels", "no label", "n/a"))
_MOST_CHARACTERS = 20_000
_MOST_UNKNOWN = 5


class Labels:
    """The F1 of the labels an answer names and those of the target, or with `score: all` 1.0 or 0.0.

    The answer is a JSON list, or labels separated by commas, semicolons or lines, with bullets or
    after `Labels:` if need be; order and repetition make no difference, nor does case unless two
    labels differ by nothing else. `[]` and `none` name no label. A word that is no label makes the answer
    unreadable: `label` is for items with one label each. Counts are per class, for macro and micro F1.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:
        settings = GraderOptions("labels", options)
        self._wants_all = settings.choice("score", ("f1", "all")) == "all"
        self.accepts_truncated = settings.flag("accept_truncated")
        self.signature = settings.sign(version=1)
        if not task.labels:
            raise InputError(
                f"grader 'labels' of task {task.name!r} has no labels to choose from",
                "list them in evalset.yaml, for example `labels: [billing, bug, other]`.",
            )
        self._labels = tuple(dict.fromkeys(task.labels))
        self._by_form: dict[str, list[str]] = {}
        for label in self._labels:
            self._by_form.setdefault(_form(label), []).append(label)

    def grade(self, answer: str, item: Item) -> Score:
        """F1 over the labels, or 1.0 only if all are named and no other."""
        if item.target is None:
            return NO_TARGET
        wanted = set(_entries_of(item.target))
        found, problem = self._read(answer)
        if problem:
            return Score(0.0, None, problem, is_valid=False, statistics=self._counts(set(), wanted))
        whole = len(found) + len(wanted)
        f1 = 2 * len(found & wanted) / whole if whole else 1.0
        value = float(found == wanted) if self._wants_all else f1
        notes = [
            f"{what} {', '.join(self._ordered(labels))}"
            for what, labels in (("missing", wanted - found), ("extra", found - wanted))
            if labels
        ]
        reading = storable(", ".join(self._ordered(found)) or "none")
        return Score(value, reading, storable("; ".join(notes)), statistics=self._counts(found, wanted))

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets with an entry that is not among the labels."""
        return [
            Problem(
                item.id,
                f"the target {shown(item.target)} is not made of the labels {shown(list(self._labels))}",
            )
            for item in items
            if item.target is not None
            and not all(
                isinstance(entry, str) and entry in self._labels for entry in _entries_of(item.target)
            )
        ]

    def _read(self, answer: str) -> tuple[set[str], str]:
        """The labels that an answer names, or the reason why they cannot be read."""
        if len(answer) > _MOST_CHARACTERS:
            return (
                set(),
                f"the answer is longer than {_MOST_CHARACTERS:,} characters, too long for a list of labels",
            )
        text = without_fence(answer).strip()
        if (whole := self._label(text)) is not None:
            return {whole}, ""
        names = _names(text)
        if names is None:
            return set(), f"the answer {shown(answer)} is JSON, but no list of texts"
        if len(names) == 1 and _form(names[0]) in _NONE and not self._label(names[0]):
            return set(), ""
        named = {name: self._label(name) for name in names}
        unknown = [name for name, label in named.items() if label is None]
        if unknown or not names:
            what = shown(unknown[:_MOST_UNKNOWN] if unknown else answer)
            return set(), f"the answer names {what}, which is none of the labels"
        return {label for label in named.values() if label is not None}, ""

    def _label(self, name: str) -> str | None:
        if name in self._labels:
            return name
        alike = self._by_form.get(_form(name), [])
        return alike[0] if len(alike) == 1 else None

    def _counts(self, found: set[str], wanted: set[str]) -> tuple[float, ...]:
        """True positives, false positives and false negatives of each class in turn."""
        counts: list[float] = []
        for label in self._labels:
            is_found, is_wanted = label in found, label in wanted
            counts += (
                float(is_found and is_wanted),
                float(is_found and not is_wanted),
                float(is_wanted and not is_found),
            )
        return tuple(counts)

    def _ordered(self, labels: set[str]) -> list[str]:
        return [label for label in self._labels if label in labels] + sorted(labels - set(self._labels))


def _entries_of(target: JsonValue) -> list[JsonValue]:
    entries = target if isinstance(target, list) else [target]
    return [entry if isinstance(entry, str) else str(entry) for entry in entries]


def _names(text: str) -> list[str] | None:
    """The entries of an answer, not yet compared with labels; None for JSON of another shape."""
    text = text[lead.end() :].strip() if (lead := _LEAD.match(text)) else text
    if text.startswith(("[", "{", '"')):
        try:
            value = parse_json(text, number=str)
        except ValueError:
            value = None
        if isinstance(value, dict) and len(value) == 1:
            (value,) = value.values()
        if isinstance(value, str):
            return [value]
        if isinstance(value, list):
            return _texts(value)
        if value is not None:
            return None
    parts = (_BULLET.sub("", part.strip()).strip() for part in _SEPARATOR.split(text.strip("[]")))
    return [part for part in parts if part]


def _texts(entries: Sequence[JsonValue]) -> list[str] | None:
    if not entries:
        return ["[]"]
    texts = [entry for entry in entries if isinstance(entry, str)]
    return texts if len(texts) == len(entries) else None


def _form(label: str) -> str:
    return folded(bare(tidied(label)))
