"""Runs: what was asked, of whom, and what came back. Immutable once finished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.models import ModelPool, Tier
from evalbench.core.trial import Trial


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that was decided before the first call of a run.

    `created` is UTC in ISO 8601. `graders` holds the grader signature of each task.
    `options` are the settings that shaped the run, enough to resume it.
    """

    id: str
    created: str
    version: str
    seed: int
    repeats: int
    pool: ModelPool
    graders: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskRun:
    """One task of a run: its items, and every trial of every tier in `tiers`.

    `models` is the pool this task used, which may hold a classical tier the others lack.
    """

    task: Task
    models: ModelPool
    items: tuple[Item, ...]
    trials: tuple[Trial, ...]
    grader: str
    signature: str

    def by_tier(self) -> dict[Tier, tuple[Trial, ...]]:
        """The trials of each tier, in plan order."""
        found: dict[Tier, list[Trial]] = {tier: [] for tier in self.models.tiers}
        for trial in self.trials:
            found[trial.tier].append(trial)
        return {tier: tuple(trials) for tier, trials in found.items()}


@dataclass(frozen=True, slots=True)
class Run:
    """A stored run: its manifest, its tasks, and how it went.

    `is_complete` is False while answers are missing that another attempt could bring.
    `calls` counts calls made by this run, `spent_usd` what those cost (None when unknown).
    """

    manifest: Manifest
    tasks: tuple[TaskRun, ...]
    is_complete: bool
    wall_s: float
    calls: int
    answers_new: int
    answers_reused: int
    spent_usd: float | None
    notes: tuple[str, ...] = ()

    @property
    def signature(self) -> str:
        """Everything a number of this run depends on, in one line."""
        return " ".join(task.signature for task in self.tasks)
