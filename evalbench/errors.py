"""Every deliberate error, and the exit code each one leads to.

An error is raised only when a command cannot go on; a call that fails for one item is a
`Failure` on its trial.

    EvalbenchError
    ├── InputError              fix the file, flag or name it mentions
    │   ├── EvalSetError        an eval set is unusable; carries every problem found
    │   ├── UnknownNameError    a name nobody registered, with the nearest known one
    │   ├── GraderOptionError   an option of a grader, with its place below `grader:`
    │   └── MissingExtraError   an optional package is not installed
    ├── StoreError              the ledger cannot be used, or lacks what was asked for
    │   └── MissingTrialError   a run has no such answer
    └── IncompleteRunError      resume: what is stored is kept
        └── InterruptedRunError Ctrl-C or SIGTERM
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from enum import IntEnum


class ExitCode(IntEnum):
    """What the shell sees."""

    OK = 0
    REGRESSION = 1
    BAD_INPUT = 2
    INCOMPLETE = 3
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143


class EvalbenchError(Exception):
    """A problem in words a user can act on, and the fix that can be pasted."""

    exit_code = ExitCode.BAD_INPUT

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.fix = fix


class InputError(EvalbenchError):
    """Something the user wrote cannot be used."""


class EvalSetError(InputError):
    """An eval set is unusable; `problems` lists all that was found, each with its place."""

    def __init__(self, problem: str, fix: str, problems: Sequence[str] = ()) -> None:
        super().__init__(problem, fix)
        self.problems = tuple(problems)


class UnknownNameError(InputError):
    """A name that nothing answers to; the fix names the closest that exists."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"there is no {kind} named {name!r}", nearest(name, known))


class GraderOptionError(InputError):
    """An option of a grader cannot be used; `place` leads to it from `grader:` in the settings."""

    def __init__(self, problem: str, fix: str, place: Sequence[str | int]) -> None:
        super().__init__(problem, fix)
        self.place = tuple(place)

    def within(self, *place: str | int) -> GraderOptionError:
        """The same error, seen from a grader that has this one at `place`."""
        return GraderOptionError(self.problem, self.fix, (*place, *self.place))


class MissingExtraError(InputError):
    """An optional package is needed and not installed."""


class StoreError(EvalbenchError):
    """The ledger cannot be read or written, or lacks what was asked for."""


class MissingTrialError(StoreError):
    """A run has no answer where one is needed."""


class IncompleteRunError(EvalbenchError):
    """A run stopped before every answer was there; what is stored is kept."""

    exit_code = ExitCode.INCOMPLETE


class InterruptedRunError(IncompleteRunError):
    """Somebody stopped the run; `is_terminated` says that it was by SIGTERM, not by Ctrl-C."""

    def __init__(self, problem: str, fix: str, *, is_terminated: bool) -> None:
        super().__init__(problem, fix)
        self.exit_code = ExitCode.TERMINATED if is_terminated else ExitCode.INTERRUPTED


_SHOWN_NAMES = 24


def nearest(name: str, known: Iterable[str]) -> str:
    """A suggestion for a mistyped name, for the fix line of an error."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    more = f" and {len(names) - _SHOWN_NAMES:,} more" if len(names) > _SHOWN_NAMES else ""
    return f"use one of: {', '.join(names[:_SHOWN_NAMES])}{more}"
