"""How trials without an answer ended, so that the next leg of their run goes on from there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from evalbench.core.completion import Failure
from evalbench.store import coding

_FAILURES = (
    "SELECT tier, item, repeat, failure FROM trials"
    " WHERE task = ? AND answer IS NULL AND failure IS NOT NULL ORDER BY tier, item, repeat"
)


def read_failures(
    connection: sqlite3.Connection, task: int
) -> Iterator[tuple[tuple[int, int, int], Failure]]:
    """Tier, item and repeat of trials that were billed without an answer, or failed for good, with why.

    All others begin in the next leg as if they had never been asked.
    """
    for tier, item, repeat, text in connection.execute(_FAILURES, (task,)):
        failure = coding.failure_from(text)
        if failure.is_items_own or failure.effort.is_billed:
            yield (tier, item, repeat), failure
