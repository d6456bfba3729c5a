"""Runs for tests of advice: a current tier, and others that win and lose items against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from evalbench.core.comparison import Comparison
from evalbench.core.completion import Completion
from evalbench.core.evalset import Task, TaskKind
from evalbench.core.models import Model, ModelPool
from evalbench.core.recommendation import Finding
from evalbench.core.run import TaskRun
from evalbench.core.score import Score
from evalbench.core.trial import Trial
from tests.build import make_item, make_task, make_task_run

RECORDINGS = Path(__file__).parents[3] / "shared" / "data" / "recordings"
COSTS_USD = {"small": 0.0001, "medium": 0.0006, "large": 0.002, "xl": 0.02}
MODELS = {
    "small": "openai/gpt-5-nano",
    "medium": "anthropic/claude-haiku-4-5",
    "large": "openai/gpt-5",
    "xl": "openai/gpt-5-pro",
    "classical": "local/linear",
}


def against(current: Sequence[float], wins: int, losses: int) -> list[float]:
    """Scores that differ from `current` by so many items won at its end and lost at its start."""
    scores = [0.0 if number < losses else value for number, value in enumerate(current)]
    return [1.0 if number >= len(scores) - wins else value for number, value in enumerate(scores)]


def make_run(
    right: int,
    items: int,
    tiers: Mapping[str, tuple[int, int]],
    costs_usd: Mapping[str, float | None] = COSTS_USD,
    **changes: Any,
) -> TaskRun:
    """`large` is current and right on so many items; the others win and lose as told."""
    task: Task = changes.pop("task", None) or make_task(**changes)
    current = [1.0] * right + [0.0] * (items - right)
    order = [tier for tier in costs_usd if tier in tiers or tier == "large"]
    scores = {tier: against(current, *tiers[tier]) if tier in tiers else current for tier in order}
    run = make_task_run(scores, costs_usd, task, current="large")
    pool = ModelPool({tier: Model(MODELS[tier]) for tier in order}, "large")
    # Two targets in equal parts, so that no constant answer is as good as a model.
    items_ = tuple(replace(item, target="yes" if n % 2 else "no") for n, item in enumerate(run.items))
    return replace(run, models=pool, items=items_)


def comparison(finding: Finding, tier: str) -> Comparison:
    return next(found for found in finding.comparisons if found.tier == tier)


def recorded_trial(row: Mapping[str, Any], tier: str) -> Trial:
    done = Completion(row["output"], cost_usd=row.get("cost_usd"), latency_s=row.get("latency_s"))
    score = None if row.get("target") is None else Score(row["score"])
    return Trial(row["item_id"], tier, completion=done, score=score)


def recorded_run(name: str, tiers: Mapping[str, str]) -> TaskRun:
    """A recording as a run with the scores given in the file."""
    path = RECORDINGS / f"{name}.jsonl"
    if not path.is_file():
        pytest.skip(f"the recordings are not at {RECORDINGS}")
    rows = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    names = {model: tier for tier, model in tiers.items()}
    targets = {row["item_id"]: row.get("target") for row in rows}
    items = tuple(make_item(item_id, item_id, target) for item_id, target in targets.items())
    trials = tuple(
        Trial(
            row["item_id"],
            names[row["model"]],
            completion=Completion(
                row["output"], cost_usd=row.get("cost_usd"), latency_s=row.get("latency_s")
            ),
            score=None if row.get("target") is None else Score(row["score"]),
        )
        for row in rows
        if row["model"] in names
    )
    pool = ModelPool(
        {tier: Model(f"recorded/{name}.jsonl#{model}") for tier, model in tiers.items()}, [*tiers][-1]
    )
    return TaskRun(make_task(name, metric="mean", kind=TaskKind.QA), pool, items, trials, "recorded@1", name)
