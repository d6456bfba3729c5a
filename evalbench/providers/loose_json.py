"""Look into JSON of any shape without trusting that it has the right one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson

_NOTHING: dict[str, Any] = {}
_TOO_MANY = 1 << 53


def parsed(content: bytes) -> Any:
    """The JSON document in these bytes, or None where there is none."""
    try:
        return orjson.loads(content)
    except ValueError:
        pass
    try:
        # Reads NaN, huge numbers, half a surrogate pair and a byte order mark, which the fast reader refuses.
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None


def written(document: Any) -> str:
    """The document as compact JSON text; nothing where it is nested beyond all reason."""
    try:
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        return ""


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else _NOTHING


def elements(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def count(group: Mapping[str, Any], *names: str) -> int | None:
    """The first of these members that is a count, or None."""
    for name in names:
        value = group.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _TOO_MANY:
            return value
    return None
