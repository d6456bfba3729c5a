"""Extraction in two passes: what the first pass made of a text helps to read it again (stacking)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evalbench.core.evalset import Item, JsonValue, Prompt
from evalbench.providers.local.choosers import Chooser, learn_choosers
from evalbench.providers.local.clues import Clues
from evalbench.providers.local.fields import FieldPlan, examples_of, plan_fields
from evalbench.providers.local.indicators import Case, Indicators, learn_indicators
from evalbench.providers.local.learned import Answer, Learned
from evalbench.providers.local.ngrams import words
from evalbench.providers.local.objects import Path
from evalbench.providers.local.passages import Candidate, Passage
from evalbench.providers.local.pickers import Picker, Sheet, learn_picker, sheet_of
from evalbench.providers.local.picks import best_pick, compose
from evalbench.providers.local.splits import splits

_PARTS = 3
_CLOSE = 40
_MOST_LOGIT = 6
_WIDE = 12
_LIKELY = 10

Readings = Mapping[Path, Sequence[tuple[Candidate, float]]]
"""What a first pass made of a text: the candidates of each field with their log odds."""


@dataclass(frozen=True, slots=True)
class Rereader:
    """Two passes over every field; both have a say."""

    first: tuple[Picker, ...]
    second: tuple[Indicators, ...]
    choosers: tuple[Chooser, ...]

    def answer(self, prompt: Prompt) -> Answer:
        """The object with every field that was found."""
        clues = Clues(Passage(prompt))
        readings = {picker.plan.path: picker.scored(clues) for picker in self.first}
        picks = []
        for picker, indicators in zip(self.first, self.second, strict=True):
            plan = picker.plan
            scored = readings[plan.path]
            candidates = [candidate for candidate, _ in scored]
            likely = sorted(range(len(scored)), key=lambda place: scored[place][1])[-_LIKELY:]
            hints = _Hints(plan, clues.passage, readings)
            rescored = [
                (candidates[place], indicators.logit([*plain, *hints.of(place)]))
                for place, plain in zip(likely, clues.of(candidates, likely), strict=True)
            ]
            picks.append((plan, best_pick(plan, rescored)))
        return compose(picks, [chooser.choose(prompt) for chooser in self.choosers])


def learn_rereader(items: Sequence[Item], seed: int) -> Learned:
    """The large extractor.

    The second pass learns from first passes over texts that those had not learned from, as it
    will have to read new texts.
    """
    examples = examples_of(items)
    plans = plan_fields(examples)
    copied = [plan for plan in plans if plan.is_copied]
    sheets = {plan.path: [sheet_of(plan, example, seed) for example in examples] for plan in copied}
    first = tuple(learn_picker(plan, sheets[plan.path], seed) for plan in copied)
    cases: dict[Path, list[Case]] = {plan.path: [] for plan in copied}
    for outside, within in splits(items, _PARTS, seed):
        pickers = [
            learn_picker(plan, [sheets[plan.path][place] for place in outside], seed) for plan in copied
        ]
        for place in within:
            clues = examples[place].clues
            readings = {picker.plan.path: picker.scored(clues) for picker in pickers}
            for plan in copied:
                hints = _Hints(plan, clues.passage, readings)
                cases[plan.path].extend(_cases(sheets[plan.path][place], hints))
    second = tuple(learn_indicators(cases[plan.path], seed) for plan in copied)
    return Rereader(first, second, learn_choosers(plans, examples, seed))


def _cases(sheet: Sheet, hints: _Hints) -> Iterator[Case]:
    for number, case in zip(sheet.kept, sheet.cases, strict=True):
        yield replace(case, clues=[*case.clues, *hints.of(number)])


class _Hints:
    """What the first pass and the wider surroundings say about the candidates of one field."""

    def __init__(self, plan: FieldPlan, passage: Passage, readings: Readings) -> None:
        self._passage = passage
        self._scored = readings[plan.path]
        self._values: list[JsonValue] = [plan.value(candidate) for candidate, _ in self._scored]
        self._ranked = sorted((logit for _, logit in self._scored), reverse=True)
        self._best_of_value: dict[str, float] = {}
        for value, (_, logit) in zip(self._values, self._scored, strict=True):
            key = str(value)
            self._best_of_value[key] = max(logit, self._best_of_value.get(key, logit))
        self._others = {
            path: max(scored, key=lambda each: each[1])
            for path, scored in readings.items()
            if path != plan.path and scored
        }

    def of(self, number: int) -> Iterator[str]:
        """The hints on one candidate."""
        candidate, logit = self._scored[number]
        yield f"odds {_bucket(logit)}"
        yield f"rank {min(self._ranked.index(logit), 3)}"
        rivals = [best for key, best in self._best_of_value.items() if key != str(self._values[number])]
        yield f"ahead {_bucket(logit - max(rivals))}" if rivals else "no rival"
        yield f"best {_bucket(self._ranked[0])} odds {_bucket(logit)}"
        yield from self._neighbours(candidate)
        yield from self._surroundings(candidate, number)

    def _neighbours(self, candidate: Candidate) -> Iterator[str]:
        for path, (other, logit) in self._others.items():
            if logit < 0:
                continue
            name = ".".join(path)
            if candidate.start < other.end and other.start < candidate.end:
                yield f"is also {name}"
            elif 0 <= other.start - candidate.end < _CLOSE:
                yield f"stands before {name}"
            elif 0 <= candidate.start - other.end < _CLOSE:
                yield f"stands after {name}"

    def _surroundings(self, candidate: Candidate, number: int) -> Iterator[str]:
        text = self._passage.text
        sentence = text[max(0, candidate.start - 150) : candidate.start]
        for word in set(words(sentence)[-_WIDE:]):
            yield f"wide before {word}"
        for word in set(words(text[candidate.end : candidate.end + 100])[:_WIDE]):
            yield f"wide behind {word}"
        if number and self._scored[number - 1][0].end <= candidate.start:
            between = words(text[self._scored[number - 1][0].end : candidate.start])
            if len(between) <= _WIDE:
                yield f"since the last {' '.join(between)}"


def _bucket(logit: float) -> int:
    return round(max(-_MOST_LOGIT, min(_MOST_LOGIT, logit)))
