from __future__ import annotations

import csv
import dataclasses
import io
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from evalbench.core.completion import Completion, Usage
from evalbench.core.run import Run, TaskRun
from evalbench.core.score import Score
from evalbench.core.trial import Trial
from evalbench.reports.columns import COLUMNS
from evalbench.reports.tables import csv_text, rows, write_parquet
from tests.build import make_item, make_pool, make_task
from tests.reports.build_findings import all_findings, make_run

CONTRACT = [
    *("task", "item_id", "repeat", "tier", "model", "status", "score", "cost_usd", "latency_s"),
    *("first_token_s", "input_tokens", "output_tokens", "cache_read", "cache_write", "reasoning"),
    *("confidence", "output", "target", "group"),
]
TEXTS = ["007", "NA", "null", "1.0", "1e3", "", "half \ud83d"]


def _task_run() -> TaskRun:
    items = tuple(make_item(text or "empty", target=text) for text in TEXTS)
    trials = [
        Trial(item.id, "small", completion=Completion(item.target, usage=Usage(5, 1)), score=Score(1.0))
        for item in items
    ]
    missing = make_item("gone", target=None)
    trials.append(Trial("gone", "small"))
    return TaskRun(make_task(), make_pool(), (*items, missing), tuple(trials), "label@1", "demo@0")


def _run(*tasks: TaskRun) -> Run:
    return dataclasses.replace(make_run(all_findings()[0]), tasks=tasks)


def run_of_texts() -> Run:
    return _run(_task_run())


def _many() -> TaskRun:
    """More trials than are written at once, with gaps in every column that can have them."""
    items = tuple(make_item(f"i{number}", group="g" if number % 3 else None) for number in range(4_000))
    trials = [
        Trial(item.id, tier)
        if number % 7 == 0
        else Trial(
            item.id,
            tier,
            completion=Completion(f"answer {number}", usage=Usage(number), latency_s=number / 8 or None),
            score=Score(number % 2) if number % 5 else None,
        )
        for tier in ("small", "medium", "large")
        for number, item in enumerate(items)
    ]
    return TaskRun(make_task(), make_pool(), items, tuple(trials), "label@1", "demo@0")


def _table() -> list[dict[str, str | int | float | None]]:
    return list(rows(_run(_task_run())))


def test_the_columns_are_those_of_the_contract() -> None:
    assert list(COLUMNS) == CONTRACT
    assert all(list(row) == CONTRACT for row in _table())


def test_texts_come_back_from_parquet_as_they_were(tmp_path: Path) -> None:
    write_parquet(_run(_task_run()), tmp_path / "results.parquet")

    stored = pq.read_table(tmp_path / "results.parquet").to_pydict()
    assert stored["target"] == ["007", "NA", "null", "1.0", "1e3", "", "half \ufffd", None]
    assert stored["item_id"][:2] == ["007", "NA"]


def test_an_empty_answer_is_not_a_missing_one(tmp_path: Path) -> None:
    write_parquet(_run(_task_run()), tmp_path / "results.parquet")

    frame = pd.read_parquet(tmp_path / "results.parquet")
    assert frame["output"][5] == ""
    assert frame["output"].isna().tolist() == [False] * 7 + [True]
    assert frame["status"][7] == "missing"


def test_an_unknown_number_is_null_and_not_zero(tmp_path: Path) -> None:
    write_parquet(_run(_task_run()), tmp_path / "results.parquet")

    stored = pq.read_table(tmp_path / "results.parquet").to_pydict()
    assert set(stored["cost_usd"]) == {None}
    assert stored["input_tokens"] == [5] * 7 + [None]
    assert set(stored["reasoning"]) == {None}


def test_an_empty_run_still_has_typed_columns(tmp_path: Path) -> None:
    write_parquet(_run(), tmp_path / "results.parquet")

    assert pq.read_schema(tmp_path / "results.parquet").names == CONTRACT


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_spreadsheet_runs_no_cell_as_a_formula(start: str) -> None:
    row = _table()[0] | {"output": f"{start}HYPERLINK(1)", "score": -0.5}

    (read,) = csv.DictReader(io.StringIO(csv_text([row]), newline=""))

    assert read["output"] == f"'{start}HYPERLINK(1)"
    assert read["score"] == "-0.5"


def test_a_text_over_several_lines_stays_one_cell() -> None:
    row = _table()[0] | {"output": 'one, "two"\nthree'}

    (read,) = csv.DictReader(io.StringIO(csv_text([row]), newline=""))

    assert read["output"] == 'one, "two"\nthree'


def test_the_table_is_written_without_pandas(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tests.reports.test_tables import run_of_texts;"
        " [sys.modules.pop(name) for name in list(sys.modules) if name.partition('.')[0] == 'pandas'];"
        " from evalbench.reports.tables import write_parquet; write_parquet(run_of_texts(), Path(sys.argv[1]));"
        " print('pandas' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "x.parquet")], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"


def test_pandas_reads_the_types_that_were_meant(tmp_path: Path) -> None:
    write_parquet(run_of_texts(), tmp_path / "results.parquet")

    frame = pd.read_parquet(tmp_path / "results.parquet")

    assert {name: str(kind) for name, kind in frame.dtypes.items()} == dict(COLUMNS)


def test_a_table_of_many_blocks_is_that_of_its_rows(tmp_path: Path) -> None:
    run = _run(_many())

    write_parquet(run, tmp_path / "results.parquet")

    stored = pq.read_table(tmp_path / "results.parquet").to_pylist()
    assert stored == list(rows(run))


def test_without_texts_no_answer_and_no_target_is_written(tmp_path: Path) -> None:
    write_parquet(run_of_texts(), tmp_path / "results.parquet", with_texts=False)

    stored = pq.read_table(tmp_path / "results.parquet").to_pydict()
    assert set(stored["output"]) == set(stored["target"]) == {None}
    assert stored["item_id"][0] == "007"
