"""Texts nobody vouches for (answers, prompts, names), made safe to show without changing what they say."""

from __future__ import annotations

import json
from dataclasses import dataclass

from evalbench.core.evalset import JsonValue

_PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"}
_HIGH_CONTROLS = dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)
_VISIBLE = _PICTURES | {0x7F: 0x2421} | _HIGH_CONTROLS | _SURROGATES | {0xFFFE: 0xFFFD, 0xFFFF: 0xFFFD}
_DIRECTIONS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F))


@dataclass(frozen=True, slots=True)
class Clipped:
    """The beginning of a text, and how many characters the whole has when it is longer."""

    text: str
    whole: int | None = None


def storable(text: str) -> str:
    """`text` with lone surrogates replaced, which no encoding can hold."""
    return text.translate(_SURROGATES)


def visible(text: str) -> str:
    """`text` with control characters shown as their symbols; line ends and tabs stay."""
    return text.replace("\r\n", "\n").translate(_VISIBLE)


def one_line(text: str) -> str:
    """A name or sentence on one line, without anything that could steer a terminal."""
    return " ".join(text.translate(_DIRECTIONS).split()).translate(_VISIBLE)


def clip(text: str, limit: int) -> Clipped:
    """The first `limit` characters of `text`, made visible."""
    whole = len(text)
    return Clipped(visible(text[:limit]), whole if whole > limit else None)


def spoken(value: JsonValue) -> str | None:
    """A target as text: text as it is, anything else as JSON, None where there is none."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
