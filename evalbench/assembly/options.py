"""What a command was asked for, after flags and environment and before the project file."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_SET_FLAGS = ("input", "target", "prompt", "train", "id", "group", "grader", "task")


@dataclass(frozen=True, slots=True)
class SetOptions:
    """How to read eval sets: which ones, and what the command line says instead of a file.

    `evalsets` are folders, files, globs or names; empty means the project's own. `is_shipped` says
    that they are names of shipped sets, whatever the project has under these names.
    """

    evalsets: tuple[str, ...] = ()
    input: str | None = None
    target: str | None = None
    prompt: str | None = None
    train: str | None = None
    id: str | None = None
    group: str | None = None
    grader: str | None = None
    task: str | None = None
    max_drop: float | None = None
    strict: bool = False
    is_shipped: bool = False


@dataclass(frozen=True, slots=True)
class ProjectOptions:
    """Where the project is, and what the command line says instead of its file."""

    config: Path | None = None
    models: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    current: str | None = None
    env_file: Path | None = None
    ledger: Path | None = None
    reports: Path | None = None


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which models a new project is offered: of one provider, or nothing that leaves this machine."""

    provider: str | None = None
    is_local: bool = False


@dataclass(frozen=True, slots=True)
class GateOptions:
    """One `gate check`: against which files, of which lines, by which rules, and where it writes.

    `most_missing` is the share of answers that may lack. Costs and times may be more than the
    baseline's by these shares, None for any. A drop smaller than `min_effect` never fails.
    `min_mde` refuses a gate that cannot see a drop of that size. `out` is None for the run's folder.
    """

    baseline: Path
    anchor: Path | None = None
    tasks: tuple[str, ...] = ()
    all_tiers: bool = False
    strict: bool = False
    most_missing: float = 0.05
    max_cost_increase: float | None = None
    max_p95_increase: float | None = None
    min_effect: float = 0.0
    min_mde: float | None = None
    out: Path | None = None
    with_texts: bool = True


@dataclass(frozen=True, slots=True)
class RunOptions:
    """One `run`: what to measure, with whom, how far and at what cost at most.

    `max_age_s` ignores stored answers older than that; `refresh` ignores all of them. `early_stop`
    asks item by item, and no tier any more whose verdict is settled. `is_gated` says that the run is
    for the gate, and so no look at which tier would do. `is_allowance` says that the cap is for this
    command alone, whatever the run that it resumes has spent.
    """

    project: ProjectOptions = field(default_factory=ProjectOptions)
    sets: SetOptions = field(default_factory=SetOptions)
    limit: int | None = None
    repeats: int | None = None
    concurrency: int | None = None
    seed: int | None = None
    max_spend_usd: float | None = None
    refresh: bool = False
    max_age_s: float | None = None
    dry_run: bool = False
    early_stop: bool = False
    is_gated: bool = False
    is_allowance: bool = False

    def flags(self) -> tuple[str, ...]:
        """The flags that make a run like this one, of all its items and of whatever eval set is named."""
        project, sets = self.project, self.sets
        said = {
            "config": project.config,
            "models": ",".join(project.models) or None,
            "tiers": ",".join(project.tiers) or None,
            "current": project.current,
            "env-file": project.env_file,
            "ledger": project.ledger,
            "out": project.reports,
            **{name: getattr(sets, name) for name in _SET_FLAGS},
            "max-drop": sets.max_drop,
            "repeats": self.repeats,
            "seed": self.seed,
        }
        return (
            *(
                part
                for name, value in said.items()
                if value is not None
                for part in (f"--{name}", str(value))
            ),
            *(["--early-stop"] if self.early_stop else []),
        )

    def to_json(self) -> dict[str, Any]:
        """What a resume needs to read the same files in the same way again."""
        kept = asdict(self)
        kept["project"] = {
            name: str(value) if isinstance(value, Path) else value for name, value in kept["project"].items()
        }
        return kept

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> RunOptions:
        """The options that `to_json` wrote."""
        project = dict(kept["project"])
        for name in ("config", "env_file", "ledger", "reports"):
            project[name] = None if project[name] is None else Path(project[name])
        for name in ("models", "tiers"):
            project[name] = tuple(project[name])
        sets = {**kept["sets"], "evalsets": tuple(kept["sets"]["evalsets"])}
        return cls(**{**kept, "project": ProjectOptions(**project), "sets": SetOptions(**sets)})
