"""Extraction by rule: each field is what matches one pattern at one place, as served best in training."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evalbench.core.evalset import Item, Prompt
from evalbench.providers.local.choosers import Chooser, learn_choosers
from evalbench.providers.local.fields import Example, FieldPlan, examples_of, plan_fields
from evalbench.providers.local.learned import Answer, Learned
from evalbench.providers.local.patterns import PATTERNS
from evalbench.providers.local.picks import Pick, compose
from evalbench.providers.local.reading import field_marks, full_text

_LOOKED_AT = 300
_PLACES = (0, 1, -1)
_TELLING = 0.9
_FEWEST_MARKED = 5


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern and which of its matches counts; `mark` is a field mark without which there is no value."""

    plan: FieldPlan
    pattern: str
    place: int
    mark: str | None

    def apply(self, text: str, marks: Sequence[str]) -> Pick:
        """The value by this rule; the more matches there were to choose from, the less sure it is."""
        if self.mark is not None and self.mark not in marks:
            return Pick(None, is_present=False, logit=2.0)
        found = [match.group() for match in PATTERNS[self.pattern].finditer(text)]
        if not -len(found) <= self.place < len(found):
            return Pick(None, is_present=False, logit=1.0)
        value = self.plan.rewritten(found[self.place])
        return Pick(value, is_present=value is not None, logit=-math.log(len(found)))


@dataclass(frozen=True, slots=True)
class Rules:
    """One rule for each field."""

    rules: tuple[Rule, ...]
    choosers: tuple[Chooser, ...]

    def answer(self, prompt: Prompt) -> Answer:
        """The object that the rules give."""
        text, marks = full_text(prompt), field_marks(prompt.fields)
        picks = [(rule.plan, rule.apply(text, marks)) for rule in self.rules]
        return compose(picks, [chooser.choose(prompt) for chooser in self.choosers])


def learn_rules(items: Sequence[Item], seed: int) -> Learned:
    """The small extractor."""
    examples = examples_of(items)
    plans = plan_fields(examples)
    rules = [_best_rule(plan, examples) for plan in plans if plan.is_copied]
    return Rules(tuple(rules), learn_choosers(plans, examples, seed))


def _best_rule(plan: FieldPlan, examples: Sequence[Example]) -> Rule:
    looked_at = examples[:: max(1, len(examples) // _LOOKED_AT)][:_LOOKED_AT]
    mark = _needed_mark(plan, examples)

    def right(rule: Rule) -> int:
        return sum(
            rule.apply(each.passage.text, each.passage.marks).value == each.present(plan.path)
            for each in looked_at
        )

    return max(_rules(plan, mark), key=right)


def _rules(plan: FieldPlan, mark: str | None) -> Iterator[Rule]:
    for pattern in plan.sources.patterns or tuple(PATTERNS):
        for place in _PLACES:
            yield Rule(plan, pattern, place, mark)


def _needed_mark(plan: FieldPlan, examples: Sequence[Example]) -> str | None:
    """A field mark that tells almost always whether there is a value."""
    marked: dict[str, list[bool]] = {}
    for example in examples:
        for mark in example.passage.marks:
            marked.setdefault(mark, []).append(example.present(plan.path) is not None)
    valued = sum(example.present(plan.path) is not None for example in examples)
    return max(
        (
            mark
            for mark, present in marked.items()
            if len(present) >= _FEWEST_MARKED and sum(present) >= _TELLING * max(len(present), valued)
        ),
        key=lambda mark: sum(marked[mark]),
        default=None,
    )
