"""Read JSON strictly, and find the one JSON value that an answer wraps in words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from evalbench.core.evalset import JsonValue

MOST_CHARACTERS = 1_000_000
DEEPEST = 100
"""Deeper values are refused: no real answer needs it, and reading them could exhaust the stack."""

_MARK = re.compile(r'\\.|["{}\[\]]', re.DOTALL)
_FENCED = re.compile(r"```[^\n`]*\n(.*?)```", re.DOTALL)
_OBJECT = re.compile(r"""\{\s*["'}]""")
_MOST_BLOCKS = 100
_MOST_REPAIRED = 20_000
_PLAIN_MAGNITUDE = 15


def parse_json(text: str, number: Callable[[str], Any] = Decimal) -> JsonValue:
    """The value of strict JSON; a ValueError says what stands against it.

    Its message completes the sentence "the answer …", as that of every reader of answers does.
    Numbers keep their exact value. A key that occurs twice, NaN and infinity are refused,
    as is what is too deep or too long.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"is longer than {MOST_CHARACTERS:,} characters")
    if _is_too_deep(text):
        raise ValueError(f"is nested deeper than {DEEPEST} levels")
    try:
        return json.loads(
            text,
            parse_int=number,
            parse_float=number,
            parse_constant=partial(_constant, number),
            object_pairs_hook=_unique,
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except ArithmeticError:
        raise ValueError("holds a number too large to read") from None


def find_json(answer: str, kind: type[dict[str, Any] | list[Any]]) -> JsonValue:
    """The JSON object or list of an answer: all of it, or the first such block in it.

    Words around the block are passed over; the block itself must be strict JSON. Once
    something has begun like an object, nothing later or inside is tried in its stead.
    """
    if len(answer) > MOST_CHARACTERS:
        raise ValueError(f"is longer than {MOST_CHARACTERS:,} characters")
    block = next(_blocks(answer.strip(), kind), None)
    if block is None:
        raise ValueError(f"holds no complete JSON {'object' if kind is dict else 'list'}")
    value = parse_json(block)
    if isinstance(value, kind):
        return value
    raise ValueError(f"is JSON, but no {'object' if kind is dict else 'list'}")


def repaired_json(answer: str, kind: type[dict[str, Any] | list[Any]]) -> JsonValue:
    """The JSON object or list that an answer may have been meant to be; a ValueError where it is none.

    Quotes, commas and brackets are mended: a guess, which has to be told from what was written.
    """
    if len(answer) > _MOST_REPAIRED:
        raise ValueError(f"is longer than {_MOST_REPAIRED:,} characters")
    from json_repair import loads

    try:
        text = json.dumps(loads(answer))
    except (ValueError, TypeError, RecursionError):
        raise ValueError("cannot be repaired") from None
    value = parse_json(text)
    if isinstance(value, kind):
        return value
    raise ValueError(f"is no JSON {'object' if kind is dict else 'list'} even when repaired")


def exact(value: JsonValue) -> JsonValue:
    """`value` with its numbers as `parse_json` gives them, so that 0.1 is one tenth."""
    if isinstance(value, dict):
        return {key: exact(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [exact(entry) for entry in value]
    return Decimal(repr(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def as_json(value: JsonValue) -> str:
    """A parsed value as compact JSON, keys sorted."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=_plain_number)


def _blocks(text: str, kind: type) -> Iterator[str]:
    opener, other = ("{", "[]") if kind is dict else ("[", "{}")
    if text.startswith(opener):
        yield next(_balanced(text, opener), text)
        return
    if text.startswith(other[0]) and text.endswith(other[1]):
        yield text  # The other kind of value: what is inside it is not what was said.
        return
    for found in _FENCED.finditer(text):
        if found[1].lstrip().startswith(opener):
            yield found[1].strip()
    for number, block in enumerate(_balanced(text, opener)):
        if number < _MOST_BLOCKS and (kind is list or _OBJECT.match(block)):
            yield block


def _balanced(text: str, opener: str) -> Iterator[str]:
    """Every outermost run from an opening bracket to the one that closes it."""
    depth, start, is_quoted = 0, 0, False
    for mark in _MARK.finditer(text):
        sign = mark[0]
        if not depth:
            if sign == opener:
                depth, start, is_quoted = 1, mark.start(), False
        elif sign == '"':
            is_quoted = not is_quoted
        elif is_quoted or len(sign) > 1:
            continue
        elif sign in "{[":
            depth += 1
        else:
            depth -= 1
            if not depth:
                yield text[start : mark.end()]


def _is_too_deep(text: str) -> bool:
    if text.count("{") + text.count("[") <= DEEPEST:
        return False
    depth, is_quoted = 0, False
    for mark in _MARK.finditer(text):
        sign = mark[0]
        if sign == '"':
            is_quoted = not is_quoted
        elif not is_quoted and len(sign) == 1:
            depth += 1 if sign in "{[" else -1
            if depth > DEEPEST:
                return True
    return False


def _unique(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"repeats the key {key[:40]!r}")
        found[key] = value
    return found


def _constant(number: Callable[[str], Any], name: str) -> JsonValue:
    if number is str:
        return name
    raise ValueError(f"holds {name}, which is no JSON value")


def _plain_number(value: object) -> JsonValue:
    if not isinstance(value, Decimal):
        return str(value)
    if abs(value.adjusted()) > _PLAIN_MAGNITUDE:
        return str(value)
    return int(value) if value == value.to_integral_value() else float(value)
