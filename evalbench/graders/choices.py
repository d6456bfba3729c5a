"""The letters and texts that a multiple-choice item offers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from string import ascii_uppercase

from evalbench.core.evalset import Item, JsonValue

_COLUMNS = ("choices", "options")
_LINE = re.compile(r"^[ \t]{0,8}[(\[]?([A-Z])[)\].:][ \t]{1,8}(\S[^\n]*)$", re.MULTILINE)
_FEWEST = 2


def choices_of(item: Item, column: str | None) -> Mapping[str, str]:
    """What an item offers, by letter; empty when it does not show it.

    Taken from the column of that name, `choices` or `options`: a list of texts, an object of letter to
    text, or one of two lists `label` and `text`. Else from lines of the input such as `B) Paris`, of
    which the last run that starts with A counts: earlier ones are worked examples.
    """
    fields = item.prompt.fields
    for name in _COLUMNS if column is None else (column,):
        if found := _from_column(fields.get(name)):
            return found
    return _from_lines(item.prompt.text)


def _from_column(value: JsonValue) -> Mapping[str, str]:
    if isinstance(value, list):
        return dict(zip(ascii_uppercase, map(str, value), strict=False))
    if not isinstance(value, dict):
        return {}
    labels, texts = value.get("label"), value.get("text")
    if isinstance(labels, list) and isinstance(texts, list):
        return {str(label).upper(): str(text) for label, text in zip(labels, texts, strict=False)}
    return {str(label).upper(): str(text) for label, text in value.items() if len(str(label)) == 1}


@lru_cache(maxsize=256)
def _from_lines(text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for letter, option in _LINE.findall(text):
        if letter == "A":
            found = {}
        if letter == ascii_uppercase[len(found)]:
            found[letter] = option.strip()
    return found if len(found) >= _FEWEST else {}
