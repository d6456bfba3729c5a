"""Judge answers by a regular expression, in bounded time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import regex  # type: ignore[import-untyped]  # the package has no type information

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.errors import InputError
from evalbench.graders.numeric import target_number
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import NO_TARGET, accepted_texts, normalized, shown, storable, text_problems

_LONGEST_S = 1.0
_MOST_CHARACTERS = 1_000_000
_BROKEN = (regex.error, RecursionError, OverflowError)


class Regex:
    """Right when a pattern finds the right thing in the answer.

    With `pattern`, what its first match takes (group 1 if it has groups, else the whole match) is
    compared with the target: as `exact` would, or by value with `compare: numeric`; without a
    match the answer is unreadable. Without `pattern`, the target is itself the pattern, or
    several of which one must match. A search that takes longer than a second is given up.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("regex", options)
        pattern = settings.text("pattern")
        self._is_numeric = settings.choice("compare", ("exact", "numeric")) == "numeric"
        self.accepts_truncated = settings.flag("accept_truncated")
        self.signature = settings.sign(version=1)
        self._pattern = None if pattern is None else _option_pattern(pattern)
        if self._is_numeric and pattern is None:
            raise InputError(
                "grader 'regex': option 'compare' needs the option 'pattern'",
                "add for example `pattern: 'total: (\\S+)'`, or use `grader: numeric`.",
            )

    def grade(self, answer: str, item: Item) -> Score:
        """1.0 when the match is right, otherwise 0.0."""
        if item.target is None:
            return NO_TARGET
        if len(answer) > _MOST_CHARACTERS:
            return _unreadable(f"the answer is longer than {_MOST_CHARACTERS:,} characters")
        try:
            if self._pattern is not None:
                return self._grade_match(self._pattern, answer, item.target)
            return _grade_patterns(accepted_texts(item.target), answer)
        except TimeoutError:
            return _unreadable(f"the pattern took longer than {_LONGEST_S:g} s on this answer")
        except _BROKEN as error:
            return Score(0.0, None, f"the target {shown(item.target)} is no pattern: {error}")

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that are no text, no number, or no pattern, as the options need them."""
        problems = text_problems(items)
        hopeless = {problem.item_id for problem in problems}
        for item in items:
            if item.target is None or item.id in hopeless:
                continue
            for text in accepted_texts(item.target):
                if reason := self._objection(text):
                    problems.append(Problem(item.id, reason))
        return problems

    def _objection(self, text: str) -> str:
        """Why `text` cannot be a target; empty when it can."""
        if self._is_numeric:
            return "" if target_number(text) is not None else f"the target {shown(text)} is not a number"
        if self._pattern is not None:
            return ""
        try:
            _compiled(text)
        except _BROKEN as error:
            return f"the target {shown(text)} is no regular expression: {error}"
        return ""

    def _grade_match(self, pattern: Any, answer: str, target: JsonValue) -> Score:
        found = pattern.search(answer, timeout=_LONGEST_S)
        if found is None:
            return _unreadable("the pattern does not match")
        taken = found[1] if pattern.groups else found[0]
        if taken is None:
            return _unreadable("the pattern matches, but not its first group")
        accepted = accepted_texts(target)
        if self._is_numeric:
            value = target_number(taken)
            if value is None:
                return _unreadable(f"the match {shown(taken)} is not a number")
            is_right = value in map(target_number, accepted)
        else:
            is_right = normalized(taken) in map(normalized, accepted)
        return Score(float(is_right), storable(taken), "" if is_right else f"expected {shown(target)}")


def _grade_patterns(patterns: Sequence[str], answer: str) -> Score:
    for text in patterns:
        found = _compiled(text).search(answer, timeout=_LONGEST_S)
        if found is not None:
            return Score(1.0, storable(found[0]))
    return Score(0.0, None, f"does not match {shown(list(patterns))}")


def _option_pattern(text: str) -> Any:
    try:
        return _compiled(text)
    except _BROKEN as error:
        raise InputError(
            f"grader 'regex': option 'pattern' is no regular expression: {text!r}: {error}",
            "mend the pattern; in YAML put it in single quotes, so that backslashes stay.",
        ) from error


@lru_cache(maxsize=1024)
def _compiled(text: str) -> Any:
    return regex.compile(text)


def _unreadable(reason: str) -> Score:
    return Score(0.0, None, reason, is_valid=False)
