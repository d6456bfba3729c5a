"""Judge answers with a function that the user wrote."""

from __future__ import annotations

import copy
import hashlib
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from evalbench.core.evalset import Item, JsonValue
from evalbench.core.score import Problem, Score
from evalbench.errors import InputError, nearest
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import NO_TARGET, storable
from evalbench.registry import load_user_module

_KEYS = ("score", "reading", "explanation")
_EXAMPLE = "`def grade(answer, item): return answer == item['target']`"


class UserFunction:
    """A function `grade(answer, item)` from a file beside the eval set, or from any module.

    A module is looked for beside the eval set, where the command runs, and among what is installed;
    anything callable will do, also an attribute of a class as `module:Class.method`.

    `item` is a dict with `id`, `input`, `target`, `group`, `tags` and the other columns. It
    returns a number from 0 to 1, true or false, or a dict with `score` and perhaps `reading` and
    `explanation`. Anything else, an exception included, is the user's to mend and stops the
    command: a mistake in a grader must not look like a bad model.
    """

    def __init__(self, name: str, options: Mapping[str, JsonValue], folder: Path) -> None:
        settings = GraderOptions(name, options)
        self.accepts_truncated = settings.flag("accept_truncated")
        settings.sign(version=1)
        place, _, attribute = name.rpartition(":")
        if not place or not all(part.isidentifier() for part in attribute.split(".")):
            raise InputError(
                f"{name!r} does not name a function", "write my_graders.py:grade or module:function."
            )
        module, self._path = load_user_module(place, folder, f"grader {name!r}")
        self._name = name
        self._function = _function(module, attribute, name)
        suffix = "(accept_truncated=true)" if self.accepts_truncated else ""
        self.signature = f"{name}@{_digest(self._path, name)[:12]}{suffix}"

    def grade(self, answer: str, item: Item) -> Score:
        """What the function says of the answer; an InputError names the item it fails on."""
        if item.target is None:
            return NO_TARGET
        try:
            returned = self._function(answer, _as_dict(item))
        except (Exception, SystemExit) as error:
            raise self._broken(item, f"raises {type(error).__name__}: {error}") from error
        return self._score(returned, item)

    def check(self, items: Sequence[Item]) -> list[Problem]:  # noqa: ARG002 - what suits the function, only it knows
        """Nothing: any target may suit the function."""
        return []

    def _score(self, returned: Any, item: Item) -> Score:
        if not isinstance(returned, Mapping):
            return Score(self._value(returned, item))
        unknown = [str(key) for key in returned if key not in _KEYS]
        if unknown or "score" not in returned:
            wrong = f"the unknown key {unknown[0]!r}" if unknown else "a dict without 'score'"
            raise self._broken(item, f"returns {wrong}", nearest((unknown or ["score"])[0], _KEYS))
        reading = returned.get("reading")
        return Score(
            self._value(returned["score"], item),
            None if reading is None else storable(str(reading)),
            storable(str(returned.get("explanation") or "")),
        )

    def _value(self, returned: Any, item: Item) -> float:
        try:
            value = float(returned) if not isinstance(returned, str | bytes) else math.nan
        except (TypeError, ValueError, OverflowError):
            value = math.nan
        if not 0 <= value <= 1:
            raise self._broken(item, f"returns {returned!r:.80}, not a score from 0 to 1")
        return value

    def _broken(self, item: Item, what: str, fix: str = "") -> InputError:
        return InputError(
            f"grader {self._name!r} ({self._path}) {what}, for item {item.id!r}",
            fix or f"mend the function and grade again with `evalbench grade`; an example: {_EXAMPLE}",
        )


def _as_dict(item: Item) -> dict[str, JsonValue]:
    """The item as the function sees it: a copy, so that one call cannot spoil the next."""
    return {
        **copy.deepcopy(dict(item.prompt.fields)),
        "id": item.id,
        "input": item.prompt.text,
        "target": copy.deepcopy(item.target),
        "group": item.group,
        "tags": list(item.tags),
    }


def _function(module: ModuleType, attribute: str, name: str) -> Callable[[str, dict[str, JsonValue]], Any]:
    function: Any = module
    for part in attribute.split("."):
        function = getattr(function, part, None)
    if not callable(function):
        known = [key for key, value in vars(module).items() if callable(value) and not key.startswith("_")]
        fix = nearest(attribute, known) if known else f"define {_EXAMPLE} there."
        raise InputError(f"grader {name!r}: {module.__file__} has no function {attribute!r}", fix)
    if inspect.iscoroutinefunction(function):
        raise InputError(f"grader {name!r} is a coroutine function", f"write it with plain `def`: {_EXAMPLE}")
    try:
        inspect.signature(function).bind("", {})
    except (TypeError, ValueError) as error:
        raise InputError(
            f"grader {name!r} does not take an answer and an item: {error}",
            f"write it with these two arguments, for example {_EXAMPLE}",
        ) from error
    found: Callable[[str, dict[str, JsonValue]], Any] = function
    return found


def _digest(path: Path | None, name: str) -> str:
    return _hash(path.read_bytes() if path else name.encode())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
