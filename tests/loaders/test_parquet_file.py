from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evalbench.loaders.parquet_file import read_rows
from evalbench.loaders.problems import Problems
from evalbench.loaders.rows import Row, as_text


def write(path: Path, columns: dict[str, Any]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def read(path: Path) -> tuple[list[Row], list[str]]:
    problems = Problems()
    return list(read_rows(path, problems)), problems.found


def test_texts_survive_byte_for_byte(tmp_path: Path) -> None:
    ids = ["007", "NA", "null", "1.0", "1e3", "", "12345678901234567890"]

    rows, problems = read(write(tmp_path / "a.parquet", {"id": ids}))

    assert [row.values["id"] for row in rows] == ids
    assert [row.line for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert problems == []


def test_numbers_become_text_without_a_change(tmp_path: Path) -> None:
    columns = {"a": [2**62, -1], "b": [1.0, 0.1], "c": [True, False]}

    rows, _ = read(write(tmp_path / "a.parquet", columns))

    assert [as_text(value) for value in rows[0].values.values()] == ["4611686018427387904", "1.0", "true"]
    assert [as_text(value) for value in rows[1].values.values()] == ["-1", "0.1", "false"]


def test_a_missing_cell_is_none_and_an_empty_text_is_not(tmp_path: Path) -> None:
    rows, _ = read(write(tmp_path / "a.parquet", {"a": [None, ""], "b": [float("nan"), 1.0]}))

    assert [row.values["a"] for row in rows] == [None, ""]
    assert rows[0].values["b"] is None


def test_nested_values_and_dates_are_json(tmp_path: Path) -> None:
    columns = {"a": [[{"x": "1"}]], "b": [{"y": ["z"]}], "c": [date(2026, 11, 23)]}

    rows, _ = read(write(tmp_path / "a.parquet", columns))

    assert rows[0].values == {"a": [{"x": "1"}], "b": {"y": ["z"]}, "c": "2026-11-23"}


def test_class_numbers_become_the_names_they_stand_for(tmp_path: Path) -> None:
    features = datasets.Features({"label": datasets.ClassLabel(names=["ham", "spam"])})
    path = tmp_path / "a.parquet"
    pq.write_table(datasets.Dataset.from_dict({"label": [1, 0]}, features=features).data.table, path)

    rows, _ = read(path)

    assert [row.values["label"] for row in rows] == ["spam", "ham"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a": [b"\xff"]}, "column 'a' holds bytes, which is no text"),
        ({"a": [float("inf")]}, "column 'a' holds inf, which JSON does not have"),
        ({"a": ["x" * 10_000_001]}, "the cell in column 'a' is longer than 10 MB"),
        ({"a": pa.array([], pa.string())}, "the file has no rows"),
    ],
)
def test_values_that_cannot_be_shown_to_a_model_are_problems(
    tmp_path: Path, columns: dict[str, Any], message: str
) -> None:
    rows, problems = read(write(tmp_path / "a.parquet", columns))

    assert rows == []
    assert message in problems[0]


@pytest.mark.parametrize("content", [b"", b"no parquet at all", b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_a_file_that_is_no_parquet_is_one_problem(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(content)

    rows, problems = read(path)

    assert rows == []
    assert len(problems) == 1
    assert problems[0].startswith("a.parquet: no Parquet file that can be read")


_LISTENING = """
import socket, sys
from pathlib import Path
def refuse(*args, **kwargs):
    raise SystemExit("looked for a network")
socket.getaddrinfo = socket.socket.connect = refuse
from evalbench.loaders.parquet_file import read_rows
from evalbench.loaders.problems import Problems
print(len(list(read_rows(Path(sys.argv[1]), Problems()))))
"""


def test_a_local_file_needs_neither_network_nor_cache(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", {"a": ["x", "y"]})
    cache = tmp_path / "cache"
    environment = {**os.environ, "HF_HOME": str(cache)}

    done = subprocess.run(
        [sys.executable, "-c", _LISTENING, str(path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout.strip()) == (0, "2"), done.stderr
    assert not cache.exists()
