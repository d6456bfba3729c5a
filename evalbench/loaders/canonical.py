"""Write JSON so that equal values give equal text."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection

import orjson

from evalbench.core.evalset import JsonValue

_PLAIN = frozenset({str, int, bool, type(None)})
"""Of these nothing can be written in two ways."""


def canonical(value: JsonValue) -> bytes:
    """Canonical JSON: sorted keys, no spaces, text as it is."""
    if _has_no_floats(value):
        try:
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        except TypeError:  # a whole number beyond 64 bits, which the fast writer refuses
            pass
    # Of floats the fast writer makes another text, and digests in ledgers rest on this one.
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def is_canonical(value: JsonValue) -> bool:
    """Whether a value is written canonically as it stands: its keys are sorted, and it has no floats."""
    if isinstance(value, dict):
        return list(value) == sorted(value) and _are(is_canonical, value.values())
    if isinstance(value, list | tuple):
        return _are(is_canonical, value)
    return not isinstance(value, float)


def _has_no_floats(value: JsonValue) -> bool:
    if isinstance(value, dict):
        return _are(_has_no_floats, value.values())
    if isinstance(value, list | tuple):
        return _are(_has_no_floats, value)
    return not isinstance(value, float)


def _are(claim: Callable[[JsonValue], bool], values: Collection[JsonValue]) -> bool:
    # Nearly always they are plain, and to look at them one by one takes as long as to write them.
    return _PLAIN.issuperset(map(type, values)) or all(map(claim, values))
