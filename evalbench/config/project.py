"""Read `evalbench.yaml`: which models stand at which tiers, what is in use today, what may be spent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from evalbench.config.model_file import ModelFile, model_group
from evalbench.config.settings_file import (
    Count,
    CountOrNone,
    NotNegative,
    PlacedError,
    Positive,
    Record,
    Word,
    check_file,
)
from evalbench.config.yaml_text import Section, line_of, read_yaml
from evalbench.core.models import Model, ModelPool, Tier
from evalbench.errors import InputError, nearest

FILE_NAME = "evalbench.yaml"
_SHOWN_PROBLEMS = 20


def _switch(value: Any) -> Any:
    words = {"on": "auto", "true": "auto", "yes": "auto", "no": "off", "false": "off"}
    return words.get(str(value).lower(), str(value)) if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _tier_names(tiers: dict[str, ModelFile]) -> dict[str, ModelFile]:
    for name in tiers:
        if not name.strip() or name != name.strip() or not name.isprintable() or set(name) & set(",="):
            raise ValueError(f"has a tier named {name!r}; use a word without commas or equals signs")
    return tiers


ModelOrId = Annotated[ModelFile, BeforeValidator(model_group, json_schema_input_type=str | ModelFile)]
Tiers = Annotated[dict[str, ModelOrId], Field(min_length=1), AfterValidator(_tier_names)]
Patterns = Annotated[list[Word], BeforeValidator(_listed, json_schema_input_type=str | list[str])]


class ProjectFile(Record):
    """Everything `evalbench.yaml` may say."""

    evalsets: Patterns = Field(["evalsets/*"], description="Folders, files and globs, relative to this file.")
    tiers: Tiers = Field(description="Models by tier, cheapest first.")
    current: Word | None = Field(default=None, description="The tier in use today. Default: the last one.")
    max_spend_usd: NotNegative | None = Field(default=None, description="A run stops before it spends more.")
    deployed: dict[str, str] = Field(default_factory=dict, description="The tier the gate guards, by task.")
    classical: Annotated[Literal["auto", "off"], BeforeValidator(_switch)] = Field(
        "auto", description="Adds a tier without a language model to every task with a train split."
    )
    judge: ModelOrId | None = Field(
        default=None, description="The model that judges where a grader needs one."
    )
    repeats: Count = Field(1, description="How often each item is asked.")
    seed: CountOrNone = Field(7, description="Decides every draw.")
    timeout_s: Positive = Field(60, description="Seconds until an attempt is given up and tried again.")
    retries: CountOrNone = Field(5, description="How often a failed attempt is repeated.")
    ledger: Word = Field(".evalbench/ledger.sqlite", description="Where answers are kept.")
    reports: Word = Field("reports", description="Where reports are written.")

    @model_validator(mode="after")
    def _tiers_exist(self) -> Self:
        if self.current is not None and self.current not in self.tiers:
            raise PlacedError(
                f"'current' is {self.current!r}, which is no tier; {nearest(self.current, self.tiers)}",
                ("current",),
            )
        for task, tier in self.deployed.items():
            if tier not in self.tiers:
                raise PlacedError(
                    f"'deployed.{task}' is {tier!r}, which is no tier; {nearest(tier, self.tiers)}",
                    ("deployed", task),
                )
        return self


@dataclass(frozen=True, slots=True)
class Project:
    """A project's settings, ready for use.

    `evalsets` are patterns relative to `folder`; `ledger` and `reports` are resolved paths.
    `tiers` are in escalation order.
    """

    path: Path
    tiers: Mapping[Tier, Model]
    current: Tier
    evalsets: tuple[str, ...]
    max_spend_usd: float | None
    deployed: Mapping[str, Tier]
    classical: bool
    judge: Model | None
    repeats: int
    seed: int
    timeout_s: float
    retries: int
    ledger: Path
    reports: Path

    @property
    def folder(self) -> Path:
        """The folder that every relative path in the file starts from."""
        return self.path.parent

    @property
    def pool(self) -> ModelPool:
        """The tiers and the one in use today."""
        return ModelPool(self.tiers, self.current)


def load_project(path: Path) -> Project:
    """Read and check a project file; all that is wrong with it is told at once."""
    if not path.is_file():
        raise InputError(f"there is no file {str(path)!r}", "write one with: evalbench init")
    checked = check_file(path, ProjectFile)
    if checked.said is None:
        raise _refusal(path, checked.problems, checked.fix)
    said = checked.said
    return Project(
        path=path,
        tiers={tier: model.as_model() for tier, model in said.tiers.items()},
        current=said.current or list(said.tiers)[-1],
        evalsets=tuple(said.evalsets),
        max_spend_usd=said.max_spend_usd,
        deployed=said.deployed,
        classical=said.classical == "auto",
        judge=said.judge.as_model() if said.judge else None,
        repeats=said.repeats,
        seed=said.seed,
        timeout_s=said.timeout_s,
        retries=said.retries,
        ledger=path.parent / said.ledger,
        reports=path.parent / said.reports,
    )


def _refusal(path: Path, problems: list[str], fix: str | None) -> InputError:
    if len(problems) == 1:
        fix = fix or f"mend this line of {path}."
        if "`api_key_env`" in problems[0]:
            fix = f"take it out of {path}, and say `api_key_env: NAME`, the variable that holds it."
        return InputError(problems[0], fix)
    shown = "\n  ".join(problems[:_SHOWN_PROBLEMS])
    more = f"\n  and {len(problems) - _SHOWN_PROBLEMS} more" if len(problems) > _SHOWN_PROBLEMS else ""
    problem = f"{len(problems)} problems in {path}:\n  {shown}{more}"
    return InputError(problem, fix or f"mend these lines of {path}.")


def find_project(start: Path) -> Path | None:
    """The nearest `evalbench.yaml` in `start` or a folder above it, or None."""
    here = start.resolve()
    return next((found for folder in (here, *here.parents) if (found := folder / FILE_NAME).is_file()), None)


def tier_line(path: Path | None, tier: Tier, model_id: str) -> int | None:
    """The line where a project file puts this very model at a tier, or None where it does not."""
    if path is None:
        return None
    tree = read_yaml(path)
    tiers = tree.get("tiers")
    said = tiers.get(tier) if isinstance(tiers, Section) else None
    is_there = model_id in (said, said.get("model") if isinstance(said, Section) else None)
    place = ("tiers", tier, "model") if isinstance(said, Section) else ("tiers", tier)
    return line_of(tree, place) if is_there else None


def deployed_line(path: Path, task: str) -> int:
    """The line where a project file says which tier of a task is deployed."""
    return line_of(read_yaml(path), ("deployed", task))
