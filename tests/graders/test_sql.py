from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from evalbench.core.completion import Failure
from evalbench.core.evalset import JsonValue
from evalbench.core.score import Score
from evalbench.errors import InputError
from evalbench.graders.sql import Sql
from tests.build import make_item, make_task, score_of

pytest.importorskip("duckdb", reason="no query is run without the extra `sql`")

SETUP = """
CREATE TABLE people (id TEXT, name TEXT, age INTEGER, height DOUBLE);
INSERT INTO people VALUES ('007', 'Ann', 30, 1.5), ('2', 'Bob', 25, 1.75), ('3', 'Bob', NULL, 1.75);
"""


def sql(folder: Path = Path(), **options: Any) -> Sql:
    return Sql(options, make_task(), folder)


def graded(answer: str, target: JsonValue, grader: Sql | None = None) -> Score:
    item = make_item(target=target, fields={"setup": SETUP})
    return score_of((grader or sql()).grade(answer, item))


@pytest.mark.parametrize(
    ("answer", "target"),
    [
        ("select NAME from people", "SELECT name AS n FROM people"),
        ("Here you are:\n```sql\nSELECT name FROM people;\n```", "SELECT name FROM people"),
        ("SELECT name FROM people ORDER BY name DESC", "SELECT name FROM people ORDER BY name"),
        ("SELECT avg(height) FROM people", "SELECT sum(height) / count(*) FROM people"),
        ("SELECT 2.0", "SELECT 2"),
        ("SELECT name FROM people WHERE age = 30", [["Ann"]]),
        ("SELECT count(*), NULL FROM people", [[3, None]]),
        ("SELECT 0.1 + 0.2", [[0.3]]),
    ],
)
def test_queries_are_compared_by_what_they_return(answer: str, target: JsonValue) -> None:
    score = graded(answer, target)

    assert (score.value, score.explanation) == (1.0, "")


@pytest.mark.parametrize(
    ("answer", "target", "why"),
    [
        ("SELECT DISTINCT name FROM people", "SELECT name FROM people", "2 rows where 3 are right"),
        ("SELECT id FROM people", "SELECT name FROM people", "other rows"),
        ("SELECT '7'", [["007"]], "other rows"),
        ("SELECT NULL", [["None"]], "other rows"),
        ("SELECT nope FROM people", "SELECT name FROM people", "not found"),
    ],
)
def test_other_rows_are_wrong(answer: str, target: JsonValue, why: str) -> None:
    score = graded(answer, target)

    assert (score.value, score.is_valid) == (0.0, True)
    assert why in score.explanation


@pytest.mark.parametrize("answer", ["I do not know.", "", "selec name from people"])
def test_what_is_no_query_is_unreadable(answer: str) -> None:
    assert graded(answer, "SELECT name FROM people").is_valid is False


def test_order_counts_only_where_it_is_asked_for() -> None:
    up, down = "SELECT name FROM people ORDER BY name, id", "SELECT name FROM people ORDER BY name DESC"

    assert graded(down, up).value == 1.0
    assert graded(down, up, sql(order="kept")).value == 0.0
    assert graded(up, up, sql(order="kept")).value == 1.0


@pytest.mark.parametrize(
    "answer",
    [
        "DELETE FROM people; SELECT name FROM people",
        "DROP TABLE people",
        "COPY people TO '/tmp/evalbench-escaped.csv'",
        "ATTACH '/tmp/evalbench-escaped.db' AS other",
        "INSTALL httpfs",
        "SET enable_external_access = true",
    ],
)
def test_anything_but_one_select_is_wrong_and_does_nothing(answer: str) -> None:
    assert graded(answer, "SELECT name FROM people").value == 0.0
    assert not list(Path("/tmp").glob("evalbench-escaped*"))  # noqa: S108 - where an answer would write
    assert graded("SELECT name FROM people", "SELECT name FROM people").value == 1.0


@pytest.mark.parametrize(
    "answer",
    ["SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM '/etc/passwd'", "SELECT * FROM glob('/etc/*')"],
)
def test_no_file_can_be_read(answer: str) -> None:
    score = graded(answer, "SELECT name FROM people")

    assert score.value == 0.0
    assert score.explanation.split(" Error")[0] in ("Permission", "Catalog")


def test_a_query_that_takes_too_long_is_wrong_and_the_next_one_is_run() -> None:
    endless = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3"
    started_s = time.monotonic()

    score = graded(endless, "SELECT 1", sql(timeout_s=0.5))

    assert score.explanation == "it took longer than 0.5 s"
    assert time.monotonic() - started_s < 20
    assert graded("SELECT 1", "SELECT 1").value == 1.0


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("SELECT list(range) FROM range(1000000000)", "Out of Memory"),
        ("SELECT * FROM range(1000000000)", "more than 10,000 rows"),
    ],
)
def test_a_result_that_is_too_large_is_wrong(answer: str, why: str) -> None:
    assert why in graded(answer, "SELECT 1").explanation


def test_tables_come_from_files_beside_the_eval_set(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("id,usd\n007,1.5\n008,2.5\n", encoding="utf-8")
    (tmp_path / "more.sql").write_text("CREATE TABLE t AS SELECT 1 AS one", encoding="utf-8")
    grader = sql(tmp_path, tables=["orders.csv", "more.sql"])

    score = grader.grade("SELECT sum(usd), (SELECT one FROM t) FROM orders", make_item(target=[[4, 1]]))
    leading_zero = grader.grade("SELECT min(id) FROM orders", make_item(target=[["007"]]))

    assert score_of(score).value == 1.0
    assert score_of(leading_zero).value == 1.0


def test_other_tables_make_another_signature(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id\n1\n", encoding="utf-8")
    before = sql(tmp_path, tables="t.csv").signature
    (tmp_path / "t.csv").write_text("id\n2\n", encoding="utf-8")

    assert sql(tmp_path, tables="t.csv").signature != before


def test_a_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv"):
        sql(tmp_path, tables=["none.csv"])


def test_targets_that_cannot_be_run_are_problems() -> None:
    items = [
        make_item("good", target="SELECT name FROM people", fields={"setup": SETUP}),
        make_item("column", target="SELECT nope FROM people", fields={"setup": SETUP}),
        make_item("table", target="SELECT 1", fields={"setup": "CREATE TABEL x (y INT)"}),
        make_item("shape", target=["SELECT 1"]),
        make_item("none", target=None),
    ]

    assert [problem.item_id for problem in sql().check(items)] == ["column", "table", "shape"]


def test_a_fixture_that_breaks_is_not_the_answers_fault() -> None:
    grade = sql().grade("SELECT 1", make_item(target="SELECT 1", fields={"setup": "no sql"}))

    assert isinstance(grade, Failure)
    assert grade.kind == "fixture"
