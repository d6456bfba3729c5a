"""Judge queries by what they return on small tables, however they are written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from evalbench.core.completion import Failure
from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Grade, Problem, Score
from evalbench.errors import InputError
from evalbench.graders.extras import require
from evalbench.graders.options import GraderOptions
from evalbench.graders.program import code_of
from evalbench.graders.text import NO_TARGET, shown, storable
from evalbench.graders.worker import WorkerPool

DEADLINE_S = 10.0
"""How long one query may take."""

_GRACE_S = 10.0
_LONGEST_QUERY = 100_000
_ORDERS = ("ignored", "kept")


class Sql:
    """Right when the answer's query returns the rows of the target, each as often as it does.

    The target is a query, or the rows themselves as a list of lists. Columns count by position,
    numbers by value; the order of rows counts only with `order: kept`. `tables` names files
    beside the eval set: CSV, each a table of its name, and SQL, which is run; an item may bring
    SQL of its own in the column that `setup_column` names. DuckDB runs all in memory.
    """

    is_slow = True
    reads_files = True

    def __init__(
        self,
        options: Mapping[str, JsonValue],
        task: Task,  # noqa: ARG002 - all graders are made alike
        folder: Path,
    ) -> None:
        listed = options.get("tables", [])
        names = [listed] if isinstance(listed, str) else listed
        settings = GraderOptions("sql", {key: value for key, value in options.items() if key != "tables"})
        self._is_ordered = settings.choice("order", _ORDERS) == "kept"
        self._setup_column = settings.text("setup_column") or "setup"
        self._deadline_s = settings.amount("timeout_s", DEADLINE_S)
        self.accepts_truncated = settings.flag("accept_truncated")
        signed = settings.sign(version=1)
        require("sql", "duckdb", "sql")
        self._fixture = _Fixture.read(names, folder)
        self.signature = signed + (f"+tables-{self._fixture.digest[:12]}" if names else "")

    def grade(self, answer: str, item: Item) -> Grade:
        """1.0 when the results are the same, otherwise 0.0; a Failure where tables or process broke."""
        if item.target is None:
            return NO_TARGET
        query = code_of(answer, None).strip()
        if not query or len(query) > _LONGEST_QUERY:
            return Score(0.0, None, f"the answer {shown(answer)} holds no query", is_valid=False)
        # A half surrogate is no text that a process could be told of.
        query = query.encode("utf-8", "replace").decode("utf-8")
        found = self._run(item, query)
        if isinstance(found, Failure):
            return found
        broken = found.get("fixture") or found.get("target")
        if broken is not None:
            return Failure("fixture", f"the item's own tables or target cannot be run: {broken}")
        reading = storable(query)
        if "problem" in found:
            problem = storable(found["problem"])
            is_valid = not found.get("is_unreadable", False)
            return Score(0.0, reading, problem, is_valid=is_valid)
        rows, expected = found["rows"], found["expected"]
        wrong = (
            f"{rows} rows where {expected} are right" if rows != expected else "other rows than the target"
        )
        return Score(float(found["is_right"]), reading, "" if found["is_right"] else wrong)

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that cannot be run on their tables, each tried out before anything is paid."""
        found = []
        for item in items:
            if item.target is None:
                continue
            problem = self._problem(item)
            if problem is not None:
                found.append(Problem(item.id, problem))
        return found

    def _problem(self, item: Item) -> str | None:
        target = item.target
        if isinstance(target, list) and not all(isinstance(row, list) for row in target):
            return f"the target {shown(target)} is neither a query nor a list of rows"
        if not isinstance(target, str | list):
            return f"the target {shown(target)} is neither a query nor a list of rows"
        found = self._run(item, None)
        if isinstance(found, Failure):
            return f"the target {shown(target)} could not be tried: {found.message}"
        if "fixture" in found:
            return f"its tables cannot be made: {found['fixture']}"
        return f"the target {shown(target)} cannot be run: {found['target']}" if "target" in found else None

    def _run(self, item: Item, answer: str | None) -> dict[str, Any] | Failure:
        own = item.prompt.fields.get(self._setup_column)
        work = {
            "tables": self._fixture.tables,
            "scripts": [*self._fixture.scripts, *([own] if isinstance(own, str) and own.strip() else [])],
            "query": item.target if isinstance(item.target, str) else None,
            "rows": item.target if isinstance(item.target, list) else None,
            "answer": answer,
            "is_ordered": self._is_ordered,
            "seconds": self._deadline_s,
        }
        # Target and answer have a deadline of their own inside; the process is killed if that fails.
        return _pool().do(work, 2 * self._deadline_s + _GRACE_S)


class _Fixture:
    """The tables that all items share: CSV by name of the table, and SQL scripts."""

    def __init__(self, tables: Mapping[str, str], scripts: Sequence[str], digest: str) -> None:
        self.tables = dict(tables)
        self.scripts = list(scripts)
        self.digest = digest

    @classmethod
    def read(cls, names: Sequence[JsonValue], folder: Path) -> _Fixture:
        tables: dict[str, str] = {}
        scripts: list[str] = []
        digest = hashlib.sha256()
        for name in names:
            path = folder / str(name)
            if not path.is_file() or path.suffix.lower() not in (".csv", ".sql"):
                raise InputError(
                    f"grader 'sql': `tables` names {name!r}, which is no CSV or SQL file in {folder}",
                    "write for example `tables: [customers.csv, schema.sql]`.",
                )
            content = path.read_bytes()
            digest.update(f"{name}\n{len(content)}\n".encode() + content)
            if path.suffix.lower() == ".csv":
                tables[path.stem] = str(path.resolve())
            else:
                scripts.append(content.decode("utf-8-sig"))
        return cls(tables, scripts, digest.hexdigest())


@cache
def _pool() -> WorkerPool:
    return WorkerPool(Path(__file__).with_name("sql_worker.py"))
