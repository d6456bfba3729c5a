"""A baseline as the text of a file that is made for being committed and reviewed, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from evalbench.core.baseline import Baseline, ItemMark, TaskRecord, TierRecord, Yardstick
from evalbench.gate.encoding import count_lines, counts_from, score_lines, scores_from
from evalbench.gate.reading import Place

SCHEMA = "evalbench.baseline/1"

_INDENT = 1


def to_text(baseline: Baseline) -> str:
    """The baseline as JSON: sorted, an item a line, scores in short lines, no text of any answer."""
    value = {
        "schema": SCHEMA,
        "accepted": baseline.accepted,
        "run": {"id": baseline.run, "created": baseline.created, "version": baseline.version},
        "tasks": {name: _task_value(baseline.tasks[name]) for name in sorted(baseline.tasks)},
    }
    return _written(value) + "\n"


def from_text(text: str, source: str) -> Baseline:
    """The baseline that `to_text` wrote; an InputError names file, line and fix where it is none."""
    top = Place.whole(text, source)
    schema = top.text("schema")
    if schema != SCHEMA:
        raise top.at("schema").wrong(f"has the schema {schema!r}, and this version reads {SCHEMA!r}")
    run, tasks = top.at("run"), top.at("tasks")
    found = {name: _task(tasks.at(name), name) for name in tasks.mapping()}
    if not found:
        raise tasks.wrong("has no task")
    return Baseline(
        run=run.text("id"),
        created=run.moment("created"),
        accepted=top.moment("accepted"),
        version=run.text("version"),
        tasks=found,
        source=source,
    )


def _task_value(record: TaskRecord) -> dict[str, Any]:
    yardstick = record.yardstick
    return {
        "current": record.current,
        "recommended": record.recommended,
        "measured_with": dict(sorted(yardstick.terms.items())),
        "columns": list(yardstick.columns),
        "items": [_Flat(_item_value(mark)) for mark in yardstick.items],
        "tiers": {tier: _tier_value(found) for tier, found in record.tiers.items()},
    }


def _item_value(mark: ItemMark) -> list[str | int]:
    fixed: list[str | int] = [mark.id, mark.shown, mark.target]
    return fixed if mark.group is None else [*fixed, mark.group]


def _tier_value(record: TierRecord) -> dict[str, Any]:
    value: dict[str, Any] = {
        "setup": dict(record.setup),
        "newest_answer": record.newest,
        "cost_usd_per_item": record.cost_usd_per_item,
        "p95_s": record.p95_s,
        "repeats": record.repeats,
        "scores": score_lines(record.scores),
    }
    if record.counts is not None:
        value["counts_per_item"] = max((len(row) for row in record.counts if row is not None), default=0)
        value["counts"] = count_lines(record.counts)
    return value


def _task(place: Place, name: str) -> TaskRecord:
    terms = place.texts("measured_with")
    for needed in ("metric", "grader"):
        if needed not in terms:
            raise place.at("measured_with").wrong(f"says no {needed!r}")
    marks = tuple(_mark(place.at("items"), entry) for entry in place.at("items").sequence())
    ids = [mark.id for mark in marks]
    if ids != sorted(set(ids)):
        raise place.at("items").wrong("are not sorted by id, or an id comes twice")
    tiers = place.at("tiers")
    found = {tier: _tier(tiers.at(tier), tier, len(marks)) for tier in tiers.mapping()}
    record = TaskRecord(
        Yardstick(name, terms, tuple(map(str, place.at("columns").sequence())), marks),
        place.text("current"),
        place.text_or_none("recommended"),
        found,
    )
    for key, tier in (("current", record.current), ("recommended", record.recommended)):
        if tier is not None and tier not in found:
            raise place.at(key).wrong(f"is {tier!r}, which is none of its tiers")
    return record


def _mark(place: Place, entry: Any) -> ItemMark:
    is_item = (
        isinstance(entry, list)
        and all(isinstance(part, str) for part in entry[:3])
        and all(type(part) is int for part in entry[3:])
        and len(entry) in (3, 4)
    )
    if not is_item:
        raise place.wrong(f"hold {json.dumps(entry)[:60]}, which is no item")
    return ItemMark(*entry)


def _tier(place: Place, tier: str, items: int) -> TierRecord:
    repeats = place.count("repeats")
    scores = _decoded(place, "scores", lambda lines: scores_from(lines, repeats), items)
    counts = None
    if place.has("counts"):
        width = place.count("counts_per_item")
        counts = tuple(_decoded(place, "counts", lambda lines: counts_from(lines, width), items))
    return TierRecord(
        tier=tier,
        setup=place.texts("setup"),
        scores=tuple(scores),
        counts=counts,
        cost_usd_per_item=place.number_or_none("cost_usd_per_item"),
        p95_s=place.number_or_none("p95_s"),
        newest=place.moment("newest_answer") if place.text_or_none("newest_answer") else None,
    )


def _decoded(place: Place, key: str, decode: Any, items: int) -> Sequence[Any]:
    lines = place.at(key)
    words = lines.sequence()
    if not all(isinstance(line, str) for line in words):
        raise lines.wrong("are not lines of text")
    for number, line in enumerate(words):
        try:
            decode([line])
        except ValueError as error:
            raise lines.wrong(str(error), number) from error
    found: Sequence[Any] = decode(words)
    if len(found) != items:
        raise lines.wrong(f"are of {len(found):,} items, and the task has {items:,}")
    return found


class _Flat(list[Any]):
    """A list that is written on one line."""


def _written(value: Any, depth: int = 0) -> str:
    """JSON with a member a line, but for lists that belong on one."""
    inner = "\n" + " " * _INDENT * (depth + 1)
    if isinstance(value, Mapping) and value:
        members = [f"{json.dumps(key)}: {_written(member, depth + 1)}" for key, member in value.items()]
        return f"{{{inner}{(',' + inner).join(members)}{inner[:-_INDENT]}}}"
    if isinstance(value, list) and value and not isinstance(value, _Flat):
        members = [_written(member, depth + 1) for member in value]
        return f"[{inner}{(',' + inner).join(members)}{inner[:-_INDENT]}]"
    return json.dumps(value)
