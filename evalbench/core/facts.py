"""What is known of a task's items as a whole, gathered in one pass so that they need not be held."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from evalbench.core.evalset import Item, JsonValue


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """Facts about the items, in their order where they are columns.

    `has_target` is 1 where there is one; `cluster` numbers the groups, an item without one
    standing for itself. `groups` counts the groups that are named, `repeated` the prompts that come
    again outside the group they were in before (within it they count together in any case),
    `commonest` how often the most frequent target occurs.
    `targets` are the different targets as text, and `target` each item's place among them (-1
    without a target); both are empty unless the answers are labels.
    """

    has_target: array[int]
    cluster: array[int]
    groups: int
    repeated: int
    commonest: int
    targets: tuple[str, ...]
    target: array[int]


def facts_of(items: Iterable[Item], *, are_labels: bool) -> ItemFacts:
    """The facts about `items`."""
    has_target, cluster, target = array("b"), array("i"), array("i")
    numbers: dict[str, int] = {}
    clusters = 0
    targets: dict[str, int] = {}
    prompts, placed, answers = array("q"), array("q"), array("q")
    for item in items:
        has_target.append(item.target is not None)
        number = clusters if item.group is None else numbers.setdefault(item.group, clusters)
        cluster.append(number)
        clusters = max(clusters, number + 1)
        # 64 bits of each are enough to count repetitions, and small enough for any number.
        prompts.append(hash(_shown(item)))
        placed.append(hash((prompts[-1], number)))
        if item.target is not None:
            answers.append(hash(item.target if isinstance(item.target, str) else (_canonical(item.target),)))
        if are_labels:
            known = item.target is not None
            target.append(targets.setdefault(label_of(item.target), len(targets)) if known else -1)
    return ItemFacts(
        has_target=has_target,
        cluster=cluster,
        groups=len(numbers),
        repeated=_different(placed) - _different(prompts),
        commonest=max((sum(1 for _ in alike) for _, alike in groupby(sorted(answers))), default=0),
        targets=tuple(targets),
        target=target,
    )


def _different(hashes: array[int]) -> int:
    return sum(1 for _ in groupby(sorted(hashes)))


def label_of(target: JsonValue) -> str:
    """A target as the label it is compared by."""
    return target if isinstance(target, str) else str(target)


def _shown(item: Item) -> str | tuple[str, str]:
    prompt = item.prompt
    if not prompt.messages and not prompt.fields:
        return prompt.text
    turns = [[turn.role, turn.content] for turn in prompt.messages]
    return prompt.text, _canonical([turns, dict(prompt.fields)])


def _canonical(value: JsonValue) -> str:
    return json.dumps(value, sort_keys=True, default=str)
