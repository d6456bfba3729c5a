"""Every trial of a run as one row, for spreadsheets and data frames."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from evalbench.core.evalset import Item
from evalbench.core.figures import STATUSES, known, whole
from evalbench.core.run import Run, TaskRun
from evalbench.reports.arrow import schema, tables_of
from evalbench.reports.columns import COLUMNS
from evalbench.reports.plain_text import spoken, storable

Cell: TypeAlias = str | int | float | None
Row: TypeAlias = dict[str, Cell]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def rows(run: Run, *, with_texts: bool = True) -> Iterator[Row]:
    """One row per trial, in the order of the run; None where nothing is known."""
    for task in run.tasks:
        items = [_item_cells(item, with_texts=with_texts) for item in task.items]
        for row, output in enumerate(task.outputs()):
            cells = {
                "task": storable(task.task.name),
                **_trial_cells(task, row),
                "output": None if output is None or not with_texts else storable(output),
                **items[task.figures.item[row]],
            }
            yield {name: cells[name] for name in COLUMNS}


def write_parquet(run: Run, path: Path, *, with_texts: bool = True) -> None:
    """Write the table to `path`; ids and labels stay text, an empty answer is not a missing one."""
    # Its own allocator sets tens of megabytes aside before the first row.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, schema()) as writer:
        for task in run.tasks:
            for table in tables_of(task, with_texts=with_texts):
                writer.write_table(table)


def csv_text(table: Iterable[Row]) -> str:
    """`table` as CSV; a text that a spreadsheet would run as a formula gets a leading `'`."""
    import pandas as pd

    columns: dict[str, list[Cell]] = {name: [] for name in COLUMNS}
    for row in table:
        for name, cells in columns.items():
            cells.append(_harmless(row[name]))
    frame = pd.DataFrame({name: pd.array(cells, dtype=COLUMNS[name]) for name, cells in columns.items()})
    return str(frame.to_csv(index=False, lineterminator="\r\n"))


def _harmless(cell: Cell) -> Cell:
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS):
        return f"'{cell}"
    return cell


def _item_cells(item: Item, *, with_texts: bool) -> Row:
    return {
        "item_id": storable(item.id),
        "target": _text(spoken(item.target)) if with_texts else None,
        "group": _text(item.group),
    }


def _trial_cells(task: TaskRun, row: int) -> Row:
    figures = task.figures
    tier = task.models.tiers[figures.tier[row]]
    return {
        "repeat": figures.repeat[row],
        "tier": storable(tier),
        "model": storable(task.models.models[tier].id),
        "status": STATUSES[figures.status[row]].value,
        "score": known(figures.score[row]),
        "cost_usd": known(figures.cost_usd[row]),
        "latency_s": known(figures.latency_s[row]),
        "first_token_s": known(figures.first_token_s[row]),
        "input_tokens": whole(figures.input_tokens[row]),
        "output_tokens": whole(figures.output_tokens[row]),
        "cache_read": whole(figures.cache_read_tokens[row]),
        "cache_write": whole(figures.cache_write_tokens[row]),
        "reasoning": whole(figures.reasoning_tokens[row]),
        "confidence": known(figures.confidence[row]),
    }


def _text(value: str | None) -> str | None:
    return None if value is None else storable(value)
