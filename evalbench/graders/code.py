"""Judge code by running its tests, in a sandbox and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalbench.core.completion import Failure
from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Grade, Problem, Score
from evalbench.graders.options import GraderOptions
from evalbench.graders.program import Limits, Program, code_of, statements_of
from evalbench.graders.sandbox import INSTALL, Found, usable_sandbox
from evalbench.graders.text import NO_TARGET, shown, storable

_MEGABYTE = 1 << 20
_LONGEST_CODE = 200_000
_USUAL = Limits()


class Code:
    """Right when the answer's code passes the tests that are the item's target.

    A target holds `assert` statements, or a function `check(candidate)` as HumanEval has it; the
    function's name is the option `entry_point`, or the item's column of that name. `score: share`
    gives the share of the asserts that pass. The code is taken from a fenced block, else it is
    the whole answer; it sees the standard library, and the text of the tests is not hidden from
    it while they run. Without a sandbox, answers are not graded at all.
    """

    is_slow = True

    def __init__(
        self,
        options: Mapping[str, JsonValue],
        task: Task,  # noqa: ARG002 - all graders are made alike
        found: Found | None = None,
    ) -> None:
        settings = GraderOptions("code", options)
        self._is_share = settings.choice("score", ("all", "share")) == "share"
        self._entry_point = settings.text("entry_point")
        self._limits = Limits(
            cpu_s=settings.amount("timeout_s", _USUAL.cpu_s),
            memory_bytes=int(settings.amount("memory_mb", _USUAL.memory_bytes / _MEGABYTE) * _MEGABYTE),
        )
        self.accepts_truncated = settings.flag("accept_truncated")
        self._signed = settings.sign(version=1)
        self._found = found

    @property
    def signature(self) -> str:
        """Name, version, options and sandbox: another Python may judge otherwise."""
        sandbox = self._place.sandbox
        return f"{self._signed}+{'no sandbox' if sandbox is None else sandbox.name}"

    def objection(self) -> str | None:
        """Why no answer can be graded here, before anything is paid."""
        if self._place.sandbox is not None:
            return None
        return f"code cannot be run here, so answers will not be graded ({self._place.words}); {INSTALL}"

    def grade(self, answer: str, item: Item) -> Grade:
        """1.0 when all tests pass, or the share that do; a Failure where nothing could be run."""
        if item.target is None:
            return NO_TARGET
        sandbox = self._place.sandbox
        if sandbox is None:
            return Failure("sandbox", f"code cannot be run here: {self._place.words}")
        entry_point = self._entry_point_of(item)
        code = code_of(answer, entry_point)
        if not code.strip() or len(code) > _LONGEST_CODE:
            return Score(0.0, None, f"the answer {shown(answer)} holds no code", is_valid=False)
        # A half surrogate is no source text, and no process could be told of it.
        code = code.encode("utf-8", "replace").decode("utf-8")
        program = Program(code, statements_of(_tests(item), entry_point))
        outcome = sandbox.run(program, self._limits)
        if isinstance(outcome, Failure):
            return outcome
        share = outcome.passed / outcome.tests
        value = share if self._is_share else float(outcome.passed == outcome.tests)
        tests = f"{outcome.passed} of {outcome.tests} tests passed"
        return Score(value, storable(code), storable("; ".join(filter(None, (tests, outcome.problem)))))

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that hold no test."""
        return [
            Problem(item.id, f"the target {shown(item.target)} cannot be run: {problem}")
            for item in items
            if item.target is not None and (problem := self._problem(item)) is not None
        ]

    def _problem(self, item: Item) -> str | None:
        entry_point = self._entry_point_of(item)
        if entry_point is not None and not entry_point.isidentifier():
            return f"{entry_point!r} is no name of a function"
        try:
            statements_of(_tests(item), entry_point)
        except ValueError as error:
            return str(error)
        return None

    def _entry_point_of(self, item: Item) -> str | None:
        column = item.prompt.fields.get("entry_point")
        return column if isinstance(column, str) and column else self._entry_point

    @property
    def _place(self) -> Found:
        return self._found or usable_sandbox()


def _tests(item: Item) -> str:
    """The text of the tests: a list is one test a line."""
    target = item.target
    return "\n".join(map(str, target)) if isinstance(target, list) else str(target)
