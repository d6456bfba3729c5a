"""The trials of a stored task: their numbers at once, their texts when they are asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import Item, Task
from evalbench.core.figures import Figures
from evalbench.core.models import Model, Tier
from evalbench.core.run import Trials
from evalbench.core.trial import Trial
from evalbench.store import coding
from evalbench.store.answers import ANSWER_COLUMNS, SCORE_COLUMNS, completion_from, score_from
from evalbench.store.ledger import connect_stored
from evalbench.store.records import StoredTask

Finish = Callable[[Task, Model, Completion], Completion]
"""What is decided about an answer when it is read, such as its price."""

_TRIALS = (
    f"SELECT t.tier, t.item, t.repeat, t.is_reused, t.failure, t.bill, {ANSWER_COLUMNS},"  # noqa: S608 - constants only
    f" {SCORE_COLUMNS} FROM trials t LEFT JOIN answers a ON a.id = t.answer"
    " LEFT JOIN scores s ON (s.task, s.tier, s.item, s.repeat) = (t.task, t.tier, t.item, t.repeat)"
    " WHERE t.task = ?"
)
_IN_ORDER = " ORDER BY t.tier, t.item, t.repeat"
_OUTPUTS = (
    "SELECT t.tier, t.item, t.repeat, a.text FROM trials t"  # noqa: S608 - constants only
    f" JOIN answers a ON a.id = t.answer WHERE t.task = ?{_IN_ORDER}"
)
_NOT_ASKED = Failure("not_asked", "the run ended before this was asked", retryable=True)


class StoredTrials(Trials):
    """Every trial of a stored task, tier by tier in item order; those never asked are missing, not absent."""

    def __init__(self, path: Path, stored: StoredTask, figures: Figures, finish: Finish) -> None:
        self._path = path
        self._stored = stored
        self._figures = figures
        self._finish = finish

    @property
    def figures(self) -> Figures:
        """The numbers of all trials, costs as the providers stated them."""
        return self._figures

    def at(self, place: int) -> Trial:
        """One trial with its texts."""
        figures = self._figures
        slot = (figures.tier[place], figures.item[place], figures.repeat[place])
        with connect_stored(self._path) as connection:
            row = connection.execute(
                f"{_TRIALS} AND t.tier = ? AND t.item = ? AND t.repeat = ?", (self._stored.row, *slot)
            ).fetchone()
        tier, item = self._stored.card.models.tiers[slot[0]], self._stored.items[slot[1]]
        if row is None:
            return Trial(item.id, tier, slot[2], failure=_NOT_ASKED)
        return _trial(row, self._stored, tier, item, self._finish)

    def __iter__(self) -> Iterator[Trial]:
        with connect_stored(self._path) as connection:
            yield from read_trials(connection, self._stored, self._finish)

    def outputs(self) -> Iterator[str | None]:
        """The text of every answer, in the order of the trials; None where there is no answer."""
        with connect_stored(self._path) as connection:
            rows = connection.execute(_OUTPUTS, (self._stored.row,))
            row = rows.fetchone()
            figures = self._figures
            for slot in zip(figures.tier, figures.item, figures.repeat, strict=True):
                if row is not None and row[:3] == slot:
                    yield row[3]
                    row = rows.fetchone()
                else:
                    yield None


def read_trials(connection: sqlite3.Connection, stored: StoredTask, finish: Finish) -> Iterator[Trial]:
    """Every trial of a task, tier by tier in item order; those never asked are missing, not absent.

    Of a run that may have stopped early they are absent: whether it had to ask them, its answers tell.
    """
    card = stored.card
    rows = connection.execute(f"{_TRIALS}{_IN_ORDER}", (stored.row,))
    row = rows.fetchone()
    for number, tier in enumerate(card.models.tiers):
        for position, item in enumerate(stored.items):
            for repeat in range(card.repeats):
                if row is None or row[:3] != (number, position, repeat):
                    if card.order_seed is None:
                        yield Trial(item.id, tier, repeat, failure=_NOT_ASKED)
                    continue
                yield _trial(row, stored, tier, item, finish)
                row = rows.fetchone()


def _trial(row: Sequence[Any], stored: StoredTask, tier: Tier, item: Item, finish: Finish) -> Trial:
    card = stored.card
    answered = row[6] is not None
    return Trial(
        item_id=item.id,
        tier=tier,
        repeat=row[2],
        completion=finish(card.task, card.models.models[tier], completion_from(row[6:26]))
        if answered
        else None,
        score=score_from(row[26:]),
        failure=None if row[4] is None else coding.failure_from(row[4]),
        is_reused=bool(row[3]),
        bill=None if row[5] is None else coding.effort_from(row[5]),
    )
