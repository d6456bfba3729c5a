"""Read JSON that somebody may have edited: whatever is wrong is told with file and line."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from evalbench.errors import InputError

_FIX = (
    "take it from version control again (git checkout -- {source}), or accept a run anew: "
    "evalbench gate accept RUN --baseline {source}"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A value in a JSON file, and where it stands."""

    source: str
    whole_text: str
    value: Any
    path: tuple[str, ...] = ()

    @classmethod
    def whole(cls, text: str, source: str) -> Place:
        """The top of a file; an InputError where it is no JSON object."""
        place = cls(source, text, None)
        try:
            value = json.loads(text)
        except ValueError as error:
            line = getattr(error, "lineno", 1)
            ends = text.count("\n") + 1
            where = (
                "it ends there, so it may be cut off" if line >= ends - 1 else getattr(error, "msg", error)
            )
            raise place.refusal(line, f"is no JSON: {where}") from error
        except RecursionError as error:
            raise place.refusal(1, "is no baseline: it is nested too deeply") from error
        if not isinstance(value, dict):
            raise place.refusal(1, "is no baseline: it holds no JSON object")
        return cls(source, text, value)

    def at(self, key: str) -> Place:
        """The member `key`, which has to be there."""
        if key not in self.mapping():
            raise self.wrong(f"lacks {key!r}")
        return Place(self.source, self.whole_text, self.value[key], (*self.path, key))

    def has(self, key: str) -> bool:
        """Whether there is a member `key`."""
        return key in self.mapping()

    def mapping(self) -> Mapping[str, Any]:
        """The value as an object."""
        if not isinstance(self.value, dict):
            raise self.wrong("is no object")
        return self.value

    def sequence(self) -> Sequence[Any]:
        """The value as a list."""
        if not isinstance(self.value, list):
            raise self.wrong("is no list")
        return self.value

    def text(self, key: str) -> str:
        """The member `key` as text."""
        found = self.at(key)
        if not isinstance(found.value, str):
            raise found.wrong(f"is {json.dumps(found.value)[:60]}, not text")
        return found.value

    def text_or_none(self, key: str) -> str | None:
        """The member `key` as text, None where it is null."""
        return None if self.at(key).value is None else self.text(key)

    def texts(self, key: str) -> dict[str, str]:
        """The member `key` as texts by name."""
        found = self.at(key)
        return {name: found.text(name) for name in found.mapping()}

    def moment(self, key: str) -> str:
        """The member `key` as a time in ISO 8601."""
        found = self.text(key)
        try:
            moment_of(found)
        except ValueError as error:
            raise self.at(key).wrong(f"is {found!r}, which is no time") from error
        return found

    def count(self, key: str) -> int:
        """The member `key` as a whole number from 0."""
        found = self.at(key)
        if type(found.value) is not int or found.value < 0:
            raise found.wrong(f"is {json.dumps(found.value)[:60]}, not a whole number")
        return found.value

    def number_or_none(self, key: str) -> float | None:
        """The member `key` as a number from 0, None where it is null."""
        found = self.at(key)
        if found.value is None:
            return None
        if type(found.value) not in (int, float) or not 0 <= found.value < math.inf:
            raise found.wrong(f"is {json.dumps(found.value)[:60]}, not a number from 0")
        return float(found.value)

    def wrong(self, what: str, below: int | None = None) -> InputError:
        """The refusal of this value; `below` is the place in its list that is meant."""
        name = ".".join(self.path) or "it"
        return self.refusal(self._line() + (0 if below is None else below + 1), f"{name} {what}")

    def refusal(self, line: int, what: str) -> InputError:
        """The refusal of the file, at a line."""
        return InputError(f"{self.source}, line {line}: {what}", _FIX.format(source=shlex.quote(self.source)))

    def _line(self) -> int:
        """The line of the value: its keys are looked for one after the other."""
        position = 0
        for key in self.path:
            found = self.whole_text.find(f"{json.dumps(key)}:", position)
            position = position if found < 0 else found
        return self.whole_text.count("\n", 0, position) + 1


def moment_of(text: str) -> datetime:
    """A time in ISO 8601; one without a zone is UTC. A ValueError where it is none."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
