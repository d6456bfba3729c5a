"""Which items two runs have in common, and why the others cannot be compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalbench.advice.observations import labelled
from evalbench.core.evalset import Item, JsonValue
from evalbench.core.run import TaskRun

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SharedItems:
    """Items with one id, prompt and target in both runs, and the ids of all that are left out.

    `older` and `newer` are the places of the shared items (`ids`) in each run, pair by pair.
    `unlabelled` have no right answer, so that there is no score to compare.
    """

    older: Places
    newer: Places
    ids: tuple[str, ...] = ()
    only_older: tuple[str, ...] = ()
    only_newer: tuple[str, ...] = ()
    prompt_changed: tuple[str, ...] = ()
    target_changed: tuple[str, ...] = ()
    unlabelled: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.older)


@dataclass(frozen=True, slots=True)
class _Mark:
    """What tells whether an item is still the same, small enough to be kept of every item."""

    place: int
    shown: int
    fields: Mapping[str, int]
    target: int

    def has_prompt_of(self, other: _Mark) -> bool:
        """Whether text, messages and every column that both have are equal."""
        both = self.fields.keys() & other.fields.keys()
        return self.shown == other.shown and all(self.fields[name] == other.fields[name] for name in both)


def share_items(older: TaskRun, newer: TaskRun) -> SharedItems:
    """Match the items of two runs of a task by id; items that were edited in between do not match.

    A column that only one of the two has is part of the set-up, not of the item.
    """
    before = {item.id: _mark(place, item) for place, item in enumerate(older.items)}
    takes_part = labelled(older), labelled(newer)
    pairs: list[tuple[int, int]] = []
    ids: list[str] = []
    only_newer: list[str] = []
    prompts: list[str] = []
    targets: list[str] = []
    unlabelled: list[str] = []
    for place, item in enumerate(newer.items):
        then, now = before.pop(item.id, None), _mark(place, item)
        if then is None:
            only_newer.append(item.id)
        elif not then.has_prompt_of(now):
            prompts.append(item.id)
        elif then.target != now.target:
            targets.append(item.id)
        elif not (takes_part[0][then.place] and takes_part[1][place]):
            unlabelled.append(item.id)
        else:
            pairs.append((then.place, place))
            ids.append(item.id)
    places = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return SharedItems(
        older=places[:, 0],
        newer=places[:, 1],
        ids=tuple(ids),
        only_older=tuple(before),
        only_newer=tuple(only_newer),
        prompt_changed=tuple(prompts),
        target_changed=tuple(targets),
        unlabelled=tuple(unlabelled),
    )


def _mark(place: int, item: Item) -> _Mark:
    prompt = item.prompt
    turns = tuple((turn.role, turn.content) for turn in prompt.messages)
    fields = {name: hash(_canonical(value)) for name, value in prompt.fields.items()}
    # 64 bits of each are enough to see an edit, and small enough for any number of items.
    return _Mark(place, hash((prompt.text, turns)), fields, hash(_canonical(item.target)))


def _canonical(value: JsonValue) -> str:
    return json.dumps(value, sort_keys=True, default=str)
