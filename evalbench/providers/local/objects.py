"""Take JSON objects apart into fields, and put them together again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from evalbench.core.evalset import JsonValue

Path: TypeAlias = tuple[str, ...]
"""The keys that lead to a field."""


def flat(value: Mapping[str, JsonValue], above: Path = ()) -> dict[Path, JsonValue]:
    """The fields of an object by path; lists and empty objects count as values."""
    found: dict[Path, JsonValue] = {}
    for key, entry in value.items():
        if isinstance(entry, dict) and entry:
            found |= flat(entry, (*above, key))
        else:
            found[*above, key] = entry
    return found


def nested(fields: Mapping[Path, JsonValue]) -> dict[str, JsonValue]:
    """The object that has these fields."""
    found: dict[str, JsonValue] = {}
    for path, value in fields.items():
        place = found
        for key in path[:-1]:
            inner = place.setdefault(key, {})
            if not isinstance(inner, dict):
                inner = place[key] = {}
            place = inner
        place[path[-1]] = value
    return found
