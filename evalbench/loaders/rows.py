"""Rows of a file: values by column, numbers kept as they were written until someone needs a number."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from evalbench.core.evalset import JsonValue
from evalbench.loaders.problems import Problems

MAX_BYTES = 10_000_000
"""The longest line or cell that is read."""

_MAX_DEPTH = 100
_MAX_DIGITS = 4000
_WORDS = {True: "true", False: "false"}


class Digits(str):
    """A number exactly as it was written: `1.0`, `1e3` and `007` stay apart."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it stands in its file, counted from 1, and its values by column."""

    line: int
    values: Mapping[str, JsonValue]


RowReader: TypeAlias = Callable[[Path, Problems], Iterator[Row]]
"""Reads the rows of a file; what cannot be read is noted in the problems, never dropped in silence."""


def as_text(value: JsonValue) -> str | None:
    """A scalar as it was written, or None for a value that is no scalar."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return _WORDS[value]
    return str(value) if isinstance(value, int | float) else None


def as_value(value: JsonValue, depth: int = 0) -> JsonValue:
    """A value with real numbers in it.

    Raises:
        ValueError: the value is nested too deeply, or holds a number that no program can hold.
    """
    if isinstance(value, Digits):
        return _number(value)
    if depth > _MAX_DEPTH:
        raise ValueError(f"is nested more than {_MAX_DEPTH} levels deep")
    if isinstance(value, dict):
        return {key: as_value(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_value(inner, depth + 1) for inner in value]
    return value


def _number(digits: Digits) -> int | float:
    if len(digits) > _MAX_DIGITS:
        raise ValueError(f"holds a number of {len(digits):,} digits")
    if not set(digits) & set(".eE"):
        return int(digits)
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"holds {str(digits)!r}, which is too large a number")
    return number
