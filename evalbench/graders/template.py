"""Judge texts that fill given values into a given wording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.gaps import filled, gaps_in, values_of
from evalbench.core.score import Problem, Score
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import (
    MOST_COMPARED,
    NO_TARGET,
    accepted_texts,
    shown,
    storable,
    text_problems,
    too_long,
)
from evalbench.graders.words import tokens

_MOST_NAMED = 5


class Template:
    """Half how many of the values are in the answer, half how much of the wording is kept.

    The target is a filled text, or a template with gaps such as `{{name}}` which the item's values fill; of
    several, the best fit counts. Values come from the column `slots` (or the one that `slots` names) if it
    holds an object, else from the other columns and from an input like `name[Blue Spice]`, `name: Blue
    Spice` by line, or a JSON object. Of a filled text, only the values that occur in it are asked
    for. The wording is 2 S / (A + T): S words of the filled text are kept in order, A and T are the
    lengths. `score` can be `slots` or `wording` alone, or `whole`: 1.0 only when no word differs.
    Case and punctuation make no difference.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("template", options)
        self._score = settings.choice("score", ("both", "slots", "wording", "whole"))
        self._column = settings.text("slots")
        self.accepts_truncated = settings.flag("accept_truncated")
        self.signature = settings.sign(version=1)

    def grade(self, answer: str, item: Item) -> Score:
        """The chosen share, with the accepted text that gives the most."""
        if item.target is None:
            return NO_TARGET
        if len(answer) > MOST_COMPARED:
            return too_long(answer)
        words, slots = tokens(answer), values_of(item, self._column)
        fits = [_fit(words, text, slots) for text in accepted_texts(item.target)]
        if not fits:
            return Score(0.0, storable(answer.strip()), "no text is accepted")
        best = max(fits, key=self._value)
        return Score(self._value(best), storable(answer.strip()), storable(best.explanation))

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that are no text, hold no word, or have a gap that nothing fills."""
        problems = text_problems(items)
        hopeless = {problem.item_id for problem in problems}
        for item in items:
            if item.target is None or item.id in hopeless:
                continue
            slots = values_of(item, self._column)
            for text in accepted_texts(item.target):
                empty = [name for name in gaps_in(text) if name not in slots]
                if empty:
                    reason = f"the target has a gap {empty[0]!r}, for which the item has no value"
                    problems.append(Problem(item.id, reason))
                elif not tokens(filled(text, slots)):
                    problems.append(Problem(item.id, f"the target {shown(text)} holds no words"))
        return problems

    def _value(self, fit: _Fit) -> float:
        if self._score == "whole":
            return float(fit.wording == 1 and not fit.missing)
        if self._score == "wording" or fit.slots is None:
            return fit.wording
        return fit.slots if self._score == "slots" else (fit.slots + fit.wording) / 2


@dataclass(frozen=True, slots=True)
class _Fit:
    """How an answer compares with one accepted text; `slots` is None where no value is asked for."""

    slots: float | None
    wording: float
    missing: tuple[str, ...]

    @property
    def explanation(self) -> str:
        notes = [f"missing {', '.join(self.missing[:_MOST_NAMED])}"] if self.missing else []
        return "; ".join([*notes, *([f"{self.wording:.0%} of the wording"] if self.wording < 1 else [])])


def _fit(words: Sequence[str], text: str, slots: Mapping[str, str]) -> _Fit:
    wanted = tokens(filled(text, slots))
    named = gaps_in(text)
    asked = {name: tokens(slots[name]) for name in (named or slots) if name in slots}
    if not named:
        asked = {name: value for name, value in asked.items() if _holds(wanted, value)}
    asked = {name: value for name, value in asked.items() if value}
    missing = tuple(
        f"{name} {shown(slots[name])}" for name, value in asked.items() if not _holds(words, value)
    )
    share = 1 - len(missing) / len(asked) if asked else None
    return _Fit(share, _wording(words, wanted), missing)


def _holds(words: Sequence[str], value: Sequence[str]) -> bool:
    return bool(value) and f" {' '.join(value)} " in f" {' '.join(words)} "


def _wording(words: Sequence[str], wanted: Sequence[str]) -> float:
    numbers: dict[str, int] = {}
    own, other = ([numbers.setdefault(word, len(numbers)) for word in side] for side in (words, wanted))
    whole = len(own) + len(other)
    return 2 * LCSseq.similarity(own, other) / whole if whole else 1.0
