"""Small nouns with sensible defaults, so that a test states only its point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import GraderSpec, Item, JsonValue, Prompt, Task, TaskKind
from evalbench.core.models import Model, ModelPool
from evalbench.core.run import TaskRun
from evalbench.core.score import Grade, Score
from evalbench.core.trial import Trial


def make_item(
    item_id: str = "i1",
    text: str = "some text",
    target: JsonValue = "yes",
    group: str | None = None,
    fields: Mapping[str, JsonValue] | None = None,
) -> Item:
    return Item(item_id, Prompt(text, fields=fields or {}), target, group)


def make_task(name: str = "demo", **changes: Any) -> Task:
    settings: dict[str, Any] = {
        "kind": TaskKind.CLASSIFICATION,
        "grader": GraderSpec("label"),
        "metric": "accuracy",
        "max_drop": 0.05,
        "confidence": 0.95,
        "digest": "0" * 64,
    }
    return Task(name, **(settings | changes))


def make_pool(tiers: Sequence[str] = ("small", "medium", "large"), current: str | None = None) -> ModelPool:
    return ModelPool({tier: Model(f"python/models:{tier}") for tier in tiers}, current or tiers[-1])


def make_trial(
    item_id: str = "i1",
    tier: str = "small",
    score: float | None = 1.0,
    cost_usd: float | None = 0.01,
    text: str = "yes",
) -> Trial:
    """A graded trial; `score=None` makes a missing one."""
    if score is None:
        return Trial(item_id, tier, failure=Failure("error", "the endpoint said no"))
    return Trial(
        item_id,
        tier,
        completion=Completion(text, cost_usd=cost_usd, latency_s=0.1),
        score=Score(score, text),
    )


def make_task_run(
    scores: Mapping[str, Sequence[float | None]],
    costs_usd: Mapping[str, float | None],
    task: Task | None = None,
    groups: Sequence[str] | None = None,
    current: str | None = None,
) -> TaskRun:
    """A run of one task: the scores of each tier by item, at a constant cost per tier."""
    task = task or make_task()
    length = len(next(iter(scores.values())))
    ids = [f"i{number:04d}" for number in range(length)]
    items = tuple(
        make_item(item_id, f"text of {item_id}", group=groups[number] if groups else None)
        for number, item_id in enumerate(ids)
    )
    trials = tuple(
        make_trial(item_id, tier, score, costs_usd[tier], "yes" if score else "no")
        for tier, values in scores.items()
        for item_id, score in zip(ids, values, strict=True)
    )
    pool = make_pool(tuple(scores), current)
    return TaskRun(task, pool, items, trials, "label@1", f"{task.name}@0|n:{length}|label@1|seed:7|v:0")


def score_of(grade: Grade | None) -> Score:
    """A grade that must be a score."""
    assert isinstance(grade, Score), grade
    return grade
