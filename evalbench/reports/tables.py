"""Every trial of a run as one row, for spreadsheets and data frames."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from evalbench.core.completion import Completion, Usage
from evalbench.core.evalset import Item
from evalbench.core.models import ModelPool
from evalbench.core.run import Run
from evalbench.core.trial import Trial
from evalbench.reports.plain_text import spoken, storable

Cell: TypeAlias = str | int | float | None
Row: TypeAlias = dict[str, Cell]

_TEXT = "string"
_WHOLE = "Int64"
_NUMBER = "Float64"
COLUMNS: Mapping[str, str] = {
    "task": _TEXT,
    "item_id": _TEXT,
    "repeat": _WHOLE,
    "tier": _TEXT,
    "model": _TEXT,
    "status": _TEXT,
    "score": _NUMBER,
    "cost_usd": _NUMBER,
    "latency_s": _NUMBER,
    "first_token_s": _NUMBER,
    "input_tokens": _WHOLE,
    "output_tokens": _WHOLE,
    "cache_read": _WHOLE,
    "cache_write": _WHOLE,
    "reasoning": _WHOLE,
    "confidence": _NUMBER,
    "output": _TEXT,
    "target": _TEXT,
    "group": _TEXT,
}
"""The columns of `results.parquet` in order, each with its nullable pandas type."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NOTHING = Completion("")


def rows(run: Run) -> Iterator[Row]:
    """One row per trial, in the order of the run; None where nothing is known."""
    for task_run in run.tasks:
        items = {item.id: item for item in task_run.items}
        for trial in task_run.trials:
            yield _row(task_run.task.name, trial, items[trial.item_id], task_run.models)


def write_parquet(table: Iterable[Row], path: Path) -> None:
    """Write `table` to `path`; ids and labels stay text, an empty answer is not a missing one."""
    import pandas as pd

    columns: dict[str, list[Cell]] = {name: [] for name in COLUMNS}
    for row in table:
        for name, cells in columns.items():
            cells.append(row[name])
    frame = pd.DataFrame({name: pd.array(cells, dtype=COLUMNS[name]) for name, cells in columns.items()})
    frame.to_parquet(path, engine="pyarrow", index=False)


def csv_text(table: Iterable[Row]) -> str:
    """`table` as CSV; a text that a spreadsheet would run as a formula gets a leading `'`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_harmless(row[name]) for name in COLUMNS] for row in table)
    return text.getvalue()


def _harmless(cell: Cell) -> Cell:
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS):
        return f"'{cell}"
    return cell


def _row(task: str, trial: Trial, item: Item, pool: ModelPool) -> Row:
    completion = trial.completion or _NOTHING
    return {
        "task": storable(task),
        "item_id": storable(trial.item_id),
        "repeat": trial.repeat,
        "tier": storable(trial.tier),
        "model": storable(pool.models[trial.tier].id),
        "status": trial.status.value,
        "score": None if trial.score is None else trial.score.value,
        "cost_usd": completion.cost_usd,
        "latency_s": completion.latency_s,
        "first_token_s": completion.first_token_s,
        **_tokens(completion.usage),
        "confidence": completion.confidence,
        "output": None if trial.completion is None else storable(trial.completion.text),
        "target": _text(spoken(item.target)),
        "group": _text(item.group),
    }


def _tokens(usage: Usage) -> Row:
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read": usage.cache_read_tokens,
        "cache_write": usage.cache_write_tokens,
        "reasoning": usage.reasoning_tokens,
    }


def _text(value: str | None) -> str | None:
    return None if value is None else storable(value)
