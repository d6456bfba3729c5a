"""Judge answers by whether they are JSON of the form that was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import regex  # type: ignore[import-untyped]  # the package has no type information

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.errors import InputError
from evalbench.graders.json_text import as_json, parse_json
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import MOST_COMPARED, NO_TARGET, shown, storable, too_long, without_fence

_LONGEST_S = 1.0
_MOST_NOTES = 3
_REFERENCES = ("$ref", "$dynamicRef")


class JsonSchema:
    """Right when the answer is JSON and fits the JSON Schema, whatever its values are.

    The schema is the eval set's `schema`, or the option `schema`. All of the answer must be strict JSON,
    without words around it; `fence: accept` passes over a code fence, which many parsers do not.
    Nothing is fetched: a reference to another document is refused when the grader is made. It judges form;
    combine it with `json_fields` to judge values.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:
        settings = GraderOptions("json_schema", options)
        said = settings.structure("schema")
        self._takes_fence = settings.choice("fence", ("refuse", "accept")) == "accept"
        self.accepts_truncated = settings.flag("accept_truncated")
        self.signature = settings.sign(version=1)
        schema = task.schema if said is None else said
        if schema is None:
            raise InputError(
                "grader 'json_schema' has no schema to check with",
                "say `schema: schema.json` in evalset.yaml, or give the grader the option `schema`.",
            )
        self._validator = _validator(schema)

    def grade(self, answer: str, item: Item) -> Score:
        """1.0 for JSON that fits, 0.0 for other JSON; what is no JSON is unreadable."""
        if item.target is None:
            return NO_TARGET
        if len(answer) > MOST_COMPARED:
            return too_long(answer)
        try:
            value = parse_json(without_fence(answer) if self._takes_fence else answer, number=_number)
        except ValueError as error:
            return Score(0.0, None, f"the answer {error}", is_valid=False)
        notes = self._notes(value)
        return Score(float(not notes), storable(as_json(value)), storable("; ".join(notes)))

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that are objects and do not fit the schema themselves."""
        return [
            Problem(item.id, f"the target does not fit the schema: {notes[0]}")
            for item in items
            if isinstance(item.target, dict) and (notes := self._notes(item.target))
        ]

    def _notes(self, value: JsonValue) -> list[str]:
        notes: list[str] = []
        for error in self._validator.iter_errors(value):
            place = "".join(
                f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path
            )
            notes.append(f"{place.lstrip('.') or 'the answer'}: {shown(error.message, 200)[1:-1]}")
            if len(notes) == _MOST_NOTES:
                break
        return notes


def _number(text: str) -> int | float:
    """A number as JSON Schema knows them: whole ones stay whole."""
    try:
        return int(text)
    except ValueError:
        return float(text)


def _validator(schema: JsonValue) -> Any:
    from jsonschema import SchemaError
    from jsonschema.validators import extend, validator_for
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    kind = validator_for(schema)
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        raise InputError(
            f"grader 'json_schema': the schema is no JSON Schema: {error.message}", "mend the schema."
        ) from error
    extended: Any = extend
    bounded = extended(kind, {"pattern": _pattern, "uniqueItems": _unique_items})
    registry: Any = Registry()  # Without a way to retrieve: what is not in the schema is not found.
    validator = bounded(schema, registry=registry)
    for reference in _references(schema):
        try:
            validator._resolver.lookup(reference)  # noqa: SLF001 - its public form validates, and so needs an answer
        except Unresolvable as error:
            raise InputError(
                f"grader 'json_schema': the schema refers to {reference!r}, which is not in it",
                "copy what is meant into `$defs` of the schema; nothing is fetched.",
            ) from error
    return validator


def _references(schema: JsonValue) -> Iterator[str]:
    waiting = [schema]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from (value[key] for key in _REFERENCES if isinstance(value.get(key), str))
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _pattern(validator: Any, pattern: str, value: JsonValue, schema: JsonValue) -> Iterator[Any]:  # noqa: ARG001 - jsonschema's form
    """`pattern` in bounded time, which the one of jsonschema is not."""
    from jsonschema import ValidationError

    if not isinstance(value, str):
        return
    try:
        if not regex.search(pattern, value, timeout=_LONGEST_S):
            yield ValidationError(f"{shown(value)} does not match {pattern!r}")
    except TimeoutError:
        yield ValidationError(f"{pattern!r} took longer than {_LONGEST_S:g} s on {shown(value)}")


def _unique_items(validator: Any, wanted: bool, value: JsonValue, schema: JsonValue) -> Iterator[Any]:  # noqa: ARG001, FBT001 - jsonschema's form
    """`uniqueItems` in linear time, which the one of jsonschema is not for lists of objects."""
    from jsonschema import ValidationError

    if wanted and isinstance(value, list) and len({as_json(_plain(entry)) for entry in value}) < len(value):
        yield ValidationError("has an entry twice")


def _plain(value: JsonValue) -> JsonValue:
    """`value` with 1.0 written as 1, which are equal in JSON Schema."""
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
