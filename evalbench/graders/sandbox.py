"""Run code that a model wrote where it can do no harm, or say that there is no such place here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from evalbench.core.completion import Failure
from evalbench.graders.bubblewrap import Bubblewrap
from evalbench.graders.monty import Monty
from evalbench.graders.program import Limits, Outcome, Program


class Sandbox(Protocol):
    """A place where a program can do nothing but compute.

    `name` says which one it is and what it runs, so that scores of two kinds are not mixed up.
    """

    @property
    def name(self) -> str:
        """For example `bubblewrap, Python 3.11`."""
        ...

    def run(self, program: Program, limits: Limits) -> Outcome | Failure:
        """What the tests came to; a Failure where the sandbox, not the code, is to blame."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """The sandbox of this machine, if any, and what was said against those that cannot be used."""

    sandbox: Sandbox | None
    objections: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What there is, or why there is nothing."""
        return self.sandbox.name if self.sandbox is not None else "; ".join(self.objections)


INSTALL = 'apt-get install bubblewrap, or pip install "evalbench-cli[sandbox]" for small functions'
"""What to do where there is no sandbox."""


@cache
def usable_sandbox() -> Found:
    """The best sandbox that works here; each is tried out once, with a program that must not get out."""
    return first_usable((Bubblewrap.found, Monty.found))


class Finder(Protocol):
    """Looks for one kind of sandbox: the sandbox, or why it cannot be used."""

    def __call__(self) -> Sandbox | str:
        """The sandbox itself once it was tried out."""
        ...


def first_usable(finders: Sequence[Finder]) -> Found:
    """The first sandbox that is there and works."""
    objections: list[str] = []
    for find in finders:
        found = find()
        if not isinstance(found, str):
            return Found(found, tuple(objections))
        objections.append(found)
    return Found(None, tuple(objections))
