"""Read YAML string-safe, without building objects and without falling for bombs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import yaml

from evalbench.core.evalset import JsonValue

_DEEPEST = 100
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,6})?")
_TEXT_TAG = "tag:yaml.org,2002:str"

# The parser in C is a hundred times faster; not every platform has it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str) -> JsonValue:
    """The value of a YAML text, or the list of them when it holds several documents.

    Only null, true, false and decimal numbers are more than text when unquoted: `no`, `012`,
    `1:30` and dates stay what they are. A key that occurs twice, an alias to what surrounds
    it, and too deep a nesting are refused with a ValueError.
    """
    building = _Building()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            building.take(event)
    except yaml.YAMLError as error:
        raise ValueError(f"is not YAML: {' '.join(str(error).split())[:200]}") from None
    documents = building.documents
    return documents[0] if len(documents) == 1 else documents


class _Building:
    """Values under construction: the parser tells only what begins and ends.

    An alias stands for the very value that its anchor names, so a file that multiplies itself
    costs nothing here; whoever walks through the value has to count.
    """

    def __init__(self) -> None:
        self.documents: list[JsonValue] = []
        self._open: list[tuple[list[JsonValue], yaml.Event]] = []
        self._anchors: dict[str, JsonValue] = {}

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._anchors = {}
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(self._open) >= _DEEPEST:
                raise ValueError(f"is nested deeper than {_DEEPEST} levels")
            self._open.append(([], event))
        elif isinstance(event, yaml.CollectionEndEvent):
            entries, start = self._open.pop()
            self._add(_mapping(entries) if isinstance(start, yaml.MappingStartEvent) else entries, start)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise ValueError(f"has the alias *{event.anchor}, which names nothing before it")
            self._add(self._anchors[event.anchor], event)
        elif isinstance(event, yaml.ScalarEvent):
            self._add(_scalar(event), event)

    def _add(self, value: JsonValue, event: Any) -> None:
        if event.anchor and not isinstance(event, yaml.AliasEvent):
            self._anchors[event.anchor] = value
        (self._open[-1][0] if self._open else self.documents).append(value)


def _mapping(entries: list[JsonValue]) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    for key, value in _pairs(entries):
        if key in found:
            raise ValueError(f"repeats the key {key[:40]!r}")
        found[key] = value
    return found


def _pairs(entries: list[JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    for key, value in zip(entries[::2], entries[1::2], strict=True):
        if isinstance(key, dict | list):
            raise ValueError("has a key that is not a plain value")  # noqa: TRY004 - the document is at fault, not a type
        yield str(key), value


def _scalar(event: Any) -> JsonValue:
    value: str = event.value
    is_plain = event.implicit[0] and event.tag is None
    if not is_plain:
        return value if event.tag in (None, "!", _TEXT_TAG) else [event.tag, value]
    if value in _NULL:
        return None
    if value in _TRUTHS:
        return _TRUTHS[value]
    return Decimal(value) if _NUMBER.fullmatch(value) else value
