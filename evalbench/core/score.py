"""Scores: a grader's judgement of one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeGuard, runtime_checkable

from evalbench.core.completion import Failure
from evalbench.core.evalset import Item

F1_METRICS = ("macro_f1", "micro_f1")
"""Metrics of summed true positives, false positives and false negatives."""

TRANSLATION_METRICS = ("bleu", "chrf")
"""Metrics of summed n-gram matches, each named as the grader that counts them."""

CORPUS_METRICS = (*F1_METRICS, *TRANSLATION_METRICS)
"""Metrics of summed counts; every other metric is a mean over items."""

NET_WIN_RATE = "net_win_rate"
"""The metric of answers that are compared in pairs: the share of items won less the share lost.

A score is then how far an answer was preferred to that of the current tier: 1 is preferred, 0.5 a tie,
0 not preferred. So differences of scores count double, and the current tier itself has no score."""


@dataclass(frozen=True, slots=True)
class Score:
    """A judgement from 0.0 to 1.0, with what the grader read and why it judged so.

    `reading` is the part of the answer that was judged, in the grader's normal form;
    `is_valid` is False when the answer could not be read at all (status `invalid`, value 0).
    `statistics` are the counts that corpus metrics are summed from, for example true
    positives, false positives and false negatives, or the n-grams that BLEU counts.
    """

    value: float
    reading: str | None = None
    explanation: str = ""
    is_valid: bool = True
    statistics: tuple[float, ...] = ()


Grade: TypeAlias = Score | Failure
"""What came of judging: a score, or why the machinery could not give one, which is never a low score."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an item's target, in plain words."""

    item_id: str
    message: str


class Grader(Protocol):
    """Judges answers of one task.

    `signature` names the grader, its version and every option that could change a score,
    for example `label@1` or `json_fields@1(dates=iso)`.
    """

    @property
    def signature(self) -> str:
        """Name, version and options: two graders with one signature give one score."""
        ...

    @property
    def accepts_truncated(self) -> bool:
        """Whether an answer cut off by a token limit may still be judged."""
        ...

    def grade(self, answer: str, item: Item) -> Grade:
        """Judge one answer. Never raises on anything a model might say.

        A `Failure` says that the answer is not graded, since a sandbox, a process or another
        model failed: the trial has no score then, instead of a bad one.
        """
        ...

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets this grader could never accept, found before anything is paid."""
        ...


@runtime_checkable
class PairGrader(Protocol):
    """Judges an answer against that of the current tier to the same item; else it is as a `Grader` is."""

    @property
    def signature(self) -> str:
        """Name, version and options: two graders with one signature give one score."""
        ...

    @property
    def accepts_truncated(self) -> bool:
        """Whether an answer cut off by a token limit may still be judged."""
        ...

    def compare(self, answer: str, other: str, item: Item) -> Grade:
        """How far `answer` is preferred to `other`, from 0 to 1; never raises, whatever both say.

        `statistics` are the same by order, with `answer` shown first and with it shown second;
        empty where that was not asked.
        """
        ...

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets this grader could never accept, found before anything is paid."""
        ...


AnyGrader: TypeAlias = Grader | PairGrader


def is_quick(grader: AnyGrader) -> TypeGuard[Grader]:
    """Whether a grader only reads the answer, and so may do it in the event loop.

    One that runs or asks something is given a thread, and says so by a truthy attribute `is_slow`; its
    `grade` must bear several threads. One that compares answers is never quick.
    """
    # Asked for every answer: `isinstance` with a protocol would take longer than most graders do.
    return not (getattr(grader, "is_slow", False) or hasattr(grader, "compare"))


def needs_target(grader: AnyGrader) -> bool:
    """Whether an item without a target cannot be judged; a judge with a rubric says that it can."""
    return bool(getattr(grader, "needs_target", True))


def objection_of(grader: AnyGrader) -> str | None:
    """Why a grader could grade nothing on this machine, to be said before anything is paid; else None.

    A grader that needs something of the machine says so by a method `objection`.
    """
    found = getattr(grader, "objection", None)
    said: str | None = found() if callable(found) else None
    return said
