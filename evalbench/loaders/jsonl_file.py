"""Read rows from JSON Lines: one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from evalbench.core.evalset import JsonValue
from evalbench.loaders.problems import Problems
from evalbench.loaders.rows import Digits, Row
from evalbench.loaders.text_lines import text_lines


def read_rows(path: Path, problems: Problems) -> Iterator[Row]:
    """The file's rows; a line that is no JSON object is a problem with its number."""
    for number, text in text_lines(path, problems):
        if not text.strip():
            continue
        try:
            values = parse(text)
        except ValueError as error:
            problems.add(path, number, str(error))
            continue
        if isinstance(values, dict):
            yield Row(number, values)
        else:
            problems.add(path, number, f"not a JSON object: {_clip(text)!r}")


def parse(text: str) -> JsonValue:
    """Strict JSON, with numbers kept as they were written.

    Raises:
        ValueError: the text is not JSON, says why in plain words.
    """
    try:
        value = _DECODER.decode(text.strip())
        if "\\u" in text:
            _refuse_half_characters(value)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno} of {_clip(text)!r}") from error
    except RecursionError as error:
        raise ValueError("not JSON that can be read: it is nested too deeply") from error
    return value


def _refuse_half_characters(value: JsonValue) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError("holds half of a character (a lone surrogate such as \\ud800)") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for number, name in enumerate(names) if name in names[:number])
        raise ValueError(f"the key {twice!r} is there twice")
    return values


def _constant(name: str) -> NoReturn:
    raise ValueError(f"holds {name}, which JSON does not have")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=Digits, parse_float=Digits, parse_constant=_constant
)
_SHOWN = 60


def _clip(text: str) -> str:
    text = text.strip()
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
