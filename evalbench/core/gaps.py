"""Texts with gaps such as `{{name}}`, and the named values of an item that fill them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from evalbench.core.evalset import Item, JsonValue

_GAP = re.compile(r"\{\{ ?([^{}\n]{1,80}?) ?\}\}")
_BRACKETS = re.compile(r"([\w][\w ]{0,40}?) ?\[([^\]\n]{1,500})\]")
_LINES = re.compile(r"^[ \t]{0,8}(\w[\w .-]{0,40}?) ?[:=][ \t]{1,8}(\S[^\n]*)$", re.MULTILINE)


def gaps_in(text: str) -> list[str]:
    """The names of the gaps of a text, in order."""
    return _GAP.findall(text)


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with every gap filled; a gap without a value becomes empty."""
    return _GAP.sub(lambda gap: values.get(gap[1], ""), text)


def values_of(item: Item, column: str | None = None) -> dict[str, str]:
    """The named values of an item: those of its column of slots, else of its columns and its input.

    `column` is `slots` unless said. An input has values as `name[Blue Spice]`, `name: Blue Spice` by
    line, or as a JSON object.
    """
    said = item.prompt.fields.get(column or "slots")
    if isinstance(said, dict):
        return _texts(said)
    text = item.prompt.text
    found: Mapping[str, JsonValue] = dict(_BRACKETS.findall(text) or _LINES.findall(text))
    if text.lstrip().startswith("{"):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
        found = value if isinstance(value, dict) else found
    return {**_texts(item.prompt.fields), **_texts(found)}


def _texts(values: Mapping[str, JsonValue]) -> dict[str, str]:
    return {
        str(name).strip(): value.strip() if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }
