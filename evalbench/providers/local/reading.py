"""What a classical model reads: a prompt's text and fields, and the targets it learns from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from evalbench.core.evalset import Item, JsonValue, Prompt
from evalbench.errors import InputError

_SHORT = 40


def full_text(prompt: Prompt) -> str:
    """The text of a prompt, and below it what its fields add to that."""
    extra = [
        value
        for value in prompt.fields.values()
        if isinstance(value, str) and value and value not in prompt.text
    ]
    return "\n".join((prompt.text, *extra) if prompt.text else extra)


def field_marks(fields: Mapping[str, JsonValue]) -> list[str]:
    """One word for each short value among the fields, for example `channel=chat`."""
    return list(_marks(fields))


def _marks(fields: Mapping[str, JsonValue]) -> Iterator[str]:
    for name, value in fields.items():
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, str | int | float) and len(str(entry)) <= _SHORT:
                yield f"{name}={entry}"


def accepted_texts(target: JsonValue) -> tuple[str, ...]:
    """Every text that a target accepts: a list is a set of accepted answers."""
    if isinstance(target, list):
        return tuple(as_answer(entry) for entry in target) or ("",)
    return (as_answer(target),)


def label_set(target: JsonValue) -> frozenset[str]:
    """Every label of a target; a list of none means that none fits."""
    return frozenset() if target == [] else frozenset(accepted_texts(target))


def as_answer(target: JsonValue) -> str:
    """A target as a model would write it."""
    return target if isinstance(target, str) else as_json(target)


def as_json(value: JsonValue) -> str:
    """A value as compact JSON text."""
    return json.dumps(value, ensure_ascii=False)


def parsed_target(item: Item) -> JsonValue:
    """The target of an item as a JSON value; text that is no JSON stays text."""
    if not isinstance(item.target, str):
        return item.target
    try:
        return json.loads(item.target)
    except ValueError:
        return item.target


def object_target(item: Item) -> dict[str, JsonValue]:
    """The target of an extraction item."""
    value = parsed_target(item)
    if isinstance(value, dict):
        return value
    place = f"line {item.line}: " if item.line else ""
    raise InputError(
        f"{place}the target of training item {item.id!r} is no JSON object: {as_answer(item.target)[:60]!r}",
        "write the target of every extraction item as an object, {} when there is nothing to find.",
    )
