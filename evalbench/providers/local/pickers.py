"""Extraction by choice: collect the pieces of a text that may be a value, and pick the most probable."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from evalbench.core.evalset import Item, Prompt
from evalbench.providers.local.choosers import Chooser, learn_choosers
from evalbench.providers.local.clues import Clues
from evalbench.providers.local.fields import Example, FieldPlan, examples_of, plan_fields
from evalbench.providers.local.indicators import Case, Indicators, learn_indicators
from evalbench.providers.local.learned import Answer, Learned
from evalbench.providers.local.passages import Candidate, Passage
from evalbench.providers.local.picks import Pick, best_pick, compose

_MOST_WRONG = 12


@dataclass(frozen=True, slots=True)
class Picker:
    """Scores the candidates of one field."""

    plan: FieldPlan
    indicators: Indicators

    def pick(self, clues: Clues) -> Pick:
        """The best candidate, if it is more probably right than not."""
        return best_pick(self.plan, self.scored(clues))

    def scored(self, clues: Clues) -> list[tuple[Candidate, float]]:
        """Every candidate with the log odds of being the value."""
        candidates = clues.passage.candidates(self.plan.sources)
        logits = map(self.indicators.logit, clues.of(candidates))
        return list(zip(candidates, logits, strict=True))


@dataclass(frozen=True, slots=True)
class Pickers:
    """One picker or chooser for each field."""

    pickers: tuple[Picker, ...]
    choosers: tuple[Chooser, ...]

    def answer(self, prompt: Prompt) -> Answer:
        """The object with every field that was found."""
        clues = Clues(Passage(prompt))
        picks = [(picker.plan, picker.pick(clues)) for picker in self.pickers]
        return compose(picks, [chooser.choose(prompt) for chooser in self.choosers])


@dataclass(frozen=True, slots=True)
class Sheet:
    """The candidates of one field in one training text, and what is known of those that were kept."""

    candidates: tuple[Candidate, ...]
    kept: tuple[int, ...]
    cases: tuple[Case, ...]


def learn_pickers(items: Sequence[Item], seed: int) -> Learned:
    """The medium extractor."""
    examples = examples_of(items)
    plans = plan_fields(examples)
    pickers = [
        learn_picker(plan, [sheet_of(plan, example, seed) for example in examples], seed)
        for plan in plans
        if plan.is_copied
    ]
    return Pickers(tuple(pickers), learn_choosers(plans, examples, seed))


def learn_picker(plan: FieldPlan, sheets: Sequence[Sheet], seed: int) -> Picker:
    """Learn which candidates of a field are its value."""
    return Picker(plan, learn_indicators([case for sheet in sheets for case in sheet.cases], seed))


def sheet_of(plan: FieldPlan, example: Example, seed: int) -> Sheet:
    """What one training text teaches about a field: of many wrong candidates, some stand for all."""
    candidates = example.passage.candidates(plan.sources)
    value = example.present(plan.path)
    right = [value is not None and plan.value(candidate) == value for candidate in candidates]
    wrong = [number for number, is_right in enumerate(right) if not is_right]
    count = min(len(wrong), _MOST_WRONG)
    draw = random.Random(f"{seed}/{example.passage.text}")  # noqa: S311 - a reproducible draw, not a secret
    taken = {*draw.sample(wrong, count)}
    kept = [number for number, is_right in enumerate(right) if is_right or number in taken]
    found = example.clues.of(candidates, kept)
    weight = len(wrong) / count if count else 1.0
    cases = [
        Case(each, right[number], 1.0 if right[number] else weight)
        for number, each in zip(kept, found, strict=True)
    ]
    return Sheet(tuple(candidates), tuple(kept), tuple(cases))
