"""What is run in a sandbox, how far it may go, and what came of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of the tests; `is_test` where it is one that can pass or fail."""

    source: str
    is_test: bool


@dataclass(frozen=True, slots=True)
class Program:
    """An answer's code and the statements that are run after it, in its namespace."""

    code: str
    statements: tuple[Statement, ...]

    @property
    def tests(self) -> int:
        """How many tests there are."""
        return sum(statement.is_test for statement in self.statements)


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a program may go.

    `cpu_s` is processor time; `wall_s` ends whoever sleeps. `memory_bytes` holds for each
    process, of which there are at most `processes`; `disk_bytes` is all that can be written.
    """

    cpu_s: float = 10.0
    memory_bytes: int = 512 << 20
    processes: int = 16
    disk_bytes: int = 32 << 20

    @property
    def wall_s(self) -> float:
        """Time on the clock: other work on the machine must not make right code fail."""
        return 2.0 * self.cpu_s + 5.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many of the tests passed, and the first thing that went wrong, in one line."""

    passed: int
    tests: int
    problem: str = ""


def statements_of(tests: str, entry_point: str | None) -> tuple[Statement, ...]:
    """The tests of a target: each `assert` at the margin is one, else `check(candidate)` is the only one.

    Raises ValueError, in words for the user, where there is nothing that could fail.
    """
    try:
        tree = ast.parse(tests)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"its tests are no Python: {error}") from error
    statements = [Statement(ast.unparse(node), isinstance(node, ast.Assert)) for node in tree.body]
    if any(statement.is_test for statement in statements):
        return tuple(statements)
    if not any(isinstance(node, ast.FunctionDef) and node.name == "check" for node in tree.body):
        raise ValueError("its tests hold neither an `assert` at the margin nor a function `check(candidate)`")
    if any(isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) for node in tree.body):
        # The target calls `check` itself, with the name that it means.
        *before, last = statements
        return (*before, Statement(last.source, is_test=True))
    if entry_point is None:
        raise ValueError("`check(candidate)` needs the name of the function: give the item an `entry_point`")
    return (*statements, Statement(f"check({entry_point})", is_test=True))


def code_of(answer: str, entry_point: str | None) -> str:
    """The code of an answer: its fenced block, the one that defines the entry point first; else all of it."""
    blocks = list(_blocks(answer))
    if not blocks:
        return answer
    if entry_point is not None:
        named = [
            block for block in blocks if f"def {entry_point}(" in block or f"class {entry_point}" in block
        ]
        if named:
            return named[0]
    return max(blocks, key=len)


def _blocks(answer: str) -> list[str]:
    """What stands between fences; the last one may lack its end."""
    blocks: list[str] = []
    fence, lines = "", list[str]()
    for line in answer.splitlines():
        bare = line.strip()
        if fence and bare == fence:
            blocks.append("\n".join(lines))
            fence = ""
        elif fence:
            lines.append(line)
        elif bare.startswith(("```", "~~~")):
            fence, lines = bare[:3], []
    if fence:
        blocks.append("\n".join(lines))
    return [block for block in blocks if block.strip()]
