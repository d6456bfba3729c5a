"""What a task is measured with, as digests: whether it is still the same, and what is not."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterable, Mapping, Sequence

from evalbench.core.baseline import ItemMark, Yardstick
from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.errors import InputError

_HEX_DIGITS = 12
_MOST_NAMED = 5
_TERM_WORDS: Mapping[str, str] = {
    "labels": "the list of labels",
    "max_answer_s": "the latest useful answer (max_answer_s)",
}


def digest(value: JsonValue) -> str:
    """The beginning of the sha256 of a value: enough to see a change."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:_HEX_DIGITS]


def yardstick_of(
    task: Task,
    grader: str,
    items: Iterable[Item],
    takes_part: Sequence[bool] | None = None,
    columns: Sequence[str] | None = None,
) -> Yardstick:
    """What `task` is measured with; `takes_part` says which items count, by default those that can be judged.

    `columns` are those of the baseline to be compared with: a column that was added since is part
    of the set-up, not of the items.
    """
    needs_target = task.grader.needs_target
    kept = [
        item
        for place, item in enumerate(items)
        if (item.target is not None or not needs_target if takes_part is None else takes_part[place])
    ]
    kept.sort(key=lambda item: item.id)
    covered = sorted({name for item in kept for name in item.prompt.fields}) if columns is None else columns
    groups = _group_numbers(kept)
    marks = (
        ItemMark(item.id, _shown(item, covered), digest(item.target), group)
        for item, group in zip(kept, groups, strict=True)
    )
    return Yardstick(task.name, _terms(task, grader), tuple(covered), tuple(marks))


def _terms(task: Task, grader: str) -> dict[str, str]:
    deadline = task.limits.max_answer_s
    return {
        "metric": task.metric,
        "grader": grader,
        "labels": digest(list(task.labels)),
        "max_answer_s": "none" if deadline is None else f"{deadline:g}",
    }


def _shown(item: Item, columns: Sequence[str]) -> str:
    prompt = item.prompt
    turns = [[turn.role, turn.content] for turn in prompt.messages]
    return digest([prompt.text, turns, {name: prompt.fields.get(name) for name in columns}])


def _group_numbers(items: Sequence[Item]) -> list[int | None]:
    """Groups in the order in which they are named; an item without one stands for itself."""
    if all(item.group is None for item in items):
        return [None] * len(items)
    numbers: dict[str, int] = {}
    found: list[int | None] = []
    count = 0
    for item in items:
        number = count if item.group is None else numbers.setdefault(item.group, count)
        count = max(count, number + 1)
        found.append(number)
    return found


def refuse_another(now: Yardstick, accepted: Yardstick, source: str) -> None:
    """Stop where items, targets, groups or the meaning of a score are not those of the baseline."""
    _refuse_terms(now, accepted, source)
    changes = _item_changes(now, accepted)
    if not changes:
        return
    listed = "; ".join(f"{len(ids):,} {what}: {_named(ids)}" for what, ids in changes.items())
    raise InputError(
        f"{now.task}: its items are not those of {source}: {listed}",
        f"undo the change (or drop --limit), or start from the items of today: evalbench run, then "
        f"evalbench gate accept latest --baseline {shlex.quote(source)}",
    )


def _refuse_terms(now: Yardstick, accepted: Yardstick, source: str) -> None:
    for term, before in accepted.terms.items():
        after = now.terms.get(term, "none")
        if after == before:
            continue
        what = _TERM_WORDS.get(term, f"the {term}")
        values = "" if term == "labels" else f": it was {before}, and is {after}"
        raise InputError(
            f"{now.task}: {what} is not that of {source}{values}; scores before and after "
            "would not mean the same",
            f"undo the change, or judge the answers of the accepted run anew and accept them: evalbench "
            f"grade RUN, then evalbench gate accept latest --baseline {shlex.quote(source)}",
        )


def _item_changes(now: Yardstick, accepted: Yardstick) -> dict[str, list[str]]:
    before = {mark.id: mark for mark in accepted.items}
    after = {mark.id: mark for mark in now.items}
    both = [(before[name], mark) for name, mark in after.items() if name in before]
    inputs = [mark.id for old, mark in both if old.shown != mark.shown]
    targets = [mark.id for old, mark in both if old.target != mark.target]
    is_same_set = len(both) == len(before) == len(after)
    groups = [mark.id for old, mark in both if old.group != mark.group] if is_same_set else []
    found = {
        "with another input": inputs,
        "with another right answer": targets,
        "in another group": groups,
        "no longer there": [name for name in before if name not in after],
        "new": [name for name in after if name not in before],
    }
    return {what: ids for what, ids in found.items() if ids}


def _named(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _MOST_NAMED:,} more" if len(ids) > _MOST_NAMED else ""
    return ", ".join(ids[:_MOST_NAMED]) + more
