"""Runs: what was asked, of whom, and what came back. Immutable once finished."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.facts import ItemFacts, facts_of
from evalbench.core.figures import Figures, figures_of
from evalbench.core.looks import FIRST_LOOK, Looks
from evalbench.core.models import ModelPool, Tier
from evalbench.core.order import AskingOrder, asking_order
from evalbench.core.reading import OnDemand
from evalbench.core.score import NET_WIN_RATE
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

    @property
    def is_resumable(self) -> bool:
        """Whether it says how to go on; a run that was imported, or graded again, asks nobody."""
        return "project" in self.options

    @property
    def regraded_from(self) -> str | None:
        """The run whose answers were graded again; None for a run with answers of its own."""
        source = self.options.get("regraded")
        return source if isinstance(source, str) else None

    @property
    def to_resume(self) -> str | None:
        """The run that can ask for what is missing here: this one, that whose answers it has, or None."""
        return self.id if self.is_resumable else self.regraded_from


class Trials(OnDemand[Trial]):
    """Every trial of a task, kept elsewhere: its numbers at hand, its texts read when asked for."""

    @property
    @abstractmethod
    def figures(self) -> Figures:
        """The numbers of all trials."""

    def __len__(self) -> int:
        return len(self.figures)

    @abstractmethod
    def outputs(self) -> Iterator[str | None]:
        """The text of every answer, in the order of the trials; None where there is no answer."""


@dataclass(frozen=True)
class TaskRun:
    """One task of a run: its items, and every trial of every tier in `tiers`.

    `models` is the pool this task used, which may hold a classical tier the others lack. Items
    and trials may be too many to be held: whoever reads them all should do so once, in order.
    `order_seed` is set where the run was to stop once it was settled; then what was never asked has
    no trial.
    `looks` is what had been seen of the same question when it was asked.
    """

    task: Task
    models: ModelPool
    items: Sequence[Item]
    trials: Sequence[Trial]
    grader: str
    signature: str
    order_seed: int | None = None
    looks: Looks = FIRST_LOOK

    @cached_property
    def order(self) -> AskingOrder | None:
        """The order in which the items were asked; None where all were to be."""
        return None if self.order_seed is None else asking_order(self.items, self.task.name, self.order_seed)

    @cached_property
    def figures(self) -> Figures:
        """The numbers of all trials as columns."""
        if isinstance(self.trials, Trials):
            return self.trials.figures
        return figures_of(self.trials, self.items, self.models.tiers)

    @cached_property
    def facts(self) -> ItemFacts:
        """What is known of the items as a whole."""
        return facts_of(self.items, are_labels=self.has_labels)

    @property
    def has_labels(self) -> bool:
        """Whether answers are read as labels, so that mix-ups can be counted."""
        return self.grader.startswith("label@")

    @property
    def is_judged(self) -> bool:
        """Whether a model's opinion is part of the scores."""
        return "judge@" in self.grader or self.is_pairwise

    @property
    def is_pairwise(self) -> bool:
        """Whether a score says how far an answer was preferred to that of the current tier."""
        return self.task.metric == NET_WIN_RATE

    def is_yardstick(self, tier: Tier) -> bool:
        """Whether the other tiers are compared with this one, which so has no score of its own."""
        return self.is_pairwise and tier == self.models.current

    @cached_property
    def repeats(self) -> int:
        """How often each item was asked."""
        return max(self.figures.repeat, default=0) + 1

    def outputs(self) -> Iterator[str | None]:
        """The text of every answer, in the order of the trials; None where there is no answer."""
        if isinstance(self.trials, Trials):
            return self.trials.outputs()
        return (None if trial.completion is None else trial.completion.text for trial in self.trials)


@dataclass(frozen=True, slots=True)
class Judging:
    """What the model that judges was asked in a run: new and stored answers, and what was paid for it.

    What was paid without getting an answer is in it; `most_usd` takes unknown bills at the most they can be.
    """

    answers_new: int
    answers_reused: int
    cost_usd: float | None
    most_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """A stored run: its manifest, its tasks, and how it went.

    `is_complete` is False while answers are missing that another attempt could bring.
    `calls` counts calls made by this run, `spent_usd` what those cost (None when unknown), those of
    a judge included; `judge` is None where no model judged.
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
    judge: Judging | None = None

    @property
    def signature(self) -> str:
        """Everything a number of this run depends on, in one line."""
        return " ".join(task.signature for task in self.tasks)
