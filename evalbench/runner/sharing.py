"""Slots that wait for the answer of another one with the same prompt, so that it is paid for once."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

from evalbench.runner.plan import TaskJob, TaskWork
from evalbench.runner.works import Work


class Waiting:
    """Who waits for which answer, by its key: places in each task's shared works, held as pairs."""

    def __init__(self, works: Sequence[TaskWork]) -> None:
        self._works = works
        self._places: dict[bytes, array[int]] = {}
        for number, task in enumerate(works):
            for place, work in enumerate(task.shared):
                self._places.setdefault(work.key, array("Q")).extend((number, place))

    def count(self, key: bytes) -> int:
        """How many slots wait for this answer."""
        return len(self._places.get(key, ())) // 2

    def of(self, key: bytes) -> Iterator[tuple[TaskJob, Work]]:
        """The slots that wait for this answer, each with its task."""
        return self._each(self._places.get(key, ()))

    def served(self, key: bytes) -> Iterator[tuple[TaskJob, Work]]:
        """The same slots, which from now on wait no more."""
        return self._each(self._places.pop(key, ()))

    def _each(self, pairs: Sequence[int]) -> Iterator[tuple[TaskJob, Work]]:
        for number, place in zip(pairs[::2], pairs[1::2], strict=True):
            yield self._works[number].job, self._works[number].shared[place]
