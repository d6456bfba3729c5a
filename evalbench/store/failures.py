"""How trials without an answer ended, so that the next leg of their run goes on from there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace

from evalbench.core.completion import Failure
from evalbench.store import coding

_FAILURES = (
    "SELECT tier, item, repeat, failure, bill FROM trials WHERE task = ?"
    " AND (bill IS NOT NULL OR answer IS NULL AND failure IS NOT NULL) ORDER BY tier, item, repeat"
)
_BEFORE = Failure("billed", "it was asked in vain before another run had its answer", retryable=True)


def read_failures(
    connection: sqlite3.Connection, task: int
) -> Iterator[tuple[tuple[int, int, int], Failure]]:
    """Tier, item and repeat of trials that were billed without an answer, or failed for good, with why.

    Those that have had an answer of another run since then are among them: their answer may be taken
    up once more, and their bill must stay. All others begin in the next leg as if never asked.
    """
    for tier, item, repeat, text, bill in connection.execute(_FAILURES, (task,)):
        failure = coding.failure_from(text) if bill is None else _billed(bill)
        if failure.is_items_own or failure.effort.is_billed:
            yield (tier, item, repeat), failure


def _billed(bill: str) -> Failure:
    return replace(_BEFORE, effort=coding.effort_from(bill))
