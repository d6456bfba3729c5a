"""Judge answers that are JSON objects or lists, field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.graders.fields import Agreement, FieldComparison
from evalbench.graders.json_text import as_json, exact, find_json, parse_json
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import NO_TARGET, folded, shown, storable, tidied


class JsonFields:
    """The share of an answer's fields that are right (F1), or with `score: all` 1.0 or 0.0.

    Nested objects count by path, lists without regard to order. Text is compared without
    case and spacing unless `normalize: none`, numbers by value; a number is never a text.
    With `nulls: absent` a field that is null counts as not there. The object may stand in a
    code fence or among words, but must itself be strict JSON. Counts are right, extra and
    missing fields; a wrong value is one extra and one missing.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("json_fields", options)
        is_text = settings.choice("normalize", ("text", "none")) == "text"
        self._wants_all = settings.choice("score", ("f1", "all")) == "all"
        self._drops_nulls = settings.choice("nulls", ("value", "absent")) == "absent"
        self.accepts_truncated = settings.flag("accept_truncated")
        self.signature = settings.sign(version=1)
        self._form: Callable[[str], str] = _without_case if is_text else str

    def grade(self, answer: str, item: Item) -> Score:
        """F1 over the fields, or 1.0 only if all are right and none is extra."""
        if item.target is None:
            return NO_TARGET
        target = self._kept(_target(item.target))
        if not isinstance(target, dict | list):
            return Score(0.0, None, f"the target {shown(item.target)} is neither a JSON object nor a list")
        comparison = FieldComparison(self._form)
        try:
            value = self._kept(find_json(answer, list if isinstance(target, list) else dict))
            found = comparison.compare(value, target)
        except ValueError as error:
            missing = float(comparison.compare(type(target)(), target).missing)
            return Score(0.0, None, f"the answer {error}", is_valid=False, statistics=(0.0, 0.0, missing))
        counts = (float(found.right), float(found.extra), float(found.missing))
        notes = storable("; ".join(found.notes))
        return Score(self._value(found), storable(as_json(value)), notes, statistics=counts)

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that are neither an object nor a list."""
        return [
            Problem(item.id, f"the target {shown(item.target)} is neither a JSON object nor a list")
            for item in items
            if item.target is not None and not isinstance(_target(item.target), dict | list)
        ]

    def _value(self, found: Agreement) -> float:
        if self._wants_all:
            return float(not found.extra and not found.missing)
        return found.f1

    def _kept(self, value: JsonValue) -> JsonValue:
        return _without_nulls(value) if self._drops_nulls else value


def _target(target: JsonValue) -> JsonValue:
    """A target's value: as it is, or read from JSON text; None when it cannot be read."""
    if not isinstance(target, str):
        return exact(target)
    try:
        return parse_json(target)
    except ValueError:
        return None


def _without_case(text: str) -> str:
    return folded(tidied(text))


def _without_nulls(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _without_nulls(entry) for key, entry in value.items() if entry is not None}
    return [_without_nulls(entry) for entry in value] if isinstance(value, list) else value
