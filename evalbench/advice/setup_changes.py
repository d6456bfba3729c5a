"""What was set up otherwise in one of two runs of a task: prompt, models, parameters, terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from evalbench.core.evalset import JsonValue, PromptSpec, Task
from evalbench.core.models import Model, Price, Tier
from evalbench.core.run import TaskRun


@dataclass(frozen=True, slots=True)
class SetupChange:
    """One setting that differs; `tier` is None where it concerns all of them."""

    setting: str
    older: JsonValue
    newer: JsonValue
    tier: Tier | None = None


def setup_changes(older: TaskRun, newer: TaskRun) -> tuple[SetupChange, ...]:
    """Every setting that could explain a difference, in the order in which one would look."""
    found = [
        *_differing(_prompt(older.task.prompt), _prompt(newer.task.prompt)),
        *_differing(_terms(older), _terms(newer)),
    ]
    for tier in newer.models.tiers:
        if tier in older.models.models:
            before, after = older.models.models[tier], newer.models.models[tier]
            own = _own_prompt(older.task, tier), _own_prompt(newer.task, tier)
            found += _differing(_model(before), _model(after), tier)
            if own != (None, None):
                found += _differing(_prompt(own[0]), _prompt(own[1]), tier)
    return tuple(found)


def _differing(
    older: Mapping[str, JsonValue], newer: Mapping[str, JsonValue], tier: Tier | None = None
) -> Iterator[SetupChange]:
    for setting, value in newer.items():
        if older[setting] != value:
            yield SetupChange(setting, older[setting], value, tier)


def _prompt(spec: PromptSpec | None) -> dict[str, JsonValue]:
    return {
        "prompt": spec and spec.template,
        "system": spec and spec.system,
        "shots": spec and spec.shots,
    }


def _own_prompt(task: Task, tier: Tier) -> PromptSpec | None:
    return task.per_tier.get(tier)


def _terms(run: TaskRun) -> dict[str, JsonValue]:
    task = run.task
    return {
        "grader": run.grader,
        "metric": task.metric,
        "labels": list(task.labels),
        "schema": None if task.schema is None else dict(task.schema),
        "tools": task.tools,
        "repeats": run.repeats,
        "max_answer_s": task.limits.max_answer_s,
        "max_drop": task.max_drop,
        "confidence": task.confidence,
        "batch": task.batch,
        "current": run.models.current,
        "train_digest": task.train_digest,
        "digest": task.digest,
    }


def _model(model: Model) -> dict[str, JsonValue]:
    return {
        "model": model.id,
        "api_base": model.api_base,
        "params": dict(model.params),
        "price": None if model.price is None else _price(model.price),
    }


def _price(price: Price) -> dict[str, JsonValue]:
    """What is charged; where the figures were found says nothing about the run."""
    kept = {name: value for name, value in asdict(price).items() if name not in {"source", "as_of", "digest"}}
    return {name: value for name, value in kept.items() if value not in (None, (), False)}
