"""Grade as answers come in; graders that run or ask something hold up neither calls nor their clocks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import Item, Task
from evalbench.core.plan import Entry, Slot
from evalbench.core.score import AnyGrader, Grade, PairGrader, is_quick
from evalbench.providers.threads import Threads
from evalbench.runner.budget import Budget
from evalbench.runner.desk import Desk
from evalbench.runner.grading import judge, judge_pair
from evalbench.runner.pairs import NOT_COMPARED, Pairs, Yardstick

AT_ONCE = 16
"""Threads that judge: most wait for a process or a model, and whoever computes limits itself."""

MOST_WAITING = 256


class Grading:
    """Judges each answer and hands it on with its grade, at once or, for slow graders, in a thread.

    An answer whose grade takes a while is handed on without it first, so that it is safe. An
    error of a slow grader stops the run at its next step, as one of a quick grader does. `hear` is
    told of every answer once its grade is there, `ended` when a slow grader is done, in whatever way.
    """

    def __init__(
        self,
        record: Callable[[Entry], None],
        hear: Callable[[Entry, Completion], None] = lambda _, __: None,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self._record = record
        self._hear = hear
        self._ended = ended
        self._pairs = Pairs()
        self._threads = Threads(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._error: Exception | None = None
        self._is_closed = False

    def grade(
        self,
        entry: Entry,
        judged: tuple[Completion, Item],
        task: Task,
        grader: AnyGrader,
        yardstick: Yardstick | None = None,
    ) -> None:
        """Hand an answered entry on with its grade; once closed, slow grades are left for the next leg.

        An answer that is compared waits for that of the `yardstick`, which itself gets no grade. What
        waits for good is told in `finish`.
        """
        completion, item = judged
        if is_quick(grader):
            try:
                grade = judge(completion, item, task, grader)
            except BaseException:
                self._record(entry)  # It must not cost the answer.
                raise
            self._hand_on(graded(entry, grade), completion)
            return
        self._record(entry)
        if not isinstance(grader, PairGrader):
            self._begin(entry, completion, partial(judge, completion, item, task, grader))
            return
        if yardstick is None:
            raise AssertionError(entry)
        for (each, own), other in self._pairs.add(entry, completion, yardstick):
            self._begin(each, own, partial(judge_pair, own, other, item, task, grader))

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still being judged."""
        return bool(self._tasks)

    async def room(self) -> None:
        """Wait while so many answers are to be judged that more would only pile up."""
        while len(self._tasks) >= MOST_WAITING and self._error is None:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        if self._error is not None:
            raise self._error

    async def finish(self) -> None:
        """Wait until everything is judged that can be; raises the first error of a grader."""
        if not self._is_closed:
            for entry, completion in self._pairs.left():
                self._hand_on(graded(_late(entry), NOT_COMPARED), completion)
        while self._tasks:
            await asyncio.wait(self._tasks)
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Judge nothing more; what is stored can be judged when the run goes on."""
        self._is_closed = True
        for task in self._tasks:
            task.cancel()

    def _begin(self, entry: Entry, completion: Completion, work: Callable[[], Grade | None]) -> None:
        if self._is_closed:
            return
        found = asyncio.ensure_future(self._judge(_late(entry), completion, work))
        self._tasks.add(found)
        found.add_done_callback(self._forget)

    def _hand_on(self, entry: Entry, completion: Completion) -> None:
        self._record(entry)
        self._hear(entry, completion)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._ended()

    async def _judge(self, entry: Entry, completion: Completion, work: Callable[[], Grade | None]) -> None:
        try:
            grade = await self._threads.do(work)
        except Exception as error:  # noqa: BLE001 - carried to the run, which raises it once all is stored
            self._error = self._error or error
            self.close()
            return
        self._hand_on(graded(entry, grade), completion)


def _late(entry: Entry) -> Entry:
    """What is handed on once its answer is judged; the answer itself was handed on before."""
    return replace(entry, completion=None, is_late_grade=True)


def graded(entry: Entry, grade: Grade | None) -> Entry:
    """The entry with its score, or with why there is none."""
    if isinstance(grade, Failure):
        return replace(entry, failure=grade)
    return Entry(  # Written out: done for every answer, and `replace` takes three times as long.
        entry.slot,
        entry.key,
        entry.completion,
        entry.failure,
        grade,
        is_reused=entry.is_reused,
        is_late_grade=entry.is_late_grade,
        bill=entry.bill,
    )


def grade_all(
    answers: Iterable[tuple[Entry, Completion, Item]],
    task: Task,
    grader: AnyGrader,
    desk: Desk | None = None,
    budget: Budget | None = None,
    yardstick: Yardstick | None = None,
) -> Iterator[Entry]:
    """The entries with their grades, in order: for commands that have all answers already.

    `desk` is where the grader asks the model that judges, paid from `budget`. Where answers are compared
    with those of the `yardstick`, its own come back without a grade.
    """
    if is_quick(grader):
        for entry, completion, item in answers:
            yield graded(entry, judge(completion, item, task, grader))
        return
    work = _graded_beside(list(answers), task, grader, yardstick)
    yield from asyncio.run(_at(desk, budget, work))


async def _at(
    desk: Desk | None, budget: Budget | None, work: Coroutine[Any, Any, list[Entry]]
) -> list[Entry]:
    if desk is None:
        return await work
    await desk.open(budget or Budget(None))
    try:
        return await work
    finally:
        await desk.close()


async def _graded_beside(
    answers: Sequence[tuple[Entry, Completion, Item]],
    task: Task,
    grader: AnyGrader,
    yardstick: Yardstick | None,
) -> list[Entry]:
    found: dict[Slot, Entry] = {}
    grading = Grading(lambda entry: found.update({entry.slot: entry}))
    try:
        for entry, completion, item in answers:
            grading.grade(entry, (completion, item), task, grader, yardstick)
            await grading.room()
        await grading.finish()
    finally:
        grading.close()
    return [
        replace(found[entry.slot], completion=entry.completion, is_late_grade=False)
        for entry, _, _ in answers
    ]
