"""The trials of a task as Arrow tables, a block at a time, straight from their figures.

Arrays are made from buffers: `pyarrow.array` would load pandas, whether or not any is at hand, and `take`
ten megabytes of functions, of which it is one.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, islice
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evalbench.core.figures import STATUSES, Figures
from evalbench.core.run import TaskRun
from evalbench.reports.columns import COLUMNS, NUMBER, TEXT, WHOLE
from evalbench.reports.plain_text import spoken, storable

ArrowArray: TypeAlias = Any
ArrowTable: TypeAlias = Any

_ROWS = 4096
_FLOATS: Mapping[str, str] = {
    name: name for name in ("score", "cost_usd", "latency_s", "first_token_s", "confidence")
}
_COUNTS: Mapping[str, str] = {
    "repeat": "repeat",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cache_read": "cache_read_tokens",
    "cache_write": "cache_write_tokens",
    "reasoning": "reasoning_tokens",
}


def schema() -> Any:
    """The schema of the table; pandas reads its nullable types back."""
    import pyarrow as pa

    types = {TEXT: pa.string(), WHOLE: pa.int64(), NUMBER: pa.float64()}
    spoken_types = {TEXT: "unicode", WHOLE: "int64", NUMBER: "float64"}
    columns = [
        {"name": name, "field_name": name, "pandas_type": spoken_types[kind], "numpy_type": kind, "metadata": None}
        for name, kind in COLUMNS.items()
    ]
    about = {"index_columns": [], "column_indexes": [], "columns": columns, "pandas_version": "2.0.0"}
    fields = [pa.field(name, types[kind]) for name, kind in COLUMNS.items()]
    return pa.schema(fields, metadata={"pandas": json.dumps(about)})


def tables_of(task: TaskRun, *, with_texts: bool) -> Iterator[ArrowTable]:
    """The trials of a task in order, block by block; without texts no answer or target is in them."""
    import pyarrow as pa

    figures = task.figures
    of_items = _item_texts(task, with_texts=with_texts)
    of_tiers = {
        "tier": _texts(task.models.tiers),
        "model": _texts(model.id for model in task.models.models.values()),
    }
    name, statuses = _texts([task.task.name]), _texts(status.value for status in STATUSES)
    outputs = task.outputs()
    for start in range(0, len(figures), _ROWS):
        block = slice(start, start + _ROWS)
        tiers, items = figures.tier[block], figures.item[block]
        cells = {
            "task": name.taken([0] * len(tiers)),
            "status": statuses.taken(figures.status[block]),
            "output": _texts(
                output if with_texts else None for output in islice(outputs, len(tiers))
            ).array(),
            **{name: column.taken(tiers) for name, column in of_tiers.items()},
            **{name: column.taken(items) for name, column in of_items.items()},
            **_numbers(figures, block),
        }
        yield pa.Table.from_arrays([cells[name] for name in COLUMNS], schema=schema())


def _item_texts(task: TaskRun, *, with_texts: bool) -> dict[str, _Texts]:
    ids, targets, groups = _Texts(), _Texts(), _Texts()
    for item in task.items:
        ids.append(item.id)
        targets.append(spoken(item.target) if with_texts else None)
        groups.append(item.group)
    return {"item_id": ids, "target": targets, "group": groups}


def _numbers(figures: Figures, block: slice) -> dict[str, ArrowArray]:
    import pyarrow as pa

    columns = {name: getattr(figures, column)[block] for name, column in (*_FLOATS.items(), *_COUNTS.items())}
    found = {}
    for name, column in columns.items():
        values = np.asarray(column, dtype=np.float64)
        is_known = ~np.isnan(values)
        kind, exact = pa.float64(), values
        if name in _COUNTS:
            kind, exact = pa.int64(), np.nan_to_num(values).astype(np.int64)
        buffers = [_validity(is_known), pa.py_buffer(exact.tobytes())]
        found[name] = pa.Array.from_buffers(kind, len(values), buffers)
    return found


def _validity(is_known: NDArray[np.bool_]) -> Any:
    import pyarrow as pa

    return None if is_known.all() else pa.py_buffer(np.packbits(is_known, bitorder="little").tobytes())


def _texts(values: Iterable[str | None]) -> _Texts:
    found = _Texts()
    for value in values:
        found.append(value)
    return found


class _Texts:
    """Texts in the memory layout of an Arrow array, and arrays of them."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._ends = array("i", (0,))
        self._is_known = bytearray()

    def append(self, value: str | None) -> None:
        if value is not None:
            self._data += value.encode() if value.isascii() else storable(value).encode()
        self._is_known.append(value is not None)
        self._ends.append(len(self._data))

    def taken(self, places: Sequence[int]) -> ArrowArray:
        """The texts at these places as an array."""
        data, ends, known = self._data, self._ends, self._is_known
        parts = [data[ends[place] : ends[place + 1]] for place in places]
        found = _Texts()
        found._data = bytearray().join(parts)
        found._ends = array("i", accumulate(map(len, parts), initial=0))
        found._is_known = bytearray(map(known.__getitem__, places))
        return found.array()

    def array(self) -> ArrowArray:
        """All of them as an array, which they then belong to."""
        import pyarrow as pa

        is_known = np.frombuffer(self._is_known, dtype=np.bool_)
        ends, data = pa.py_buffer(self._ends), pa.py_buffer(self._data)
        return pa.Array.from_buffers(pa.string(), len(is_known), [_validity(is_known), ends, data])
