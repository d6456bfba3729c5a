"""What stored answers of a model used, as the best guess of what the next ones will."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from evalbench.store import coding

_RECENT_TASKS = 50
_ANSWERS = 1000


@dataclass(frozen=True, slots=True)
class Used:
    """Tokens and busy seconds of one stored answer; None where it does not say."""

    input_tokens: int | None
    output_tokens: int | None
    busy_s: float | None


def used_by(connection: sqlite3.Connection, task: str, model_id: str) -> list[Used]:
    """What the newest stored answers of a model on a task of that name used; empty when there are none."""
    for row, tier in _places(connection, task, model_id):
        rows = connection.execute(
            "SELECT a.input_tokens + coalesce(a.cache_read_tokens, 0) + coalesce(a.cache_write_tokens, 0),"
            " a.output_tokens, a.busy_s FROM trials t JOIN answers a ON a.id = t.answer"
            " WHERE t.task = ? AND t.tier = ? LIMIT ?",
            (row, tier, _ANSWERS),
        ).fetchall()
        if rows:
            return [Used(*found) for found in rows]
    return []


def _places(connection: sqlite3.Connection, task: str, model_id: str) -> Iterator[tuple[int, int]]:
    """Task rows and tier positions where that model was asked, the newest first."""
    rows = connection.execute("SELECT id, card FROM tasks ORDER BY id DESC LIMIT ?", (_RECENT_TASKS,))
    for row, text in rows.fetchall():
        card = coding.from_text(text)
        if card["task"]["name"] != task:
            continue
        for tier, (_, model) in enumerate(card["models"]["models"]):
            if model["id"] == model_id:
                yield row, tier
