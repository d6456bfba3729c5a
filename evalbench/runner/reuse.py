"""Hand on the answers that are there before the first call: the run's own ones, and those of earlier runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from evalbench.core.completion import Completion, Failure
from evalbench.core.plan import Entry, Slot
from evalbench.core.score import Score
from evalbench.runner.hooks import Hooks
from evalbench.runner.later import Grading
from evalbench.runner.plan import TaskWork
from evalbench.runner.works import Work

_AT_ONCE = 100

Heard = Callable[[Slot, Completion | Failure, Score | None], object]


async def reuse(
    works: Sequence[TaskWork], hooks: Hooks, grading: Grading, heard: Heard, is_going: Callable[[], bool]
) -> None:
    """Grade what is stored and hand it on, until the run is interrupted.

    What this run itself has answered and judged before is neither judged nor written down again: a
    model that judges may say something else today, and the run has gone by what it said.
    """
    for task in works:
        for start in range(0, len(task.done), _AT_ONCE):
            if not is_going():
                return
            _hear(task.done[start : start + _AT_ONCE], hooks, heard)
            await asyncio.sleep(0)  # Lets Ctrl-C through while thousands of answers are reused.
        for start in range(0, len(task.stored), _AT_ONCE):
            if not is_going():
                return
            _grade(task, task.stored[start : start + _AT_ONCE], hooks, grading)
            await grading.room()
            await asyncio.sleep(0)


def _hear(works: Sequence[Work], hooks: Hooks, heard: Heard) -> None:
    stored = hooks.recall([work.key for work in works])
    scores = hooks.scores([work.slot for work in works])
    for work in works:
        heard(work.slot, stored[work.key], scores.get(work.slot))


def _grade(task: TaskWork, works: Sequence[Work], hooks: Hooks, grading: Grading) -> None:
    job = task.job
    stored = hooks.recall([work.key for work in works])
    for work in works:
        failed = task.failed.get(work.slot)
        bill = failed.effort.bill if failed is not None and failed.effort.is_billed else None
        entry = Entry(work.slot, work.key, is_reused=not work.is_own, bill=bill)
        judged = stored[work.key], job.items[work.slot.item]
        grading.grade(entry, judged, job.task, job.grader, job.yardstick)
