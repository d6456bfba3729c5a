"""Fields whose values are not copied from the text, such as a currency or a yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evalbench.core.evalset import Prompt
from evalbench.providers.local.classes import learn_linear
from evalbench.providers.local.fields import Example, FieldPlan
from evalbench.providers.local.learned import Learned
from evalbench.providers.local.objects import Path
from evalbench.providers.local.picks import Choice
from evalbench.providers.local.reading import as_json


@dataclass(frozen=True, slots=True)
class Chooser:
    """Chooses among the values that a field had in training."""

    path: Path
    model: Learned

    def choose(self, prompt: Prompt) -> Choice:
        """The most probable value."""
        answer = self.model.answer(prompt)
        return Choice(self.path, answer.text, answer.evidence[0])


def learn_choosers(plans: Sequence[FieldPlan], examples: Sequence[Example], seed: int) -> tuple[Chooser, ...]:
    """A chooser for every field that is not copied."""
    return tuple(_learn(plan, examples, seed) for plan in plans if not plan.is_copied)


def _learn(plan: FieldPlan, examples: Sequence[Example], seed: int) -> Chooser:
    texts = [as_json(each.fields[plan.path]) if plan.path in each.fields else "" for each in examples]
    items = [replace(each.item, target=text) for each, text in zip(examples, texts, strict=True)]
    return Chooser(plan.path, learn_linear(items, seed))
