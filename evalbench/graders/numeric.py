"""Judge answers that end in a number, by its value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.errors import InputError
from evalbench.graders.number_words import number_in_words
from evalbench.graders.numbers import in_base_units, last_number_in, numbers_in, written
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import MOST_COMPARED, NO_TARGET, accepted_texts, shown, too_long

_BOXED = re.compile(r"\\boxed\s*\{([^\n]{0,200})")
_MARKED = re.compile(r"####([^\n]*)")
_STATED = re.compile(r"\banswer\b[*_]*(?:\s+is\b|\s*[:=])[*_]*\s*:?([^\n]*)", re.IGNORECASE)
# "It costs $3 more for 1/3 pound of walnuts": the last number is a measure, not the conclusion.
_ENDS_IN_MEASURE = re.compile(r"\d/\d{1,9}+ [A-Za-z][^\d\n]*$")
_SENTENCE_END = re.compile(r"[.!?](?=\s+\D)")


class Numeric:
    """Right when the answer's number equals the target's: `$20.00` is 20, and `5%` is 5.

    `take` says which number of the answer counts: `last`, the default, is the conclusion of
    a chain of thought, and prefers what is marked as the answer by `####`, by a box or by "the
    answer is"; `first` is the first; `only` refuses an answer with several different numbers.
    `tolerance` is an absolute difference still accepted, `rel_tolerance` a share of the target.
    `units: {m: 1, km: 1000}` says what units behind a number are worth, in answer and target, and
    `"%": 0.01` makes a share of a percentage. An answer without digits may be a number in English
    words; one without either is unreadable.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("numeric", options)
        self._take = settings.choice("take", ("last", "first", "only"))
        self._tolerance = Fraction(str(settings.amount("tolerance")))
        self._rel_tolerance = Fraction(str(settings.amount("rel_tolerance")))
        self._units = _worths(settings.structure("units") or {})
        self.accepts_truncated = settings.flag("accept_truncated")
        self.signature = settings.sign(version=2)

    def grade(self, answer: str, item: Item) -> Score:
        """1.0 when the value is right or near enough, otherwise 0.0."""
        if item.target is None:
            return NO_TARGET
        if self._units and len(answer) > MOST_COMPARED:
            return too_long(answer)
        value, problem = self._read(answer)
        if value is None:
            return Score(0.0, None, problem, is_valid=False)
        wanted = [
            number for text in accepted_texts(item.target) if (number := self._wanted(text)) is not None
        ]
        is_right = any(self._is_near(value, number) for number in wanted)
        return Score(float(is_right), written(value), "" if is_right else f"expected {shown(item.target)}")

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that are not one number."""
        return [
            Problem(item.id, f"the target {shown(item.target)} is not a number")
            for item in items
            if item.target is not None
            and (item.target == [] or any(self._wanted(text) is None for text in accepted_texts(item.target)))
        ]

    def _wanted(self, text: str) -> Fraction | None:
        return target_number(self._in_base_units(text))

    def _in_base_units(self, text: str) -> str:
        return in_base_units(text, self._units) if self._units else text

    def _read(self, answer: str) -> tuple[Fraction | None, str]:
        text = self._in_base_units(answer)
        if self._take == "last":
            value = final_number(text)
        elif self._take == "first":
            value = next(numbers_in(text), None)
        else:
            value = None
            for number in numbers_in(text):
                if value not in (None, number):
                    return None, f"the answer holds several numbers: {written(value)} and {written(number)}"
                value = number
        value = _in_words(answer) if value is None else value
        return value, "" if value is not None else f"the answer {shown(answer)} holds no number"

    def _is_near(self, value: Fraction, wanted: Fraction) -> bool:
        return abs(value - wanted) <= max(self._tolerance, self._rel_tolerance * abs(wanted))


def _worths(units: Mapping[str, JsonValue]) -> dict[str, Fraction]:
    found = {}
    for name, worth in units.items():
        try:
            found[name] = Fraction(str(worth))
        except (ValueError, ZeroDivisionError):
            found[name] = Fraction(0)
        if found[name] <= 0 or not name.strip():
            raise InputError(
                f"grader 'numeric': option 'units' says that {name!r} is worth {worth!r}, "
                "not a number above zero",
                "write for example `units: {m: 1, km: 1000}`.",
            )
    return found


def _in_words(answer: str) -> Fraction | None:
    """The number that an answer without digits is, or states as its result, in words."""
    stated = _STATED.findall(answer)
    value = number_in_words(stated[-1] if stated else answer)
    return None if value is None else Fraction(value)


def final_number(text: str) -> Fraction | None:
    """The number a chain of thought arrives at: the one marked as the answer, else the last."""
    for marker in (_BOXED, _MARKED, _STATED):
        for found in reversed(list(marker.finditer(text))):
            value = _concluded(found[1])
            if value is not None:
                return value
    if _ENDS_IN_MEASURE.search(text) and (value := _confirmed(text)) is not None:
        return value
    return last_number_in(text)


def target_number(text: str) -> Fraction | None:
    """The value of a target: its only number, or the one it marks as the answer."""
    values = list(numbers_in(text))
    if len(values) == 1:
        return values[0]
    marked = _MARKED.search(text)
    return _concluded(marked[1]) if marked else None


def _concluded(text: str) -> Fraction | None:
    """The first number of what was marked, or what an equation there comes to."""
    sentence = _SENTENCE_END.split(text, maxsplit=1)[0]
    return next(numbers_in(sentence.rpartition("=")[2]), None)


def _confirmed(text: str) -> Fraction | None:
    """The result of the last equation, if the words after it name it again."""
    closing = list(numbers_in(text.rpartition("=")[2]))
    return closing[0] if closing and closing[0] in closing[1:] else None
