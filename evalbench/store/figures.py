"""Read the numbers of all trials of a stored task, without their texts."""

from __future__ import annotations

import math
import sqlite3
from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import compress
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from evalbench.core.completion import CONTEXT_OVERFLOW, Effort, Failure, Status
from evalbench.core.figures import STATUSES, Figures
from evalbench.store import coding
from evalbench.store.answers import lost_from
from evalbench.store.records import StoredTask

Columns: TypeAlias = Sequence[Sequence[Any]]
Value = TypeVar("Value")

_AT_ONCE = 512
_NUMBERS = (
    "cost_usd", "latency_s", "first_token_s", "busy_s", "confidence", "input_tokens", "output_tokens",
    "cache_read_tokens", "cache_write_tokens", "reasoning_tokens",
)  # fmt: skip
_OTHERS = (
    "t.item", "t.repeat", "t.answer", "t.is_reused", "a.status", "s.value", "s.is_valid", "t.failure",
    "a.finish_reason", "a.created", "a.detail", "a.lost", "a.unknown_bills", "s.statistics",
    "t.bill",
)  # fmt: skip
_LABELS, _NO_LABELS = "s.reading", "NULL"
_TOLD = ('"truncated_by"', '"params_left_out"', '"litellm_cost_usd"')
"""The facts about an answer that a report looks at."""

_NO_EFFORT = ((None, 0), (None, None))


def read_figures(connection: sqlite3.Connection, stored: StoredTask) -> Figures:
    """The figures of a task, tier by tier in item order; those never asked are missing, not absent.

    Of a run that may have stopped early they are absent: whether it had to ask them, its answers tell.
    """
    reading = _Reading(stored)
    for tier in range(len(stored.card.models.tiers)):
        rows = connection.execute(_query(stored), (stored.row, tier))
        while chunk := rows.fetchmany(_AT_ONCE):
            reading.add(tier, list(zip(*chunk, strict=True)))
    return reading.figures()


def _query(stored: StoredTask) -> str:
    reading = _LABELS if stored.card.grader.startswith("label@") else _NO_LABELS
    columns = ", ".join((*_OTHERS, reading, *(f"a.{name}" for name in _NUMBERS)))
    return (
        f"SELECT {columns} FROM trials t LEFT JOIN answers a ON a.id = t.answer"  # noqa: S608 - constants only
        " LEFT JOIN scores s ON (s.task, s.tier, s.item, s.repeat) = (t.task, t.tier, t.item, t.repeat)"
        " WHERE t.task = ? AND t.tier = ? ORDER BY t.item, t.repeat"
    )


class _Reading:
    def __init__(self, stored: StoredTask) -> None:
        self._shape = len(stored.card.models.tiers), len(stored.items), stored.card.repeats
        size = self._shape[0] * self._shape[1] * self._shape[2]
        # What the figures will hold, filled in place, since a copy of every column would be megabytes;
        # so would a column of its own for each number that no answer has.
        self._unknown = array("d", (math.nan,)) * size
        self._numbers = dict.fromkeys((*_NUMBERS, "score"), self._unknown)
        self._answer = array("q", (-1,)) * size
        self._status = array("b", (STATUSES.index(Status.MISSING),)) * size
        self._is_reused = array("b", (0,)) * size
        # Of a run that may have stopped early only the trials there are; of others, all there should be.
        self._is_there = np.full(size, stored.card.order_seed is None)
        self._efforts: dict[int, Effort] = {}
        self._failures: dict[int, Failure] = {}
        self._bills: dict[int, Effort] = {}
        self._details: dict[int, dict[str, str]] = {}
        self._overflows: set[int] = set()
        self._statistics: dict[int, tuple[float, ...]] = {}
        self._newest: dict[int, str] = {}
        self._has_labels = stored.card.grader.startswith("label@")
        self._readings: list[str | None] = [None] * size if self._has_labels else []
        self._texts: dict[str, str] = {}
        self._counts: dict[str, tuple[float, ...]] = {}

    def add(self, tier: int, columns: Columns) -> None:
        """Take in rows of one tier, as columns in the order of the query."""
        item, repeat, answer, is_reused, status, score, is_valid = columns[:7]
        items, repeats = self._shape[1:]
        places = (tier * items + np.array(item)) * repeats + np.array(repeat)
        self._is_there[places] = True
        np.asarray(self._answer)[places] = [-1 if row is None else row for row in answer]
        np.asarray(self._is_reused)[places] = is_reused
        np.asarray(self._status)[places] = [_status(*pair) for pair in zip(status, is_valid, strict=True)]
        for name, column in zip(("score", *_NUMBERS), (score, *columns[-len(_NUMBERS) :]), strict=True):
            if self._numbers[name] is self._unknown and column.count(None) < len(column):
                self._numbers[name] = array("d", self._unknown)
            if self._numbers[name] is not self._unknown:
                np.asarray(self._numbers[name])[places] = np.array(column, dtype=np.float64)
        self._add_rare(tier, places, columns[7 : len(_OTHERS)])
        if self._has_labels:
            for place, reading in zip(places.tolist(), columns[len(_OTHERS)], strict=True):
                self._readings[place] = None if reading is None else self._texts.setdefault(reading, reading)

    def _add_rare(self, tier: int, places: NDArray[np.int64], columns: Columns) -> None:
        """What most trials do not have, or have alike."""
        failures, reasons, created, details, lost, unknown, statistics, bills = columns
        newest = max(filter(None, created), default="")
        if newest:
            self._newest[tier] = max(newest, self._newest.get(tier, ""))
        for place, failure in _there(places, failures):
            self._failures[place] = coding.failure_from(failure)
            self._note_effort(place, self._failures[place].effort)
        for place, pair in zip(places.tolist(), zip(lost, unknown, strict=True), strict=True):
            if pair not in _NO_EFFORT:
                self._note_effort(place, Effort(lost=lost_from(pair[0]), unknown_bills=pair[1]))
        for place, bill in _there(places, bills):
            self._bills[place] = coding.effort_from(bill)
            self._note_effort(place, self._efforts.get(place, Effort()).with_bill(self._bills[place]))
        self._overflows.update(place for place, why in _there(places, reasons) if why == CONTEXT_OVERFLOW)
        self._details.update(
            (place, coding.from_text(detail)) for place, detail in _there(places, details) if _tells(detail)
        )
        self._statistics.update((place, self._counted(text)) for place, text in _there(places, statistics))

    def _counted(self, text: str) -> tuple[float, ...]:
        """The counts of a score; equal ones are kept once."""
        if text not in self._counts:
            self._counts[text] = tuple(coding.from_text(text))
        return self._counts[text]

    def _note_effort(self, place: int, effort: Effort) -> None:
        if effort.is_billed:
            self._efforts[place] = effort.bill

    def figures(self) -> Figures:
        """Everything taken in."""
        tier, item, repeat = (column.reshape(-1) for column in np.indices(self._shape, dtype=np.int32))
        is_whole = bool(self._is_there.all())
        is_there = slice(None) if is_whole else self._is_there
        rows = range(len(tier)) if is_whole else (np.cumsum(self._is_there) - 1).tolist()
        return Figures(
            tier=array("i", tier[is_there].tobytes()),
            item=array("i", item[is_there].tobytes()),
            repeat=array("i", repeat[is_there].tobytes()),
            answer=self._kept(self._answer),
            status=self._kept(self._status),
            is_reused=self._kept(self._is_reused),
            **{name: self._kept(numbers) for name, numbers in self._numbers.items()},
            efforts=_moved(self._efforts, rows),
            failures=_moved(self._failures, rows),
            bills=_moved(self._bills, rows),
            details=_moved(self._details, rows),
            overflows=frozenset(rows[place] for place in self._overflows),
            statistics=_moved(self._statistics, rows),
            readings=self._readings if is_whole else list(compress(self._readings, self._is_there)),
            newest=self._newest,
        )

    def _kept(self, column: array[Any]) -> array[Any]:
        """The places of a column that there are."""
        if self._is_there.all():
            return column
        return array(column.typecode, np.asarray(column)[self._is_there].tobytes())


def _moved(found: Mapping[int, Value], rows: Sequence[int]) -> dict[int, Value]:
    """What is kept by place, by the row that the place has among those there are."""
    return {rows[place]: value for place, value in found.items()}


def _status(status: str | None, is_valid: int | None) -> int:
    """As `Trial.status` has it: an answer that could not be read is invalid."""
    if status is None:
        return _MISSING
    return _INVALID if status == Status.OK and is_valid == 0 else _NUMBERS_OF[status]


_NUMBERS_OF = {status.value: number for number, status in enumerate(STATUSES)}
_MISSING, _INVALID = _NUMBERS_OF[Status.MISSING], _NUMBERS_OF[Status.INVALID]


def _tells(detail: str) -> bool:
    return any(name in detail for name in _TOLD)


def _there(places: NDArray[np.int64], column: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    return ((int(place), value) for place, value in zip(places, column, strict=True) if value is not None)
