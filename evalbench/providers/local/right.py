"""Tell right answers from wrong ones while learning, for each shape of target."""

from __future__ import annotations

import json

from evalbench.core.evalset import Item, JsonValue
from evalbench.core.gaps import filled, values_of
from evalbench.providers.local.reading import accepted_texts, as_answer, label_set, parsed_target


def is_accepted_text(answer: str, item: Item) -> bool:
    """Whether an answer is one of the accepted texts, but for case and spacing."""
    return folded(answer) in {folded(text) for text in accepted_texts(item.target)}


def is_filled_text(answer: str, item: Item) -> bool:
    """Whether an answer is an accepted text, its gaps filled with the item's values."""
    values = values_of(item)
    accepted = {folded(filled(text, values)) for text in accepted_texts(item.target)}
    return folded(answer) in accepted


def is_same_set(answer: str, item: Item) -> bool:
    """Whether an answer names every label of the target and no other."""
    return frozenset(json.loads(answer)) == label_set(item.target)


def is_same_object(answer: str, item: Item) -> bool:
    """Whether an answer is the target's JSON object, but for case and spacing within its texts."""
    return bool(_folded_value(json.loads(answer)) == _folded_value(parsed_target(item)))


def is_same_output(answer: str, item: Item) -> bool:
    """Whether an answer is the target's JSON value, or the very text of it."""
    target = parsed_target(item)
    if not isinstance(target, dict | list):
        return answer.strip() == as_answer(item.target).strip()
    try:
        return bool(json.loads(answer) == target)
    except ValueError:
        return False


def folded(text: str) -> str:
    """A text without regard to case and spacing."""
    return " ".join(text.casefold().split())


def _folded_value(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return folded(value)
    if isinstance(value, dict):
        return {key: _folded_value(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_folded_value(entry) for entry in value]
    return value
