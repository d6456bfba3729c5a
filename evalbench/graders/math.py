"""Judge answers that are numbers or formulas by what they are worth, however they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from evalbench.core.completion import Failure
from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Grade, Problem, Score
from evalbench.errors import InputError, MissingExtraError
from evalbench.graders.numbers import numbers_in, written
from evalbench.graders.numeric import final_number
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import NO_TARGET, accepted_texts, shown, storable, text_problems
from evalbench.graders.worker import WorkerPool

DEADLINE_S = 10.0
"""How long one comparison of formulas may take."""

_LONGEST_ANSWER = 20_000
_BOXED = re.compile(r"\\(?:boxed|fbox)\s*\{")
_MARKED = re.compile(r"####([^\n]+)")
_STATED = re.compile(r"\banswer\b[*_]*(?:\s+is\b|\s*[:=])[*_]*\s*:?([^\n]+)", re.IGNORECASE)
_WRAPPING = re.compile(r"\\[()\[\]]|\$(?=\\)|\\text\s*\{[^{}]*\}|\\(?:,|;|!|quad|displaystyle)|[*_`]{2,}")
_DOLLARS = re.compile(r"\$([^$\n]+)\$")
_BEYOND_NUMBERS = re.compile(
    r"\\(?!d?frac|tfrac|text|boxed|left|right|times|cdot|[,;!%$()\[\] ])[A-Za-z]|\^|\*\*|√|π|∞"
)
_WITH_UNIT = re.compile(r"[-+−]?[$€£¥₹]?\s?[-+−]?[\d.,\s/{}\\a-z]*\d\}?\s*(?:\\?%|°|[A-Za-z][A-Za-z .]*)?")  # noqa: RUF001 - the minus sign, as meant


class Math:
    """Right when the answer has the value of the target: `0.5`, `1/2` and a LaTeX fraction may be one.

    Numbers and fractions are compared here. Formulas (roots, powers, variables, sets, intervals)
    need the extra `math`, whose math-verify works in a process of its own with a deadline; what
    it could not compare in time is not graded. The conclusion of the answer counts: what is
    boxed, marked by `####` or follows "the answer is", else its last number or formula.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("math", options)
        self._deadline_s = settings.amount("timeout_s", DEADLINE_S)
        self.accepts_truncated = settings.flag("accept_truncated")
        self._library = math_verify_version()
        self.is_slow = self._library is not None
        # With the library more can be compared, so its scores are not those without it.
        self.signature = settings.sign(version=1) + (f"+math-verify-{self._library}" if self._library else "")

    def grade(self, answer: str, item: Item) -> Grade:
        """1.0 when the values are equal, otherwise 0.0; a Failure where formulas could not be compared."""
        if item.target is None:
            return NO_TARGET
        wanted = accepted_texts(item.target)
        marked = conclusion(answer)
        numbers = [plain_value(text) for text in wanted]
        value = _value(answer, marked)
        if value is not None and all(number is not None for number in numbers):
            return _score(value in numbers, written(value), item)
        if not _is_formula(marked, answer) and all(number is not None for number in numbers):
            return Score(
                0.0, None, f"the answer {shown(answer)} holds neither number nor formula", is_valid=False
            )
        if self._library is None:
            return Failure("extra_missing", f"comparing formulas needs the extra `math`: {_INSTALL}")
        shortened = answer[-_LONGEST_ANSWER:] if marked is None else f"\\boxed{{{marked}}}"
        return self._compared(shortened, wanted, item)

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that are neither numbers nor formulas; formulas without the extra stop the command."""
        found = text_problems(items)
        bad = {problem.item_id for problem in found}
        formulas = [
            item
            for item in items
            if item.target is not None
            and item.id not in bad
            and any(plain_value(text) is None for text in accepted_texts(item.target))
        ]
        if formulas and self._library is None:
            raise MissingExtraError(
                f"the target {shown(formulas[0].target)} of item {formulas[0].id!r} is a formula, "
                "and math-verify is not installed",
                _INSTALL,
            )
        return found + [problem for item in formulas for problem in self._unread(item)]

    def _unread(self, item: Item) -> list[Problem]:
        texts = accepted_texts(item.target)
        answer = _pool().do({"answer": "0", "golds": list(texts)}, self._deadline_s)
        if isinstance(answer, Failure):
            raise InputError(
                f"the target {shown(item.target)} of item {item.id!r} cannot be read: {answer.message}",
                "simplify this target.",
            )
        return [
            Problem(item.id, f"the target {shown(texts[place])} is neither a number nor a formula")
            for place in answer["unread"]
        ]

    def _compared(self, answer: str, wanted: Sequence[str], item: Item) -> Grade:
        found = _pool().do({"answer": answer, "golds": list(wanted)}, self._deadline_s)
        if isinstance(found, Failure):
            return found
        if found["reading"] is None:
            return Score(0.0, None, f"the answer {shown(answer)} holds no formula", is_valid=False)
        return _score(found["is_right"], storable(found["reading"]), item)


_INSTALL = 'pip install "evalbench-cli[math]"'


def math_verify_version() -> str | None:
    """The installed version of the library that compares formulas, or None."""
    try:
        return version("math-verify")
    except PackageNotFoundError:
        return None


def conclusion(answer: str) -> str | None:
    """What an answer marks as its result: boxed, after `####`, or after "the answer is"; else None."""
    for found in reversed(list(_BOXED.finditer(answer))):
        inside = _braced(answer, found.end())
        if inside is not None:
            return inside.strip()
    for marker in (_MARKED, _STATED):
        for said in reversed(list(marker.finditer(answer))):
            text = re.split(r"[.!?](?=\s|$)", said[1].strip(), maxsplit=1)[0].rpartition("=")[2]
            if any(character.isdigit() for character in text) or "\\" in text:
                return text.strip()
    return None


def plain_value(text: str) -> Fraction | None:
    """The value of a text that is one number or fraction, perhaps with a unit; None for all else."""
    bare = _WRAPPING.sub(" ", text)
    inside = _DOLLARS.fullmatch(bare.strip())
    bare = (inside[1] if inside else bare).strip().rstrip(".")
    if _BEYOND_NUMBERS.search(bare) or not _WITH_UNIT.fullmatch(bare):
        return None
    values = list(numbers_in(bare))
    return values[0] if len(values) == 1 else None


def _value(answer: str, marked: str | None) -> Fraction | None:
    """The number an answer comes to, where it comes to a number."""
    if _is_formula(marked, answer):
        return plain_value(marked) if marked is not None else None
    return final_number(answer if marked is None else f"\\boxed{{{marked}}}")


def _is_formula(marked: str | None, answer: str) -> bool:
    """Whether more than a number stands where the result does: its value is not that of a part of it."""
    result = answer.rstrip().rpartition("\n")[2].rpartition("=")[2] if marked is None else marked
    return _BEYOND_NUMBERS.search(_WRAPPING.sub(" ", result)) is not None


def _score(is_right: bool, reading: str, item: Item) -> Score:  # noqa: FBT001 - the judgement itself
    return Score(float(is_right), reading, "" if is_right else f"expected {shown(item.target)}")


def _braced(text: str, start: int) -> str | None:
    """What stands from `start` to the brace that closes the one before it."""
    depth = 1
    for place in range(start, min(len(text), start + _LONGEST_ANSWER)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if not depth:
            return text[start:place]
    return None


@cache
def _pool() -> WorkerPool:
    return WorkerPool(Path(__file__).with_name("math_worker.py"))
