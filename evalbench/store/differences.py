"""How much the stored scores of two models differed on the items of a task."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from evalbench.core.score import NET_WIN_RATE
from evalbench.store import coding

_RECENT_TASKS = 50
_SUMS = "SELECT count(*), coalesce(avg(d), 0), coalesce(avg(d * d), 0), coalesce(max(graded), 0)"
_DIFFERENCES = (
    f"{_SUMS} FROM ("  # noqa: S608 - constants only
    "SELECT avg(value) FILTER (WHERE tier = :own) - avg(value) FILTER (WHERE tier = :reference) AS d,"
    " max(value NOT IN (0, 1)) AS graded FROM scores"
    " WHERE task = :row AND tier IN (:own, :reference) GROUP BY item) WHERE d IS NOT NULL"
)
_PREFERENCES = (
    f"{_SUMS} FROM ("  # noqa: S608 - constants only
    "SELECT avg(2 * value - 1) AS d, 1 AS graded FROM scores WHERE task = :row AND tier = :own GROUP BY item)"
)


@dataclass(frozen=True, slots=True)
class Differences:
    """The item differences of two models in one run: mean, mean square, and whether scores were 0 or 1.

    `created` is UTC in ISO 8601.
    """

    run: str
    created: str
    items: int
    mean: float
    mean_square: float
    is_right_or_wrong: bool


def differences_between(
    connection: sqlite3.Connection,
    task: str,
    model_id: str,
    reference_id: str,
    fewest_items: int,
    *,
    in_pairs: bool = False,
) -> Differences | None:
    """`model_id` less `reference_id` in the newest run of a task of that name with enough items of both.

    Scores are averaged over the repeats of an item; a run with an answer missing counts the others. Runs
    that compared answers tell nothing of tasks that score each alone, nor the other way round.
    """
    rows = connection.execute(
        "SELECT t.id, t.card, r.name, r.created FROM tasks t JOIN runs r ON r.id = t.run"
        " ORDER BY t.id DESC LIMIT ?",
        (_RECENT_TASKS,),
    )
    for row, text, run, created in rows.fetchall():
        card = coding.from_text(text)
        if card["task"]["name"] != task or (card["task"]["metric"] == NET_WIN_RATE) != in_pairs:
            continue
        ids = [model["id"] for _, model in card["models"]["models"]]
        if model_id not in ids or reference_id not in ids:
            continue
        if in_pairs and card["models"]["current"] != card["models"]["models"][ids.index(reference_id)][0]:
            continue  # Its answers were compared with those of another model.
        own, reference = ids.index(model_id), ids.index(reference_id)
        columns = {"row": row, "own": own, "reference": reference}
        statement = _PREFERENCES if in_pairs else _DIFFERENCES
        items, mean, mean_square, graded = connection.execute(statement, columns).fetchone()
        if items >= fewest_items:
            return Differences(run, created, items, mean, mean_square, not graded)
    return None
