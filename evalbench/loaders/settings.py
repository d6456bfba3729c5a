"""What an eval set says about itself, in its file or on the command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from evalbench.core.evalset import Criticality, GraderSpec, JsonValue, Limits, TaskKind, Traffic
from evalbench.core.looks import LookPlan

ReadSettings: TypeAlias = Callable[[Path], Mapping[str, Any]]
"""Reads an `evalset.yaml` into the fields of `Settings`; raises when anything in it is wrong."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one eval set; None or empty means not said.

    `items` and `train` are `{path: …}` or `{hub: …, config, split, revision}`; `columns` maps
    what a column is for to its name; `per_tier` holds prompt, system and shots by tier.
    `lines` has the line of every key of the file by its dotted name, `flags` the keys that the
    command line said instead.
    """

    name: str | None = None
    description: str | None = None
    kind: TaskKind | None = None
    criticality: Criticality | None = None
    max_drop: float | None = None
    confidence: float | None = None
    limits: Limits = field(default_factory=Limits)
    traffic: Traffic = field(default_factory=Traffic)
    looks: LookPlan | None = None
    value_usd: float | None = None
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
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)
    flags: frozenset[str] = frozenset()

    def place(self, key: str, file_name: str) -> tuple[str, int | None]:
        """Where the setting `key` was said: a flag, or a file and perhaps its line."""
        if key in self.flags:
            return f"--{key}", None
        return file_name, self.lines.get(key)


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

    def applied_to(self, settings: Settings, folder: Path) -> Settings:
        """The settings of the eval set in `folder`, with everything said here in place of what was there."""
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
            "grader": None if self.grader is None else GraderSpec(grader_from_here(self.grader, folder)),
            "max_drop": self.max_drop,
            "train": None if self.train is None else {"path": str(Path(self.train).absolute())},
        }
        changes = {key: value for key, value in said.items() if value is not None}
        flags = frozenset("task" if key == "kind" else key for key in changes)
        return replace(settings, columns={**settings.columns, **columns}, flags=flags, **changes)


def grader_from_here(name: str, folder: Path) -> str:
    """A grader's file named from where one stands, as the eval set in `folder` has to name it."""
    file, mark, function = name.rpartition(":")
    if not mark or not file.endswith(".py") or not Path(file).is_file():
        return name
    return f"{Path(os.path.relpath(file, folder)).as_posix()}:{function}"
