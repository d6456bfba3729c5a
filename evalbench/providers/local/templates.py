"""Fill the named values of an input into a sentence learned from training, at three levels of effort."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from evalbench.core.evalset import Item, Prompt
from evalbench.providers.local.classes import learn_linear
from evalbench.providers.local.learned import Answer, Learned
from evalbench.providers.local.slots import Filled, Template, filled_items, slots_of

_MOST_TEMPLATES = 40


@dataclass(frozen=True, slots=True)
class MostCommon:
    """The template that is used most where the same values are given."""

    templates: tuple[tuple[Template, int], ...]

    def answer(self, prompt: Prompt) -> Answer:
        """That template, filled."""
        slots = slots_of(prompt)
        template, fit = _best_fit(self.templates, slots)
        return Answer(template.filled(slots), (fit,))


@dataclass(frozen=True, slots=True)
class NearestInput:
    """The template of the training item with the most values in common."""

    known: tuple[Filled, ...]

    def answer(self, prompt: Prompt) -> Answer:
        """That template, filled."""
        slots = slots_of(prompt)
        text = self.template(slots).filled(slots)
        return Answer(text, (_likeness(self._nearest(slots).slots, slots),))

    def template(self, slots: Mapping[str, str]) -> Template:
        """The template that fits best of those of the nearest training item."""
        return _best_fit([(template, 1) for template in self._nearest(slots).templates], slots)[0]

    def _nearest(self, slots: Mapping[str, str]) -> Filled:
        return max(self.known, key=lambda filled: _likeness(filled.slots, slots))


@dataclass(frozen=True, slots=True)
class ChosenTemplate:
    """The template that logistic regression chooses, or the nearest where that one does not fit."""

    model: Learned
    otherwise: NearestInput

    def answer(self, prompt: Prompt) -> Answer:
        """That template, filled."""
        slots = slots_of(prompt)
        chosen = self.model.answer(_described(slots))
        template = Template(chosen.text)
        usual = self.otherwise.template(slots)
        is_fit = template.names <= slots.keys() and template.names >= usual.names
        text = (template if is_fit else usual).filled(slots)
        return Answer(text, (chosen.evidence[0], float(is_fit)))


def learn_most_common(items: Sequence[Item], seed: int) -> Learned:  # noqa: ARG001 - there is no chance in it
    """The small template filler."""
    return MostCommon(tuple(_counted(filled_items(items)).most_common()))


def learn_nearest_input(items: Sequence[Item], seed: int) -> Learned:  # noqa: ARG001 - there is no chance in it
    """The medium template filler."""
    return NearestInput(tuple(filled_items(items)))


def learn_chosen_template(items: Sequence[Item], seed: int) -> Learned:
    """The large template filler; templates used once are too many to learn from, and too rare."""
    known = filled_items(items)
    common = {template for template, count in _counted(known).most_common(_MOST_TEMPLATES) if count > 1}
    cases = [
        Item(str(number), _described(filled.slots), template.text)
        for number, filled in enumerate(known)
        for template in filled.templates
        if template in common
    ]
    nearest = NearestInput(tuple(known))
    return ChosenTemplate(learn_linear(cases, seed), nearest) if cases else nearest


def _counted(known: Sequence[Filled]) -> Counter[Template]:
    return Counter(chain.from_iterable(filled.templates for filled in known))


def _best_fit(templates: Sequence[tuple[Template, int]], slots: Mapping[str, str]) -> tuple[Template, float]:
    """The template that uses the most of the values and lacks the fewest; then the most used."""

    def fit(template: Template) -> float:
        names = template.names
        return len(names & slots.keys()) - 2 * len(names - slots.keys())

    template, _ = max(templates, key=lambda each: (fit(each[0]), each[1]))
    return template, float(fit(template) - len(slots))


def _likeness(known: Mapping[str, str], slots: Mapping[str, str]) -> float:
    alike = sum(known.get(name) == value for name, value in slots.items())
    return alike - 10.0 * len(known.keys() ^ slots.keys())


def _described(slots: Mapping[str, str]) -> Prompt:
    text = " ".join(sorted(slots))
    return Prompt(text, fields={name: value for name, value in slots.items() if value not in text})
