"""Baselines: what was accepted as good, small enough to be committed, and what a gate found against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from evalbench.core.models import Tier
from evalbench.errors import ExitCode


@dataclass(frozen=True, slots=True)
class ItemMark:
    """An item as a baseline knows it: its id, digests of what is shown and what is right, its group.

    Groups are numbered in the order in which the items, sorted by id, name them; None where the
    task has none.
    """

    id: str
    shown: str
    target: str
    group: int | None = None


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What a task is measured with, none of which may change under a gate.

    `terms` are the metric, the grader's signature and whatever else decides what a score means;
    `columns` are those that the digests of the items cover. Items are sorted by id; those without
    a right answer are no part of it.
    """

    task: str
    terms: Mapping[str, str]
    columns: tuple[str, ...]
    items: tuple[ItemMark, ...]

    @property
    def metric(self) -> str:
        """The name of the metric."""
        return self.terms["metric"]


@dataclass(frozen=True, slots=True)
class TierRecord:
    """What one tier scored on the items of a yardstick, in their order.

    `scores` are by item and repeat, None where an answer is missing. `counts` are the summands
    of a corpus metric by item, None unless the metric needs them. `setup` is what may change:
    digests of prompt and parameters, the model, the price. `newest` is when the newest answer was
    given, UTC in ISO 8601.
    """

    tier: Tier
    setup: Mapping[str, str]
    scores: tuple[tuple[float | None, ...], ...]
    counts: tuple[tuple[float, ...] | None, ...] | None = None
    cost_usd_per_item: float | None = None
    p95_s: float | None = None
    newest: str | None = None

    @property
    def repeats(self) -> int:
        """How often each item was asked."""
        return max((len(row) for row in self.scores), default=0)

    @property
    def missing_share(self) -> float:
        """The share of answers that are missing."""
        answers = [score for row in self.scores for score in row]
        return sum(score is None for score in answers) / len(answers) if answers else 0.0


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """One task of a run as a gate sees it; `recommended` is None where no tier qualified."""

    yardstick: Yardstick
    current: Tier
    recommended: Tier | None
    tiers: Mapping[Tier, TierRecord]

    @property
    def name(self) -> str:
        """The task's name."""
        return self.yardstick.task


@dataclass(frozen=True, slots=True)
class Baseline:
    """A run reduced to what a gate compares, without any text of prompts or answers.

    `accepted` is when somebody accepted it, `created` when the run began; both UTC in ISO 8601.
    `source` is the file it was read from, for messages.
    """

    run: str
    created: str
    accepted: str
    version: str
    tasks: Mapping[str, TaskRecord]
    source: str = ""


class GateVerdict(StrEnum):
    """What is shown of one line; a warning is no proof of a regression, and none of its absence."""

    FAIL = "fail"
    PASS = "pass"  # noqa: S105 - no password
    WARN = "warn"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class GateTest:
    """One tier against one baseline: new minus old on the items that both scored.

    `against` is `baseline` or `anchor`. `low` and `high` bound the difference with 95 % on each
    side. `p_worse` is the one-sided p-value of "the scores got worse", `p_adjusted` the same for
    all lines together. `unpaired` counts items that lack a score on either side, and
    `detectable_drop` is what would have been shown 4 times in 5: None where no drop could have been.
    `noise` says where its variance is from: `repeats` of the baseline, or `seen`.
    """

    against: str
    verdict: GateVerdict
    items: int
    groups: int | None = None
    unpaired: int = 0
    before: float | None = None
    after: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    wins: float = 0.0
    losses: float = 0.0
    test: str | None = None
    p_worse: float | None = None
    p_adjusted: float | None = None
    detectable_drop: float | None = None
    noise: str = "seen"


class LimitState(StrEnum):
    """A limit that somebody set is broken, or nothing is known of what it limits."""

    BROKEN = "broken"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class LimitFinding:
    """A limit that does not hold, or that could not be checked.

    `kind` is must_pass, min_score, max_p95_s, max_cost_usd, cost_increase or p95_increase;
    `allowed` and `seen` are in its unit, `items` are those that may never fail and did.
    """

    kind: str
    state: LimitState
    allowed: float | None = None
    seen: float | None = None
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MovedItem:
    """An item that scored otherwise than in the baseline, with its texts where they are wanted."""

    id: str
    before: float
    after: float
    asked: str | None = None
    right: str | None = None
    answered: str | None = None

    @property
    def difference(self) -> float:
        """New minus old, from -1 to 1."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class GateLine:
    """One tier of one task under the gate.

    `newer` of its `answers` were given after the baseline's; `missing` of its `wanted` are not
    there. `changed` names what is set up otherwise than in the baseline. `moved` are the items
    whose score moved, the largest losses first.
    """

    task: str
    tier: Tier
    model: str
    verdict: GateVerdict
    tests: tuple[GateTest, ...]
    max_drop: float
    is_share: bool
    metric: str
    limits: tuple[LimitFinding, ...] = ()
    answers: int = 0
    newer: int = 0
    wanted: int = 0
    missing: int = 0
    changed: tuple[str, ...] = ()
    moved: tuple[MovedItem, ...] = ()

    @property
    def is_regression(self) -> bool:
        """Whether a drop is proven, whatever limits say."""
        return any(test.verdict is GateVerdict.FAIL for test in self.tests)

    @property
    def worst(self) -> GateTest:
        """The test that decided: the gravest verdict, and of equal ones the lowest difference."""
        return min(self.tests, key=_gravity)


_GRAVITY = (GateVerdict.FAIL, GateVerdict.INCOMPLETE, GateVerdict.WARN, GateVerdict.PASS)


def _gravity(test: GateTest) -> tuple[int, float]:
    return _GRAVITY.index(test.verdict), 0.0 if test.difference is None else test.difference


@dataclass(frozen=True, slots=True)
class GateResult:
    """What a gate found of a run, line by line, and the exit code that follows.

    A regression or a broken limit outweighs missing answers, these outweigh a warning; with
    `strict` a warning fails too.
    """

    run: str
    baseline: str
    accepted: str
    lines: tuple[GateLine, ...]
    notes: tuple[str, ...] = ()
    strict: bool = False

    def count(self, verdict: GateVerdict) -> int:
        """How many lines have this verdict."""
        return sum(line.verdict is verdict for line in self.lines)

    @property
    def exit_code(self) -> ExitCode:
        """What the shell sees."""
        if self.count(GateVerdict.FAIL):
            return ExitCode.REGRESSION
        if self.count(GateVerdict.INCOMPLETE):
            return ExitCode.INCOMPLETE
        return ExitCode.REGRESSION if self.strict and self.count(GateVerdict.WARN) else ExitCode.OK
