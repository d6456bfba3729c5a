"""Rows of a `datasets.Dataset`, with values that JSON can hold and texts that nobody changed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from evalbench.core.evalset import JsonValue
from evalbench.loaders.problems import Problems
from evalbench.loaders.rows import MAX_BYTES, Digits, Row

_QUIET = {
    "HF_UPDATE_DOWNLOAD_COUNTS": "0",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_VERBOSITY": "error",  # Its retries are no news, and what they come to is our own error.
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
}


def silence() -> None:
    """Keep the data set library from reporting and chatting; call before it is imported."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)


def table_rows(path: Path | str, table: Any, problems: Problems) -> Iterator[Row]:
    """The rows of a `datasets.Dataset`, with values that JSON can hold."""
    names = {
        column: feature.names for column, feature in table.features.items() if hasattr(feature, "int2str")
    }
    number = 0
    for batch in table.iter(1000):
        for cells in zip(*batch.values(), strict=True):
            number += 1
            try:
                yield Row(number, _values(dict(zip(batch, cells, strict=True)), names))
            except ValueError as error:
                problems.add(path, number, str(error))


def _values(cells: Mapping[str, Any], names: Mapping[str, list[str]]) -> dict[str, JsonValue]:
    return {
        column: names[column][value]
        if column in names and isinstance(value, int) and value >= 0
        else _value(column, value)
        for column, value in cells.items()
    }


def _value(column: str, value: Any) -> JsonValue:
    if isinstance(value, str):
        if len(value) > MAX_BYTES:
            raise ValueError(f"the cell in column {column!r} is longer than 10 MB")
        return value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return _digits(column, value)
    if isinstance(value, list):
        return [_value(column, inner) for inner in value]
    if isinstance(value, dict):
        return {str(key): _value(column, inner) for key, inner in value.items()}
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    raise ValueError(f"column {column!r} holds {type(value).__name__}, which is no text")


def _digits(column: str, value: float | Decimal) -> Digits | None:
    if value != value:  # noqa: PLR0124 - the one test for NaN that works for every kind of number
        return None
    text = str(value)
    if "inf" in text.lower():
        raise ValueError(f"column {column!r} holds {text}, which JSON does not have")
    return Digits(text)
