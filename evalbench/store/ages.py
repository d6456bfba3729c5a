"""When the answers of a stored run were given: whether anything is newer than an earlier run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from evalbench.store.read import RunRow, read_tasks


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """When each answer of a tier was given.

    One whose time nobody says, as in recordings, is as old as the first stored run that used it.
    """

    given: tuple[datetime, ...]

    @property
    def newest(self) -> datetime | None:
        """The newest of all answers."""
        return max(self.given, default=None)

    def after(self, moment: datetime | None) -> int:
        """How many answers were given after `moment`; all of them where there is none."""
        return len(self.given) if moment is None else sum(given > moment for given in self.given)


def answer_times(connection: sqlite3.Connection, run: RunRow) -> dict[tuple[str, str], AnswerTimes]:
    """The times of a run's answers by task and tier."""
    found = {}
    for stored in read_tasks(connection, run.row):
        tiers = stored.card.models.tiers
        given: dict[int, list[datetime]] = {number: [] for number in range(len(tiers))}
        for place, moment in _moments(connection, stored.row):
            given[place].append(moment)
        for number, tier in enumerate(tiers):
            found[stored.card.task.name, tier] = AnswerTimes(tuple(given[number]))
    return found


_TIMES = (
    "SELECT t.tier, coalesce(a.created, (SELECT min(r.created) FROM trials o JOIN tasks k ON k.id = o.task"
    " JOIN runs r ON r.id = k.run WHERE o.answer = t.answer))"
    " FROM trials t JOIN answers a ON a.id = t.answer WHERE t.task = ?"
)


def _moments(connection: sqlite3.Connection, task: int) -> Iterator[tuple[int, datetime]]:
    for tier, created in connection.execute(_TIMES, (task,)):
        yield tier, _moment(created)


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
