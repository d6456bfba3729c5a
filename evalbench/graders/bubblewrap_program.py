"""The program inside the sandbox: gives up all rights, then runs an answer's code and its tests.

It is a script of the standard library alone, run by whatever Python the sandbox has. What it has
to say goes as JSON lines to the descriptor named in its only argument, each behind a word that the
answer is not told, so that it cannot report tests as passed by accident. Nothing of the answer
runs before `ready` was said, so whatever happens afterwards is the answer's own doing.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from typing import Any

Say = Callable[[dict[str, Any]], None]

_DESCRIPTORS = 64


def main() -> None:
    """Read what to run, give up all rights, and run it."""
    asked = json.load(sys.stdin)
    say = teller(int(sys.argv[1]), asked.pop("word").encode())
    problem = give_up_rights(asked["limits"])
    if problem:
        say({"refused": problem})
        return
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    say({"ready": True, "python": f"{sys.version_info[0]}.{sys.version_info[1]}"})
    run(asked, say)
    # Threads and handlers that the answer left behind have no say any more.
    os._exit(0)


def give_up_rights(limits: dict[str, int]) -> str | None:
    """Set every limit for good; returns why the code must not be run, or None."""
    if 0 in os.getresuid():
        return "it would run as root, for whom the limit on processes does not hold"
    for kind, value in (
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_AS, limits["memory_bytes"]),
        (resource.RLIMIT_FSIZE, limits["disk_bytes"]),
        (resource.RLIMIT_CPU, limits["cpu_s"]),
        (resource.RLIMIT_NOFILE, _DESCRIPTORS),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))
    os.nice(10)
    return None


def run(asked: dict[str, Any], say: Say) -> None:
    """Run the code and then each statement of its tests; what fails does not stop the rest."""
    names: dict[str, Any] = {"__name__": "answer"}
    problem = attempt(asked["code"], names, "answer")
    if problem:
        say({"problem": problem})
    number = 0
    for source, is_test in asked["statements"]:
        problem = attempt(source, names, "tests")
        if is_test:
            say({"test": number, "passed": problem is None, "problem": problem})
            number += 1
        elif problem:
            say({"problem": problem})
    say({"done": True})


def attempt(source: str, names: dict[str, Any], place: str) -> str | None:
    """Run a piece of source; returns what went wrong in one line, or None."""
    try:
        exec(compile(source, place, "exec"), names)  # noqa: S102 - what this place is for
    except BaseException as error:  # noqa: BLE001 - an answer may raise anything, to leave included
        return f"{type(error).__name__}: {words_of(error)}"[:300]
    return None


def words_of(error: BaseException) -> str:
    """What an error says, which may itself be code of the answer."""
    try:
        return str(error).partition("\n")[0]
    except BaseException:  # noqa: BLE001 - as above
        return "?"


def teller(channel: int, word: bytes) -> Say:
    """What says one thing as a line of JSON behind `word`."""

    def say(value: dict[str, Any]) -> None:
        os.write(channel, word + json.dumps(value).encode() + b"\n")

    return say


if __name__ == "__main__":
    main()
