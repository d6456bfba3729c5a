"""Read `evalset.yaml`: what a task is, how it is judged, and how much worse is still good enough."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from evalbench.config.grader_said import GraderSaid
from evalbench.config.settings_file import (
    Count,
    CountOrNone,
    Free,
    NotNegative,
    Positive,
    Record,
    Share,
    Text,
    Word,
    check_file,
    group_or,
)
from evalbench.config.yaml_text import line_of, read_yaml
from evalbench.core.evalset import Criticality, GraderSpec, Limits, TaskKind, Traffic
from evalbench.core.looks import LookPlan, Spending
from evalbench.errors import EvalSetError

FILE_NAME = "evalset.yaml"


MOST_LOOKS = 20


def _path_group(value: Any) -> Any:
    return group_or("path", value)


def _looks_group(value: Any) -> Any:
    return group_or("planned", value)


class RowsFile(Record):
    """Where rows come from: a file beside this one, or a data set on the hub."""

    path: Word | None = Field(default=None, description="A .jsonl, .csv or .parquet file.")
    hub: Word | None = Field(default=None, description="owner/name of a data set on the hub.")
    config: Word | None = Field(default=None, description="Configuration of the hub data set.")
    split: Word | None = Field(default=None, description="Split of the hub data set.")
    revision: Word | None = Field(default=None, description="Revision of the hub data set.")

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.path is None) == (self.hub is None):
            raise ValueError("needs either `path` or `hub`")
        if self.path is not None and (self.config or self.split or self.revision):
            raise ValueError("has `config`, `split` or `revision`, which belong to `hub`")
        return self


class ColumnsFile(Record):
    """Which column holds what."""

    id: Word | None = None
    input: Word | None = None
    target: Word | None = None
    group: Word | None = None
    tags: Word | None = None
    messages: Word | None = None
    solution: Word | None = Field(
        default=None, description="Worked solution, for people; shown at most as a worked example's answer."
    )


class TrafficFile(Record):
    """What the task sees in a month."""

    requests: Positive | None = Field(default=None, description="Requests a month.")
    usd: Positive | None = Field(default=None, description="Today's bill in USD a month.")

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.requests is None) == (self.usd is None):
            raise ValueError("needs either `requests` or `usd`")
        return self


class LooksFile(Record):
    """How several runs at one question share the risk of a wrong recommendation."""

    planned: Annotated[int, Field(ge=1, le=MOST_LOOKS)] | None = Field(
        default=None, description="How many looks there will be; three use .6, .3 and .1 of the risk."
    )
    items: Count | None = Field(
        default=None, description="Items at the last look; those before it spend little of the risk."
    )
    spending: Spending | None = Field(
        default=None, description="How the risk is spent as items add up: next to nothing early, or evenly."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.planned is None) == (self.items is None):
            raise ValueError("needs either `planned` (how many looks) or `items` (how many at the last look)")
        if self.planned is not None and self.spending is not None:
            raise ValueError("has `spending`, which belongs to `items`")
        return self

    def as_plan(self) -> LookPlan:
        """The plan as the rest of the program knows it."""
        return LookPlan(self.planned, self.items, self.spending or Spending.OBF)


class TierPromptFile(Record):
    """What one tier is shown instead of what the others are shown."""

    prompt: Word | None = None
    system: Word | None = None
    shots: CountOrNone | None = None


def _name(value: str) -> str:
    if value != value.strip() or not value.isprintable() or "/" in value:
        raise ValueError(f"is {value!r}; use a name without slashes or line breaks")
    return value


def _distinct(values: list[str]) -> list[str]:
    twice = next((value for number, value in enumerate(values) if value in values[:number]), None)
    if twice is not None:
        raise ValueError(f"has {twice!r} twice")
    return values


Name = Annotated[Word, AfterValidator(_name)]
RowsOrPath = Annotated[RowsFile, BeforeValidator(_path_group, json_schema_input_type=str | RowsFile)]
LooksOrCount = Annotated[LooksFile, BeforeValidator(_looks_group, json_schema_input_type=int | LooksFile)]


class EvalSetFile(Record):
    """Everything `evalset.yaml` may say."""

    name: Name | None = Field(default=None, description="Default: the folder's name.")
    description: str | None = Field(default=None, description="One sentence.")
    task: TaskKind | None = Field(default=None, description="What sort of work it is.")
    criticality: Criticality | None = Field(default=None, description="How much is at stake.")
    max_drop: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        None, description="How much worse than the current tier is still good enough, from 0 to 1."
    )
    confidence: Annotated[float, Field(gt=0.5, lt=1)] | None = Field(
        None, description="How sure a verdict must be, for example 0.95."
    )
    min_score: Share | None = Field(default=None, description="A floor for the score.")
    max_p95_s: Positive | None = Field(default=None, description="Limit for the 95th percentile of latency.")
    max_answer_s: Positive | None = Field(default=None, description="A later answer counts as wrong.")
    max_cost_usd: NotNegative | None = Field(default=None, description="Limit for the mean cost of an item.")
    batch: bool = Field(default=False, description="Background work, for which batch prices apply.")
    allow_downgrade: bool = Field(default=False, description="Lets a critical task go to a cheaper tier.")
    looks: LooksOrCount | None = Field(
        default=None,
        description="Shares the risk of a wrong recommendation among so many runs. Default: each takes all.",
    )
    monthly: TrafficFile | None = Field(
        default=None, description="Requests or USD a month: gives the monthly bill."
    )
    value_usd: Positive | None = Field(
        default=None, description="What one right answer in place of a wrong one is worth, in USD."
    )
    items: RowsOrPath | None = Field(
        default=None, description="The items. Default: items.jsonl, .csv or .parquet."
    )
    train: RowsOrPath | None = Field(
        default=None, description="A labelled split for few-shot examples and learning."
    )
    columns: ColumnsFile = Field(default_factory=ColumnsFile)
    system: str | None = Field(default=None, description="System text.")
    prompt: Word | None = Field(
        default=None, description="Jinja2 template; sees every column but the target."
    )
    schema_: Free = Field(
        default=None, alias="schema", description="JSON Schema of the answer: a file, or inline."
    )
    tools: Free = Field(default=None, description="Tools that are passed on: a file, or inline.")
    shots: CountOrNone = Field(0, description="Few-shot examples drawn from train.")
    per_tier: dict[str, TierPromptFile] = Field(default_factory=dict, description="Other prompts by tier.")
    labels: Annotated[list[Text], AfterValidator(_distinct)] | None = Field(
        default=None, description="All labels."
    )
    grader: GraderSaid | None = Field(default=None, description="Who judges the answers. Default: by task.")
    metric: Word | None = Field(default=None, description="How scores become one number. Default: by task.")
    must_pass: list[Text] = Field(default_factory=list, description="Items that may never fail the gate.")

    def as_settings(self) -> dict[str, Any]:
        """The settings by name, as records of the program or plain values."""
        plain = (
            *("name", "description", "max_drop", "confidence", "batch", "allow_downgrade", "system"),
            *("prompt", "tools", "shots", "metric", "value_usd"),
        )
        return {
            **{key: getattr(self, key) for key in plain},
            "kind": self.task,
            "criticality": self.criticality,
            "limits": Limits(self.min_score, self.max_p95_s, self.max_answer_s, self.max_cost_usd),
            "traffic": Traffic(self.monthly.requests, self.monthly.usd) if self.monthly else Traffic(),
            "looks": self.looks.as_plan() if self.looks else None,
            "items": _said(self.items),
            "train": _said(self.train),
            "columns": _said(self.columns),
            "per_tier": {tier: _said(prompt) for tier, prompt in self.per_tier.items()},
            "schema": self.schema_,
            "labels": tuple(self.labels) if self.labels is not None else None,
            "grader": self.grader,
            "must_pass": tuple(self.must_pass),
        }


def _said(record: Record | None) -> dict[str, Any]:
    return {} if record is None else record.model_dump(exclude_none=True)


def read_evalset_file(path: Path) -> dict[str, Any]:
    """What an `evalset.yaml` says, checked; all that is wrong with it is told at once."""
    if not path.is_file():
        raise EvalSetError(
            f"there is no file {str(path)!r}", "make an eval set with: evalbench evalsets new FILE.csv"
        )
    checked = check_file(path, EvalSetFile)
    if checked.said is None:
        problems = checked.problems
        one = len(problems) == 1
        mended = f"mend {'this line' if one else 'these lines'} of {path}."
        problem = f"{len(problems)} problem{'' if one else 's'} in {path}"
        raise EvalSetError(problem, checked.fix or mended, problems)
    return {**checked.said.as_settings(), "lines": checked.lines}


def grader_line(path: Path, grader: GraderSpec, place: Sequence[str | int] = ()) -> int | None:
    """The line where a file says this very grader, or the part of it at `place`; None where it does not."""
    if check_file(path, EvalSetFile).said is None or read_evalset_file(path)["grader"] != grader:
        return None
    return line_of(read_yaml(path), ("grader", *place))
