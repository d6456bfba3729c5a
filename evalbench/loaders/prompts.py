"""Build what each tier is shown of an item: system text, worked examples, and the item's own prompt."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import chain, zip_longest

from evalbench.core.evalset import EvalSet, Item, JsonValue, Message, Prompt, PromptSpec, Task
from evalbench.core.gaps import filled, values_of
from evalbench.core.models import Tier
from evalbench.core.sight import Sight
from evalbench.errors import EvalSetError
from evalbench.loaders.item_file import Selection
from evalbench.loaders.templates import PromptTemplate, PromptTemplateError, compile_template

RESERVED = ("input", "id", "group", "tags", "labels")
"""Names that a template sees of every item, whatever its columns are called."""

_STRUCTURED_GRADERS = frozenset({"json_fields", "json_schema", "labels", "reformat"})
"""Graders for which a list is one value, not several accepted ones."""

_GRADERS_BY_SIGNS = frozenset({"code", "contains", "regex"})
"""Graders whose targets say by what a right answer is known: tests, facts, a pattern."""


class PromptBuilder:
    """Renders prompts; two items of one tier differ in nothing but themselves.

    The worked examples of a tier are drawn from the training split by `seed`, the same for every
    item, balanced over the labels, and a tier with more of them sees those of a tier with fewer.
    A tier among `classical` reads no prompt: it gets those parts of an item that its prompt shows.
    """

    def __init__(self, evalset: EvalSet, seed: int, classical: Collection[Tier] = ()) -> None:
        self._task = evalset.task
        self._sights = {tier: sight_of(evalset.task, tier) for tier in classical}
        has_shots = any(spec.shots for spec in (evalset.task.prompt, *evalset.task.per_tier.values()))
        self._drawn = draw_shots(evalset.task, evalset.train, seed) if has_shots else ()
        self._templates: dict[str, PromptTemplate] = {}
        self._openings: dict[Tier | None, tuple[Message, ...]] = {}

    def prompt(self, item: Item, tier: Tier) -> Prompt:
        """What `tier` is shown of `item`; messages that an item brings are sent as they are."""
        if tier in self._sights:
            return self._sights[tier].of(item.prompt)
        spec = self._task.per_tier.get(tier, self._task.prompt)
        if item.prompt.messages or spec.template is None:
            return item.prompt
        opening = self._openings.get(tier)
        if opening is None:
            opening = self._openings[tier] = self._opening(spec)
        return Prompt(item.prompt.text, (*opening, self._question(spec, item)), item.prompt.fields)

    def _opening(self, spec: PromptSpec) -> tuple[Message, ...]:
        if spec.shots > len(self._drawn):
            raise EvalSetError(
                f"{self._task.name} asks for {spec.shots} shots, train has {len(self._drawn)} labelled items",
                f"set shots: {len(self._drawn)}, or add labelled items to train.",
            )
        system = [Message("system", spec.system)] if spec.system else []
        shots = (
            (self._question(spec, shot), Message("assistant", shot_answer(shot, self._task)))
            for shot in self._drawn[: spec.shots]
        )
        return (*system, *chain.from_iterable(shots))

    def _question(self, spec: PromptSpec, item: Item) -> Message:
        source = spec.template or ""
        template = self._templates.get(source)
        try:
            if template is None:
                template = self._templates[source] = compile_template(source)
            return Message("user", template.render(template_values(item, self._task)))
        except PromptTemplateError as error:
            raise EvalSetError(
                f"{self._task.name}, item {item.id!r}: {error}", "mend `prompt:` of the eval set."
            ) from error


def sight_of(task: Task, tier: Tier) -> Sight:
    """What of an item the prompt of a tier shows; an id, a group and tags are nothing to learn from."""
    source = task.per_tier.get(tier, task.prompt).template
    if source is None:
        return Sight()
    try:
        shown = compile_template(source).shown
    except PromptTemplateError as error:
        raise EvalSetError(f"{task.name}: {error}", "mend `prompt:` of the eval set.") from error
    return Sight("input" in shown, shown - frozenset(RESERVED))


def template_values(item: Item, task: Task) -> dict[str, JsonValue]:
    """What a template sees of an item: everything but its target."""
    return {
        **item.prompt.fields,
        "input": item.prompt.text,
        "id": item.id,
        "group": item.group,
        "tags": list(item.tags),
        "labels": list(task.labels),
    }


def shot_answer(shot: Item, task: Task) -> str:
    """What a worked example shows as the answer: the target with its gaps filled.

    Where the target is no answer itself but tests, facts or a pattern, it is the solution, if there is one.
    """
    graders = {single.name: single.options for single in task.grader.singles}
    if shot.solution is not None and not _GRADERS_BY_SIGNS.isdisjoint(graders):
        return shot.solution
    text = answer_text(shot.target, task)
    if "template" not in graders:
        return text
    column = graders["template"].get("slots")
    return filled(text, values_of(shot, str(column) if column else None))


def answer_text(target: JsonValue, task: Task) -> str:
    """A target as the answer that a model should have given; of several accepted ones, the first."""
    if isinstance(target, str):
        return target
    is_one_value = any(single.name in _STRUCTURED_GRADERS for single in task.grader.singles)
    if isinstance(target, list) and target and not is_one_value:
        return answer_text(target[0], task)
    return json.dumps(target, ensure_ascii=False)


def draw_shots(task: Task, train: Sequence[Item], seed: int) -> Sequence[Item]:
    """All labelled training items in the order in which they are taken as worked examples.

    The order depends on seed and ids alone, so a new item does not reshuffle the others.
    """
    ordered = sorted(
        (_draw(seed, item.id), place, str(item.target) if task.labels else "")
        for place, item in enumerate(train)
        if item.target is not None and not item.prompt.messages
    )
    by_label: Mapping[str, list[int]] = defaultdict(list)
    for _, place, label in ordered:
        by_label[label].append(place)
    rounds = zip_longest(*by_label.values())
    return Selection(train, [place for place in chain.from_iterable(rounds) if place is not None])


def _draw(seed: int, item_id: str) -> bytes:
    return hashlib.sha256(f"{seed}:{item_id}".encode()).digest()
