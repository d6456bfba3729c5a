"""Write JSON so that equal values give equal text."""

from __future__ import annotations

import json

import orjson

from evalbench.core.evalset import JsonValue


def canonical(value: JsonValue) -> bytes:
    """Canonical JSON: sorted keys, no spaces, text as it is."""
    if not _has_floats(value):
        try:
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        except TypeError:  # a whole number beyond 64 bits, which the fast writer refuses
            pass
    # Of floats the fast writer makes another text, and digests in ledgers rest on this one.
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def is_canonical(value: JsonValue) -> bool:
    """Whether a value is written canonically as it stands: its keys are sorted, and it has no floats."""
    if isinstance(value, dict):
        return list(value) == sorted(value) and all(map(is_canonical, value.values()))
    if isinstance(value, list | tuple):
        return all(map(is_canonical, value))
    return not isinstance(value, float)


def _has_floats(value: JsonValue) -> bool:
    if isinstance(value, str):
        return False
    if isinstance(value, dict):
        return any(map(_has_floats, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_floats, value))
    return isinstance(value, float)
