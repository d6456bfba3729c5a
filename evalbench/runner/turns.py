"""Whose turn it is in a run that may stop early: item by item, and nobody who is settled any more."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Sequence
from enum import Enum

from evalbench.core.completion import Completion, Failure
from evalbench.core.order import AskingOrder
from evalbench.core.plan import Slot
from evalbench.core.score import Score
from evalbench.runner.plan import TaskJob

AHEAD = 20
"""How many items a fast endpoint may be ahead of the first one that not every tier has answered."""

Settled = Callable[[TaskJob, Slot, Completion | Failure, Score | None], Collection[int]]
"""Told of every answer with its score, once that is there, or None where it could not be graded.

Says which tiers of that task, by position, need no further one.
"""


class Turn(Enum):
    """What to do about a call that has not been sent: make it, wait with it, or leave it out."""

    NOW = "now"
    LATER = "later"
    NEVER = "never"


class Turns:
    """The turns of all tasks of a run; a task without an order of its own asks everything at once.

    An endpoint that answers fast waits for the slow ones, and for graders that take a while, or the
    items that are not needed would have been asked by the time that is known. A tier that is given
    up, or of which a call did not fit the spend cap, is asked no more and keeps nobody waiting, unless
    it is the current one: without it nothing can be settled, so nobody is asked any more.
    """

    def __init__(self, jobs: Sequence[TaskJob], settled: Settled | None) -> None:
        self._settled = settled
        self._tasks = {
            job.position: _Task(job, job.order)
            for job in jobs
            if settled is not None and job.order is not None
        }

    def of(self, slot: Slot) -> Turn:
        """Whether a call may be made."""
        task = self._tasks.get(slot.task)
        return Turn.NOW if task is None else task.turn(slot)

    def heard(self, slot: Slot, answer: Completion | Failure, score: Score | None) -> bool:
        """Take an answer in, once its grade is there; whether other calls may have their turn for it."""
        task = self._tasks.get(slot.task)
        if task is None or self._settled is None:
            return False
        task.heard(slot)
        if isinstance(answer, Failure) and answer.kind == "over_budget":
            task.given_up.add(slot.tier)
        task.settled = frozenset(self._settled(task.job, slot, answer, score))
        return True

    def give_up(self, task: int, tier: int) -> None:
        """No further call to a tier of a task will be made."""
        if task in self._tasks:
            self._tasks[task].given_up.add(tier)


class _Task:
    def __init__(self, job: TaskJob, order: AskingOrder) -> None:
        self.settled: frozenset[int] = frozenset()
        self.given_up: set[int] = set()
        self.job = job
        self._current = job.pool.tiers.index(job.pool.current)
        self._repeats = job.repeats
        self._rank = array("q", bytes(8 * len(order)))
        for rank, place in enumerate(order.places):
            self._rank[place] = rank
        tiers = range(len(job.pool.tiers))
        self._answers = [array("I", bytes(4 * len(order))) for _ in tiers]
        self._reached = [0 for _ in tiers]

    def turn(self, slot: Slot) -> Turn:
        if slot.tier in self.settled or not self.given_up.isdisjoint((slot.tier, self._current)):
            return Turn.NEVER
        waited_for = [
            reached
            for tier, reached in enumerate(self._reached)
            if tier not in self.settled and tier not in self.given_up
        ]
        first = min(waited_for, default=0)
        return Turn.NOW if self._rank[slot.item] < first + AHEAD else Turn.LATER

    def heard(self, slot: Slot) -> None:
        answers, reached = self._answers[slot.tier], self._reached[slot.tier]
        answers[self._rank[slot.item]] += 1
        while reached < len(answers) and answers[reached] >= self._repeats:
            reached += 1
        self._reached[slot.tier] = reached
