"""The named values of an input, and sentences with gaps where these values go."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from evalbench.core.evalset import Item, Prompt
from evalbench.providers.local.reading import accepted_texts, as_answer

_BRACKETS = re.compile(r"([\w ]+?)\s*\[([^\]]*)\]")
_PAIRS = re.compile(r"^\s*([\w .-]{1,40}?)\s*[:=]\s*(.+?)\s*$", re.MULTILINE)
_GAP = re.compile(r"\{\{(.+?)\}\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A text with gaps such as `{{name}}`."""

    text: str

    @property
    def names(self) -> frozenset[str]:
        """The names of its gaps."""
        return _names(self.text)

    def filled(self, slots: Mapping[str, str]) -> str:
        """The text with every gap filled; a gap without a value stays empty."""
        return _GAP.sub(lambda match: slots.get(match.group(1), ""), self.text)


@dataclass(frozen=True, slots=True)
class Filled:
    """A training item as templates see it: its named values, and one template for every accepted text."""

    slots: Mapping[str, str]
    templates: tuple[Template, ...]


def slots_of(prompt: Prompt) -> dict[str, str]:
    """The named values of a prompt: `name[value]`, `name: value` by line, a JSON object, and its fields."""
    fields = {
        name: as_answer(value)
        for name, value in prompt.fields.items()
        if isinstance(value, str | int | float) and value != ""
    }
    return fields | _in_text(prompt.text)


def _in_text(text: str) -> dict[str, str]:
    if text.lstrip().startswith("{"):
        try:
            found = json.loads(text)
        except ValueError:
            found = {}
        return {name: as_answer(value) for name, value in found.items() if value not in ("", None)}
    pairs = _BRACKETS.findall(text) or _PAIRS.findall(text)
    return {name.strip(): value for name, value in pairs if value}


@lru_cache(maxsize=5_000)
def _names(text: str) -> frozenset[str]:
    return frozenset(_GAP.findall(text))


def filled_items(items: Sequence[Item]) -> list[Filled]:
    """The training items with their templates."""
    found = []
    for item in items:
        slots = slots_of(item.prompt)
        templates = dict.fromkeys(_template(text, slots) for text in accepted_texts(item.target))
        found.append(Filled(slots, tuple(templates)))
    return found


def _template(text: str, slots: Mapping[str, str]) -> Template:
    """The text with a gap wherever a value stands; longer values are looked for first."""
    names = {value: name for name, value in sorted(slots.items(), reverse=True)}
    if not names:
        return Template(text)
    values = "|".join(re.escape(value) for value in sorted(names, key=len, reverse=True))
    return Template(
        re.sub(rf"(?<!\w)(?:{values})(?!\w)", lambda match: "{{" + names[match.group()] + "}}", text)
    )
