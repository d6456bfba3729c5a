"""What an eval set says about itself, in its file or on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from evalbench.core.evalset import Criticality, GraderSpec, JsonValue, Limits, TaskKind, Traffic

ReadSettings: TypeAlias = Callable[[Path], Mapping[str, Any]]
"""Reads an `evalset.yaml` into the fields of `Settings`; raises when anything in it is wrong."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one eval set; None or empty means not said.

    `items` and `train` are `{path: …}` or `{hub: …, config, split, revision}`; `columns` maps
    what a column is for to its name; `per_tier` holds prompt, system and shots by tier.
    """

    name: str | None = None
    description: str | None = None
    kind: TaskKind | None = None
    criticality: Criticality | None = None
    max_drop: float | None = None
    confidence: float | None = None
    limits: Limits = field(default_factory=Limits)
    traffic: Traffic = field(default_factory=Traffic)
    batch: bool = False
    allow_downgrade: bool = False
    items: Mapping[str, str] = field(default_factory=dict)
    train: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    system: str | None = None
    prompt: str | None = None
    schema: JsonValue = None
    tools: JsonValue = None
    shots: int = 0
    per_tier: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    labels: tuple[str, ...] | None = None
    grader: GraderSpec | None = None
    metric: str | None = None
    must_pass: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says; it wins over the file. `train` is a path from where one stands."""

    input: str | None = None
    target: str | None = None
    prompt: str | None = None
    train: str | None = None
    id: str | None = None
    group: str | None = None
    grader: str | None = None
    task: str | None = None
    labels: tuple[str, ...] | None = None
    max_drop: float | None = None
    name: str | None = None

    def applied_to(self, settings: Settings) -> Settings:
        """The settings with everything said here in place of what was there."""
        columns = {
            role: column
            for role in ("id", "input", "target", "group")
            if (column := getattr(self, role)) is not None
        }
        said: dict[str, Any] = {
            "name": self.name,
            "prompt": self.prompt,
            "labels": self.labels,
            "kind": None if self.task is None else TaskKind(self.task),
            "grader": None if self.grader is None else GraderSpec(self.grader),
            "max_drop": self.max_drop,
            "train": None if self.train is None else {"path": str(Path(self.train).absolute())},
        }
        changes = {key: value for key, value in said.items() if value is not None}
        return replace(settings, columns={**settings.columns, **columns}, **changes)
