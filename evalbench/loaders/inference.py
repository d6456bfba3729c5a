"""What is not said about a task: its kind, labels, grader, metric and prompt, by its targets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from evalbench.core.evalset import Criticality, JsonValue, TaskKind

GRADERS: Mapping[TaskKind, str] = {
    TaskKind.CLASSIFICATION: "label",
    TaskKind.ROUTING: "label",
    TaskKind.EXTRACTION: "json_fields",
    TaskKind.REFORMATTING: "reformat",
    TaskKind.TEMPLATE: "template",
    TaskKind.QA: "token_f1",
    TaskKind.SUMMARIZATION: "rouge",
    TaskKind.TRANSLATION: "chrf",
    TaskKind.REASONING: "exact",
    TaskKind.CODE: "code",
}
"""The grader of each kind that has one by default."""

METRICS = ("accuracy", "macro_f1", "micro_f1", "mean", "bleu", "chrf", "net_win_rate")
"""How scores become one number."""

MAX_DROP: Mapping[Criticality, float] = {
    Criticality.LOW: 0.10,
    Criticality.STANDARD: 0.05,
    Criticality.HIGH: 0.03,
    Criticality.CRITICAL: 0.01,
}
"""The largest drop allowed, by what is at stake."""

CONFIDENCE: Mapping[Criticality, float] = {
    Criticality.LOW: 0.90,
    Criticality.STANDARD: 0.95,
    Criticality.HIGH: 0.975,
    Criticality.CRITICAL: 0.99,
}
"""How sure a verdict must be, by what is at stake."""

LABELLED_KINDS = frozenset({TaskKind.CLASSIFICATION, TaskKind.ROUTING})
"""Kinds whose every answer is one of a list of labels."""

_CHOICE = """\
Choose the one label that fits the text.

Labels:
{% for label in labels %}- {{ label }}
{% endfor %}
Text: {{ input }}

Answer with the label alone."""

_CHOICES = """\
Choose every label that fits the text. It may be none, one or several.

Labels:
{% for label in labels %}- {{ label }}
{% endfor %}
Text: {{ input }}

Answer with a JSON list of labels alone; with [] if none fits."""

PROMPTS: Mapping[TaskKind, str] = {
    TaskKind.CLASSIFICATION: _CHOICE,
    TaskKind.ROUTING: _CHOICE,
    TaskKind.EXTRACTION: "Extract the fields from this text. Answer with a JSON object alone.\n\n{{ input }}",
    TaskKind.QA: "Answer as briefly as you can, with the answer alone.\n\n{{ input }}",
    TaskKind.REASONING: "{{ input }}\n\nThink step by step, then give the answer alone on the last line.",
    TaskKind.SUMMARIZATION: "Summarize this text.\n\n{{ input }}",
    TaskKind.TRANSLATION: "Translate this text.\n\n{{ input }}",
}
"""What is asked when no prompt is given; for kinds that are not here, the input as it is."""


def default_prompt(kind: TaskKind, grader: str | None) -> str:
    """What is asked when no prompt is given, so that the grader can read the answer."""
    if kind in LABELLED_KINDS and grader == "labels":
        return _CHOICES
    return PROMPTS.get(kind, "{{ input }}")


_BY_NAME: Mapping[str, TaskKind] = {
    **dict.fromkeys(("summary", "summaries", "abstract"), TaskKind.SUMMARIZATION),
    **dict.fromkeys(("translation", "translations"), TaskKind.TRANSLATION),
}
_LABEL_NAMES = frozenset({"label", "labels", "category", "intent", "class", "topic", "topics", "sentiment"})
_ROUTE_NAMES = frozenset({"tier", "route"})
_LABEL_CHARACTERS = 60
_MOST_LABELS = 200
_ANSWER_CHARACTERS = 200
_FEW_LABELS = 5
_MOST_NUMBERED_LABELS = 20  # grades, ratings and the like; more different numbers are results
_FEW_ITEMS = 20
_TARGETS_PER_LABEL = 5
_TEST = re.compile(r"^(assert\b|def check\()", re.MULTILINE)
_NUMBER = re.compile(r"[-+\u2212]?[$€£]?\s?\d[\d,\u00a0 ]*(\.\d+)?([eE][-+]?\d+)?\s?%?")


def is_number(text: str) -> bool:
    """Whether a target is a number and nothing else."""
    return _NUMBER.fullmatch(text.strip()) is not None


def kind_of(targets: Iterable[JsonValue], column: str | None) -> tuple[TaskKind | None, str]:
    """What kind of task has such targets, and why; None when the targets do not tell."""
    sorts: set[str] = set()
    texts, lists = _Texts(), _Lists()
    for target in targets:
        sorts.add(_sort_of(target))
        if isinstance(target, str):
            texts.add(target)
        elif isinstance(target, list):
            lists.add(target)
    if not sorts:
        return None, "no item has a target"
    named = _BY_NAME.get((column or "").casefold())
    if named is not None and sorts <= {"text", "texts"}:
        return named, f"right answers are called {column!r}"
    if sorts == {"text"}:
        return _kind_of_texts(texts, column)
    if sorts <= {"text", "texts"}:
        return _kind_of_lists(lists, are_all="text" not in sorts)
    return _kind_of_structures(sorts)


def _kind_of_structures(sorts: set[str]) -> tuple[TaskKind | None, str]:
    if sorts == {"object"}:
        return TaskKind.EXTRACTION, "targets are JSON objects"
    if sorts <= {"object", "texts", "list"}:
        return TaskKind.EXTRACTION, "targets are JSON objects and lists"
    return None, "the targets are of several sorts"


def _sort_of(target: JsonValue) -> str:
    if isinstance(target, str):
        return "text"
    if isinstance(target, list):
        return "texts" if all(isinstance(answer, str) for answer in target) else "list"
    return "object" if isinstance(target, dict) else "other"


@dataclass(slots=True)
class _Texts:
    """How many texts there were, what all of them look like, and which, as far as they may be labels."""

    count: int = 0
    distinct: set[str] = field(default_factory=set)
    looks: frozenset[str] = frozenset(("label", "number", "object", "markup", "tests", "short"))

    def add(self, text: str) -> None:
        self.count += 1
        if text in self.distinct:
            return
        self.looks &= _looks_of(text)
        if len(self.distinct) <= _MOST_LABELS:
            self.distinct.add(text)


def _kind_of_lists(lists: _Lists, *, are_all: bool) -> tuple[TaskKind, str]:
    if are_all and lists.hold_labels:
        return TaskKind.CLASSIFICATION, f"targets are lists of {len(lists.first)} distinct labels"
    return TaskKind.QA, "targets are lists of accepted answers"


@dataclass(slots=True)
class _Lists:
    """Whether lists hold labels, which come together now so and now so, or several ways to say one answer."""

    count: int = 0
    first: dict[str, frozenset[str]] = field(default_factory=dict)
    is_mixed: bool = False

    def add(self, entries: Sequence[JsonValue]) -> None:
        self.count += 1
        found = frozenset(map(str, entries))
        self.is_mixed |= not found or any(self.first.get(entry, found) != found for entry in found)
        if len(self.first) <= _MOST_LABELS:
            self.first.update((entry, found) for entry in found if entry not in self.first)

    @property
    def hold_labels(self) -> bool:
        distinct = len(self.first)
        is_few = 0 < distinct <= min(_MOST_LABELS, self.count // _TARGETS_PER_LABEL)
        return self.is_mixed and is_few and max(map(len, self.first)) <= _LABEL_CHARACTERS


def _looks_of(text: str) -> set[str]:
    claims = {
        "label": len(text) <= _LABEL_CHARACTERS and "\n" not in text,
        "number": is_number(text),
        "markup": text.lstrip().startswith("<") and text.rstrip().endswith(">"),
        "tests": _TEST.search(text) is not None,
        "object": text.lstrip().startswith("{") and text.rstrip().endswith("}"),
        "short": len(text) <= _ANSWER_CHARACTERS,
    }
    return {look for look, holds in claims.items() if holds}


_BY_LOOK: Mapping[str, tuple[TaskKind, str]] = {
    "number": (TaskKind.REASONING, "targets are numbers"),
    "object": (TaskKind.EXTRACTION, "targets are JSON objects written as text"),
    "markup": (TaskKind.REFORMATTING, "targets are HTML"),
    "tests": (TaskKind.CODE, "targets are tests in Python"),
    "short": (TaskKind.QA, "targets are short texts"),
}


def _kind_of_texts(texts: _Texts, column: str | None) -> tuple[TaskKind | None, str]:
    distinct = len(texts.distinct)
    is_result = "number" in texts.looks and distinct > _MOST_NUMBERED_LABELS
    is_label = "label" in texts.looks and _few(distinct, texts.count, column)
    if is_label and not (is_result and not _is_among(_LABEL_NAMES, column)):
        kind = TaskKind.ROUTING if _is_among(_ROUTE_NAMES, column) else TaskKind.CLASSIFICATION
        return kind, f"targets are {distinct} distinct short texts"
    found = (found for look, found in _BY_LOOK.items() if look in texts.looks)
    return next(found, (None, "the targets are long texts"))


def _few(distinct: int, targets: int, column: str | None) -> bool:
    if distinct > _MOST_LABELS:
        return False
    if _is_among(_LABEL_NAMES, column):
        return True
    return distinct * 2 <= targets or (
        targets < _FEW_ITEMS and distinct < targets and distinct <= _FEW_LABELS
    )


def _is_among(names: frozenset[str], column: str | None) -> bool:
    return column is not None and column.casefold() in names
