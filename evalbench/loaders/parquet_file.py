"""Read rows from Parquet, without a network, a cache folder, or a change to any text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet
from pyarrow.lib import ArrowException

from evalbench.loaders.dataset_rows import silence, table_rows
from evalbench.loaders.problems import Problems
from evalbench.loaders.rows import Row

_MAX_TABLE_BYTES = 4_000_000_000


def read_rows(path: Path, problems: Problems) -> Iterator[Row]:
    """The file's rows, numbered from 1; class numbers become the names they stand for."""
    try:
        table = _table(path)
    except (ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0]
        problems.add(path, None, f"no Parquet file that can be read: {reason}", "write the file again.")
        return
    if table is None:
        problems.add(path, None, "unpacks to more than 4 GB", "split it.")
        return
    if not table.num_rows:
        problems.add(path, None, "the file has no rows", "give a file with at least one row.")
    silence()
    from datasets import Dataset

    yield from table_rows(path, Dataset(table), problems)


def _table(path: Path) -> Any:
    file = pyarrow.parquet.ParquetFile(path)
    groups = (file.metadata.row_group(number) for number in range(file.metadata.num_row_groups))
    if sum(group.total_byte_size for group in groups) > _MAX_TABLE_BYTES:
        return None
    return file.read()
