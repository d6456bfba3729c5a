"""Read the options of a grader strictly, and name it in a signature that tells what was set."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from evalbench.core.evalset import JsonValue
from evalbench.errors import GraderOptionError, nearest

_PLAIN_WORD = re.compile(r"[\w.+-]+")
Value = TypeVar("Value", bool, float, str)

_TRUTHS = {"true": True, "false": False}


class GraderOptions:
    """The options of one grader: each is asked for by name, and the rest is refused.

    A number or a truth value may also arrive as its text, because a file format that keeps
    all scalars as written cannot know which of them are meant as numbers.
    """

    def __init__(self, grader: str, options: Mapping[str, JsonValue]) -> None:
        self._grader = grader
        self._options = options
        self._known: list[str] = []
        self._changed: dict[str, JsonValue] = {}

    def flag(self, name: str, *, default: bool = False) -> bool:
        """An option that is true or false."""
        value = self._raw(name, default)
        if isinstance(value, str):
            value = _TRUTHS.get(value.strip().lower(), value)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false", f"{name}: true")
        return self._keep(name, value, default)

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """An option that is one of a few words; the first of them is the default."""
        value = self._raw(name, choices[0])
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise self._wrong(name, f"one of {', '.join(choices)}", f"{name}: {choices[0]}")
        if value not in choices:
            raise GraderOptionError(
                f"grader {self._grader!r}: option {name!r} is {value!r}, not one of {', '.join(choices)}",
                nearest(value, choices),
                [name],
            )
        return self._keep(name, value, choices[0])

    def amount(self, name: str, default: float = 0.0) -> float:
        """An option that is a number from zero upwards."""
        value = self._raw(name, default)
        if isinstance(value, bool):
            raise self._wrong(name, "a number", f"{name}: 0.01")
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            raise self._wrong(name, "a number", f"{name}: 0.01") from None
        if not math.isfinite(number) or number < 0:
            raise self._wrong(name, "a number from zero upwards", f"{name}: 0.01")
        return self._keep(name, number, default)

    def share(self, name: str, default: float) -> float:
        """An option that is a number from 0 to 1."""
        value = self.amount(name, default)
        if value > 1:
            raise self._wrong(name, "a number from 0 to 1", f"{name}: {default}")
        return value

    def whole(self, name: str) -> int | None:
        """An option that is a whole number from zero upwards, or None when it is not set."""
        if name not in self._options:
            self._known.append(name)
            return None
        value = self.amount(name, -1.0)
        if value != int(value):
            raise self._wrong(name, "a whole number", f"{name}: 20")
        self._changed[name] = int(value)
        return int(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """An option that is a list of texts; empty when it is not set."""
        value = self._raw(name, [])
        if not isinstance(value, list) or not all(isinstance(entry, str) and entry for entry in value):
            raise self._wrong(name, "a list of texts", f"{name}: [a, b]")
        if value:
            self._changed[name] = value
        return tuple(value)

    def structure(self, name: str) -> dict[str, JsonValue] | None:
        """An option that is a group of keys, or None when it is not set."""
        value = self._raw(name, None)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self._wrong(name, "a group of keys", f"{name}: {{key: value}}")
        self._changed[name] = value
        return value

    def text(self, name: str) -> str | None:
        """An option that is a piece of text, or None when it is not set."""
        value = self._raw(name, None)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._wrong(name, "text", f'{name}: "{value}"')
        return self._keep(name, value, "")

    def sign(self, version: int) -> str:
        """Refuse what nobody asked for, and return the grader's signature."""
        unknown = sorted(set(self._options) - set(self._known))
        if unknown:
            raise self._unknown(unknown[0])
        settings = ",".join(f"{name}={_shown(value)}" for name, value in sorted(self._changed.items()))
        return f"{self._grader}@{version}" + (f"({settings})" if settings else "")

    def _raw(self, name: str, default: JsonValue) -> JsonValue:
        self._known.append(name)
        return self._options.get(name, default)

    def _keep(self, name: str, value: Value, default: Value) -> Value:
        if value != default:
            self._changed[name] = value
        return value

    def _unknown(self, name: str) -> GraderOptionError:
        suggestion = nearest(name, self._known)
        likely = next((known for known in self._known if repr(known) in suggestion), None)
        value = json.dumps(self._options[name], ensure_ascii=False)
        return GraderOptionError(
            f"grader {self._grader!r} has no option {name!r}; {suggestion}",
            f"write `{likely}: {value}`." if likely else f"take out `{name}: {value}`.",
            [name],
        )

    def _wrong(self, name: str, wanted: str, example: str) -> GraderOptionError:
        return GraderOptionError(
            f"grader {self._grader!r}: option {name!r} must be {wanted}, not {self._options[name]!r}",
            f"write for example `{example}`.",
            [name],
        )


def _shown(value: JsonValue) -> str:
    if isinstance(value, str) and _PLAIN_WORD.fullmatch(value):
        return value
    return json.dumps(value, sort_keys=True)
