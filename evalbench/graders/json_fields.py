"""Judge answers that are JSON objects or lists, field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.errors import InputError, nearest
from evalbench.graders.fields import Agreement, FieldComparison, leaves, shown_value
from evalbench.graders.forms import FORMS, ORDERS, Reading
from evalbench.graders.json_text import as_json, exact, find_json, parse_json, repaired_json
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import NO_TARGET, folded, shown, storable, tidied

_Kind: TypeAlias = type[dict[str, JsonValue] | list[JsonValue]]


class JsonFields:
    """The share of an answer's fields that are right (F1), or with `score: all` 1.0 or 0.0.

    Nested objects count by path, lists without regard to order. Text is compared without
    case and spacing unless `normalize: none`, numbers by value; a number is never a text.
    With `nulls: absent` a field that is null counts as not there. The object may stand in a
    code fence or among words, but must itself be strict JSON; `parse: repaired` mends what is not,
    and without it the explanation says what the answer would have scored. `fields` says by path
    which field holds a date, a price, a phone number, a name, a number or an exact text, so that its
    spelling does not matter. Counts are right, extra and missing fields; a wrong value is one extra
    and one missing.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("json_fields", options)
        is_text = settings.choice("normalize", ("text", "none")) == "text"
        self._wants_all = settings.choice("score", ("f1", "all")) == "all"
        self._is_repaired = settings.choice("parse", ("strict", "repaired")) == "repaired"
        self._drops_nulls = settings.choice("nulls", ("value", "absent")) == "absent"
        self.accepts_truncated = settings.flag("accept_truncated")
        reading = Reading(settings.choice("date_order", ORDERS), settings.whole("country_code"))
        forms = settings.structure("fields") or {}
        self.signature = settings.sign(version=1)
        self._form: Callable[[str], str] = _without_case if is_text else str
        self._readers = {path: reading.reader(_form_of(path, form)) for path, form in forms.items()}

    def grade(self, answer: str, item: Item) -> Score:
        """F1 over the fields, or 1.0 only if all are right and none is extra."""
        if item.target is None:
            return NO_TARGET
        target = self._kept(_target(item.target))
        if not isinstance(target, dict | list):
            return Score(0.0, None, f"the target {shown(item.target)} is neither a JSON object nor a list")
        kind: _Kind = type(target)
        comparison = FieldComparison(self._form, self._readers)
        try:
            value = self._kept(self._find(answer, kind))
            found = comparison.compare(value, target)
        except ValueError as error:
            missing = float(comparison.compare(kind(), target).missing)
            problem = f"the answer {error}{self._if_repaired(answer, target)}"
            return Score(0.0, None, problem, is_valid=False, statistics=(0.0, 0.0, missing))
        counts = (float(found.right), float(found.extra), float(found.missing))
        notes = storable("; ".join(found.notes))
        return Score(self._value(found), storable(as_json(value)), notes, statistics=counts)

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that are neither an object nor a list, or whose fields are not what `fields` says."""
        problems = []
        seen: set[str] = set()
        for item in items:
            if item.target is None:
                continue
            target = _target(item.target)
            if not isinstance(target, dict | list):
                message = f"the target {shown(item.target)} is neither a JSON object nor a list"
                problems.append(Problem(item.id, message))
                continue
            for place, value in leaves(target, ""):
                seen.add(place)
                if place in self._readers and value is not None and self._readers[place].read(value) is None:
                    problems.append(Problem(item.id, self._unread(place, value)))
        unseen = [place for place in self._readers if place not in seen]
        if seen and unseen and not problems:
            likely = nearest(unseen[0], sorted(seen))
            problems.append(
                Problem(items[0].id, f"option 'fields' names {unseen[0]!r}, which no target has; {likely}")
            )
        return problems

    def _unread(self, place: str, value: JsonValue) -> str:
        form = self._readers[place].form
        hint = "; if it is one, say `date_order: DMY` or MDY" if form == "date" else ""
        return f"{place} is {shown_value(value)}, which cannot be read as a {form}{hint}"

    def _find(self, answer: str, kind: _Kind) -> JsonValue:
        try:
            return find_json(answer, kind)
        except ValueError:
            if not self._is_repaired:
                raise
            return repaired_json(answer, kind)

    def _if_repaired(self, answer: str, target: JsonValue) -> str:
        """What an answer that is no JSON would have scored, as a remark and never as its score."""
        try:
            value = self._kept(repaired_json(answer, type(target)))
            found = FieldComparison(self._form, self._readers).compare(value, target)
        except ValueError:
            return ""
        return f"; repaired, it would score {self._value(found):.2f} (parse: repaired)"

    def _value(self, found: Agreement) -> float:
        if self._wants_all:
            return float(not found.extra and not found.missing)
        return found.f1

    def _kept(self, value: JsonValue) -> JsonValue:
        return _without_nulls(value) if self._drops_nulls else value


def _form_of(path: str, form: JsonValue) -> str:
    if form not in FORMS:
        raise InputError(
            f"grader 'json_fields': option 'fields' says that {path!r} is {form!r}, "
            f"not one of {', '.join(FORMS)}",
            nearest(str(form), FORMS),
        )
    return str(form)


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
