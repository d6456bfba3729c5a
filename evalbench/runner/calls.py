"""The calls to one endpoint in the order in which they are made, and others from elsewhere in the sets."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from evalbench.runner.plan import TaskJob, TaskWork
from evalbench.runner.works import Work


class Calls:
    """What is to be asked, task by task; each call comes once, in order or drawn from elsewhere.

    From tasks that have an order of their own nothing is drawn: what comes next there is next by chance.
    """

    def __init__(self, parts: Sequence[tuple[TaskWork, Collection[int]]]) -> None:
        self._parts = parts
        self._next = (0, 0)
        self._drawn: set[tuple[int, int]] = set()
        self._draws = 0

    def __iter__(self) -> Iterator[tuple[TaskJob, Work]]:
        for part, (task, tiers) in enumerate(self._parts):
            for place in task.pending.places_of(tiers):
                if self._drawn and (part, place) in self._drawn:
                    continue
                self._next = (part, place + 1)
                yield task.job, task.pending.at(place)

    def elsewhere(self) -> tuple[TaskJob, Work] | None:
        """A call from about the middle of the sets, then from their quarters, and so on; None without any.

        What failed for good before is left where it is.
        """
        self._draws += 1
        for part, place in self._places_from(_halving(self._draws)):
            task, _ = self._parts[part]
            if self._may_be_drawn(part, place):
                self._drawn.add((part, place))
                return task.job, task.pending.at(place)
        return None

    def _places_from(self, share: float) -> Iterator[tuple[int, int]]:
        """All places, beginning at that share of the whole and going round."""
        parts = [
            (part, len(task.pending)) for part, (task, _) in enumerate(self._parts) if not task.job.order
        ]
        first = int(share * sum(length for _, length in parts))
        for is_before in (False, True):
            passed = 0
            for part, length in parts:
                begin = min(max(first - passed, 0), length)
                yield from ((part, place) for place in (range(begin) if is_before else range(begin, length)))
                passed += length

    def _may_be_drawn(self, part: int, place: int) -> bool:
        task, tiers = self._parts[part]
        return (
            (part, place) >= self._next
            and (part, place) not in self._drawn
            and task.pending.tier_at(place) in tiers
            and not (task.failed and task.pending.at(place).slot in task.failed)
        )


def _halving(number: int) -> float:
    """1/2, 1/4, 3/4, 1/8, 5/8 and so on (van der Corput 1935): wherever it ends, all parts were visited."""
    share, step = 0.0, 0.5
    while number:
        share, number, step = share + step * (number % 2), number // 2, step / 2
    return share
