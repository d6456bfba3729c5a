"""Eval sets: the items a task is measured on, and what a model is shown of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from evalbench.core.looks import LookPlan

JsonValue: TypeAlias = Any
"""What JSON can hold: None, bool, int, float, str, and lists and dicts of these."""


class TaskKind(StrEnum):
    """What sort of work a task is; decides the default grader, metric and prompt."""

    CLASSIFICATION = "classification"
    EXTRACTION = "extraction"
    QA = "qa"
    SUMMARIZATION = "summarization"
    TRANSLATION = "translation"
    REFORMATTING = "reformatting"
    TEMPLATE = "template"
    REASONING = "reasoning"
    CODE = "code"
    GENERATION = "generation"
    ROUTING = "routing"


class Criticality(StrEnum):
    """How much is at stake; decides the default largest drop allowed and how sure to be."""

    LOW = "low"
    STANDARD = "standard"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation, as a chat model reads it."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is shown of an item. It never contains the target.

    `text` is the item's own input; `messages` is what is sent (empty until a plan has
    rendered the prompt for a tier, unless the item brings messages of its own); `fields`
    are the item's other columns by name.
    """

    text: str
    messages: tuple[Message, ...] = ()
    fields: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """One question with its answer.

    `target` is None when the item has no answer: it is asked, but takes no part in scores.
    Scalar targets are text exactly as written in the file; objects and lists stay JSON.
    `line` is where the item stands in its file, counted from 1. `solution` is an answer for people; a
    model sees it as the answer of a worked example at most.
    """

    id: str
    prompt: Prompt
    target: JsonValue = None
    group: str | None = None
    tags: tuple[str, ...] = ()
    line: int | None = None
    solution: str | None = None


@dataclass(frozen=True, slots=True)
class PromptSpec:
    """How the prompt of one tier is built: system text, template, and how many shots.

    `template` is None when every item brings its own messages.
    """

    template: str | None
    system: str | None = None
    shots: int = 0


COMBINATIONS = ("all", "any", "weighted")
"""Names of graders that judge by several others."""

PAIRWISE = "pairwise"
"""The grader that compares two answers to an item."""

_JUDGED_BY_RUBRIC = ("judge", PAIRWISE)


@dataclass(frozen=True, slots=True)
class GraderSpec:
    """Which grader judges the answers: a known name or `file.py:function`, and its options.

    A combination, `all`, `any` or `weighted`, has its parts in the option `graders`, each as
    `{"name": …, "options": {…}, "weight": …}`.
    """

    name: str
    options: Mapping[str, JsonValue] = field(default_factory=dict)

    @property
    def weighted_parts(self) -> tuple[tuple[GraderSpec, float], ...]:
        """The graders that a combination judges by, with their weights; empty for any other grader."""
        said = self.options.get("graders") if self.name in COMBINATIONS else None
        # Options may also come from a command line, where they are texts.
        entries = [entry for entry in said if isinstance(entry, dict)] if isinstance(said, list) else []
        return tuple(
            (GraderSpec(entry["name"], entry.get("options", {})), float(entry.get("weight", 1)))
            for entry in entries
        )

    @property
    def parts(self) -> tuple[GraderSpec, ...]:
        """The graders that a combination judges by; empty for any other grader."""
        return tuple(part for part, _ in self.weighted_parts)

    @property
    def title(self) -> str:
        """Its name; for a combination with those of its parts, for example `all(exact, length)`."""
        return f"{self.name}({', '.join(part.title for part in self.parts)})" if self.parts else self.name

    @property
    def needs_target(self) -> bool:
        """Whether an item without a target cannot be judged: by a model with a rubric alone it can."""
        return any(single.name not in _JUDGED_BY_RUBRIC for single in self.singles)

    @property
    def singles(self) -> tuple[GraderSpec, ...]:
        """Every grader that is no combination, at any depth; itself if it is one."""
        if self.name not in COMBINATIONS:
            return (self,)
        return tuple(single for part in self.parts for single in part.singles)


@dataclass(frozen=True, slots=True)
class Limits:
    """What must hold besides quality. None means no limit.

    `min_score` is a floor for the score, `max_p95_s` for the 95th percentile of latency,
    `max_cost_usd` for the mean cost of an item. `max_answer_s` is the production deadline:
    a later answer counts as a model failure.
    """

    min_score: float | None = None
    max_p95_s: float | None = None
    max_answer_s: float | None = None
    max_cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a task sees in a month: requests, or today's bill in USD. At most one is set."""

    requests: float | None = None
    usd: float | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Everything about an eval set but its items: what is asked, how it is judged, what counts.

    `max_drop` is how much worse than the current tier is still good enough, `confidence` how
    sure a verdict must be (0.95 means alpha 0.05), shared among several looks as `looks` says.
    `value_usd` is what a right answer in place of a wrong one is worth. `inferred` tells in plain
    words what was not written in the file. `digest` identifies everything an answer's grade can depend on.
    """

    name: str
    kind: TaskKind
    grader: GraderSpec
    metric: str
    max_drop: float
    confidence: float
    criticality: Criticality = Criticality.STANDARD
    description: str = ""
    labels: tuple[str, ...] = ()
    prompt: PromptSpec = field(default_factory=lambda: PromptSpec("{{ input }}"))
    per_tier: Mapping[str, PromptSpec] = field(default_factory=dict)
    schema: Mapping[str, JsonValue] | None = None
    tools: JsonValue = None
    limits: Limits = field(default_factory=Limits)
    traffic: Traffic = field(default_factory=Traffic)
    must_pass: tuple[str, ...] = ()
    allow_downgrade: bool = False
    looks: LookPlan | None = None
    value_usd: float | None = None
    batch: bool = False
    current: str | None = None
    source: str | None = None
    inferred: tuple[str, ...] = ()
    digest: str = ""
    train_digest: str | None = None


@dataclass(frozen=True, slots=True)
class EvalSet:
    """A named, digested collection of items for one task, with its training split if it has one.

    Large splits are no tuples: an item is read when it is asked for, so whoever needs all of them
    should go through them once, in order. `warnings` are counted findings that do not stop a
    run, in plain words.
    """

    task: Task
    items: Sequence[Item]
    train: Sequence[Item] = ()
    warnings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The task's name."""
        return self.task.name
