"""The process that runs queries: reads what to run line by line, as JSON, and tells what came of it.

It is a script that knows nothing of the rest of the program, so that it can be killed at any
time. Each piece of work has a database of its own in memory, closed to files, network and
extensions before anything that a model wrote is run; a query that takes too long is interrupted.
"""

from __future__ import annotations

import datetime as dt
import decimal
import json
import math
import resource
import sys
import threading
from typing import Any

import duckdb

MOST_BYTES = 4 << 30
"""Of address space, of which a database may use `MEMORY`."""

MEMORY = "256MB"
MOST_ROWS = 10_000
_DIGITS = 12
_CONFIG = {
    "threads": 1,
    "memory_limit": MEMORY,
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}
_LOCKS = ("SET temp_directory = ''", "SET enable_external_access = false", "SET lock_configuration = true")


def main() -> None:
    """Say hello, and then answer until there are no more questions."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    say({})
    for line in sys.stdin.buffer:
        say(answer_to(json.loads(line)))


def answer_to(asked: dict[str, Any]) -> dict[str, Any]:
    """What becomes of the fixture, of the target and of the answer, each only if the one before was good."""
    with duckdb.connect(":memory:", config=_CONFIG) as database:
        try:
            prepare(database, asked["tables"], asked["scripts"])
        except duckdb.Error as error:
            return {"fixture": words_of(error)}
        expected = asked["rows"]
        if expected is None:
            expected = result_of(database, asked["query"], asked["seconds"])
            if isinstance(expected, dict):
                return {"target": expected["problem"]}
        else:
            expected = [[plain(value) for value in row] for row in expected]
        if asked["answer"] is None:
            return {"is_good": True}
        found = result_of(database, asked["answer"], asked["seconds"])
        return found if isinstance(found, dict) else compared(found, expected, is_ordered=asked["is_ordered"])


def prepare(database: Any, tables: dict[str, str], scripts: list[str]) -> None:
    """Make the tables of files, lock the database, and run the scripts that make the others."""
    for name, path in tables.items():
        quoted = name.replace('"', '""')
        database.execute(f'CREATE TABLE "{quoted}" AS SELECT * FROM read_csv(?)', [path])  # noqa: S608 - quoted
    for lock in _LOCKS:
        database.execute(lock)
    for script in scripts:
        database.execute(script)


def result_of(database: Any, query: str, seconds: float) -> list[list[Any]] | dict[str, Any]:
    """The rows of a query in plain values, or why there are none."""
    try:
        statements = duckdb.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            return {"problem": "it is not one single SELECT", "is_unreadable": not statements}
    except duckdb.Error as error:
        return {"problem": words_of(error), "is_unreadable": True}
    timer = threading.Timer(seconds, database.interrupt)
    timer.start()
    try:
        rows = database.execute(query).fetchmany(MOST_ROWS + 1)
    except duckdb.InterruptException:
        return {"problem": f"it took longer than {seconds:g} s"}
    except duckdb.Error as error:
        return {"problem": words_of(error)}
    finally:
        timer.cancel()
    if len(rows) > MOST_ROWS:
        return {"problem": f"it returns more than {MOST_ROWS:,} rows"}
    return [[plain(value) for value in row] for row in rows]


def compared(found: list[list[Any]], expected: list[list[Any]], *, is_ordered: bool) -> dict[str, Any]:
    """Whether two results hold the same rows, each as often as in the other."""
    if is_ordered:
        return {"is_right": found == expected, "rows": len(found), "expected": len(expected)}
    keys = [sorted(map(repr, rows)) for rows in (found, expected)]
    return {"is_right": keys[0] == keys[1], "rows": len(found), "expected": len(expected)}


def plain(value: Any) -> Any:
    """A value in the form in which it is compared: numbers by value, whatever their type."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, decimal.Decimal | float | int):
        return number(value)
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in sorted(value.items(), key=repr)}
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value if isinstance(value, str) else str(value)


def number(value: decimal.Decimal | float) -> str:
    """A number to twelve digits, so that sums in another order are the same; whole ones to the last."""
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return str(float(value))
    if value == int(value):
        return str(int(value))
    return f"{value:.{_DIGITS}g}"


def words_of(error: Exception) -> str:
    """The first line of what the database says."""
    return str(error).partition("\n")[0][:300]


def say(value: dict[str, Any]) -> None:
    """One line of JSON on standard output."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
