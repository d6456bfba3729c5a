"""Figures: every trial of a task as columns of numbers, so that a hundred thousand of them stay small."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from evalbench.core.completion import CONTEXT_OVERFLOW, Completion, Effort, Failure, Status, Usage
from evalbench.core.evalset import Item
from evalbench.core.models import Tier
from evalbench.core.trial import Trial

STATUSES = tuple(Status)
"""What the numbers in `Figures.status` stand for."""

_UNKNOWN = math.nan


def _floats() -> array[float]:
    return array("d")


def _numbers() -> array[int]:
    return array("i")


def _flags() -> array[int]:
    return array("b")


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of all trials, in the order of the trials; NaN where nothing is known.

    `tier`, `item` and `repeat` are positions in the pool and in the items. `answer` is the same
    for trials that share one stored answer, and -1 where there is none. `score` is the grader's
    value. Tokens are those of the answer itself; what failed attempts used is in `efforts`,
    which holds only the trials where that, an unknown bill or lost time is worth a mention. `failures` say
    why there is no answer or, where there is one, why it could not be graded. `bills` is the part of
    `efforts` that the run itself paid where an answer came from another run. `readings`
    is what the grader read, kept where answers are labels and empty elsewhere. `details` holds
    the facts about answers that a report looks at, `overflows` the prompts that were too long for
    the model, `statistics` the counts of corpus metrics,
    `newest` the time (UTC, ISO 8601) of the newest answer by position of its tier.
    """

    tier: array[int] = field(default_factory=_numbers)
    item: array[int] = field(default_factory=_numbers)
    repeat: array[int] = field(default_factory=_numbers)
    answer: array[int] = field(default_factory=lambda: array("q"))
    status: array[int] = field(default_factory=_flags)
    is_reused: array[int] = field(default_factory=_flags)
    score: array[float] = field(default_factory=_floats)
    cost_usd: array[float] = field(default_factory=_floats)
    latency_s: array[float] = field(default_factory=_floats)
    first_token_s: array[float] = field(default_factory=_floats)
    busy_s: array[float] = field(default_factory=_floats)
    confidence: array[float] = field(default_factory=_floats)
    input_tokens: array[float] = field(default_factory=_floats)
    output_tokens: array[float] = field(default_factory=_floats)
    cache_read_tokens: array[float] = field(default_factory=_floats)
    cache_write_tokens: array[float] = field(default_factory=_floats)
    reasoning_tokens: array[float] = field(default_factory=_floats)
    efforts: Mapping[int, Effort] = field(default_factory=dict)
    failures: Mapping[int, Failure] = field(default_factory=dict)
    bills: Mapping[int, Effort] = field(default_factory=dict)
    details: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    overflows: frozenset[int] = frozenset()
    statistics: Mapping[int, tuple[float, ...]] = field(default_factory=dict)
    readings: Sequence[str | None] = ()
    newest: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.tier)

    def usage(self, row: int) -> Usage:
        """The tokens of one answer."""
        return Usage(*map(whole, self.tokens(row)))

    def tokens(self, row: int) -> tuple[float, float, float, float, float]:
        """The tokens of one answer as they are kept, in the order of `Usage`."""
        return (
            self.input_tokens[row],
            self.output_tokens[row],
            self.cache_read_tokens[row],
            self.cache_write_tokens[row],
            self.reasoning_tokens[row],
        )


def known(number: float) -> float | None:
    """The number, or None where nothing is known."""
    return None if math.isnan(number) else number


def whole(number: float) -> int | None:
    """A count, or None where nothing is known."""
    return None if math.isnan(number) else int(number)


def figures_of(trials: Iterable[Trial], items: Iterable[Item], tiers: Sequence[Tier]) -> Figures:
    """The figures of trials that are held one by one; their costs are taken as they stand."""
    builder = _Builder(
        {tier: number for number, tier in enumerate(tiers)},
        {item.id: number for number, item in enumerate(items)},
    )
    for row, trial in enumerate(trials):
        builder.add(row, trial)
    return builder.figures


class _Builder:
    def __init__(self, tiers: Mapping[Tier, int], items: Mapping[str, int]) -> None:
        self._tiers = tiers
        self._items = items
        self._efforts: dict[int, Effort] = {}
        self._failures: dict[int, Failure] = {}
        self._details: dict[int, Mapping[str, str]] = {}
        self._statistics: dict[int, tuple[float, ...]] = {}
        self._readings: list[str | None] = []
        self._newest: dict[int, str] = {}
        self._overflows: set[int] = set()
        self._columns = Figures()

    @property
    def figures(self) -> Figures:
        return replace(
            self._columns,
            efforts=self._efforts,
            failures=self._failures,
            details=self._details,
            statistics=self._statistics,
            readings=self._readings,
            newest=self._newest,
            overflows=frozenset(self._overflows),
        )

    def add(self, row: int, trial: Trial) -> None:
        columns, tier, score = self._columns, self._tiers[trial.tier], trial.score
        columns.tier.append(tier)
        columns.item.append(self._items[trial.item_id])
        columns.repeat.append(trial.repeat)
        columns.answer.append(-1 if trial.completion is None else row)
        columns.status.append(STATUSES.index(trial.status))
        columns.is_reused.append(trial.is_reused)
        columns.score.append(_UNKNOWN if score is None else score.value)
        self._add_answer(trial.completion or Completion(""))
        self._readings.append(None if score is None else score.reading)
        if score is not None and score.statistics:
            self._statistics[row] = score.statistics
        if trial.completion is not None:
            self._note(row, tier, trial.completion)
        if trial.failure is not None:
            self._failures[row] = trial.failure
            self._note_effort(row, trial.failure.effort)

    def _add_answer(self, answer: Completion) -> None:
        columns, usage = self._columns, answer.usage
        for column, value in (
            (columns.cost_usd, answer.cost_usd),
            (columns.latency_s, answer.latency_s),
            (columns.first_token_s, answer.first_token_s),
            (columns.busy_s, answer.busy_s),
            (columns.confidence, answer.confidence),
            (columns.input_tokens, usage.input_tokens),
            (columns.output_tokens, usage.output_tokens),
            (columns.cache_read_tokens, usage.cache_read_tokens),
            (columns.cache_write_tokens, usage.cache_write_tokens),
            (columns.reasoning_tokens, usage.reasoning_tokens),
        ):
            column.append(_UNKNOWN if value is None else float(value))

    def _note(self, row: int, tier: int, answer: Completion) -> None:
        self._note_effort(row, answer.effort)
        if answer.detail:
            self._details[row] = answer.detail
        if answer.finish_reason == CONTEXT_OVERFLOW:
            self._overflows.add(row)
        if answer.created is not None:
            self._newest[tier] = max(answer.created, self._newest.get(tier, ""))

    def _note_effort(self, row: int, effort: Effort) -> None:
        if effort.is_billed:
            self._efforts[row] = effort.bill
