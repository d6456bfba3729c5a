"""Run code with bubblewrap: no network, no files, no rights, and limits on everything it could use up."""

from __future__ import annotations

import json
import math
import os
import secrets
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from evalbench.core.completion import Failure
from evalbench.graders.confinement import PROGRAM, SLOTS, arguments, identity, processes_outside, pythons
from evalbench.graders.program import Limits, Outcome, Program, Statement

_PROGRAM = Path(__file__).with_name("bubblewrap_program.py")
_FLAGS = ("-I", "-S", "-B", PROGRAM)
_MOST_BYTES = 1_000_000
_TIDY_S = 0.2
_ESCAPES = """
import os, socket
problems = []
def expect_failure(what, action):
    try:
        action()
    except (OSError, PermissionError):
        return
    problems.append(what)
def connect():
    with socket.socket() as found:
        found.settimeout(1)
        found.connect(("127.0.0.1", 9))
def interfaces():
    if [name for _, name in socket.if_nameindex() if name != "lo"]:
        return
    raise OSError
expect_failure("read /etc/passwd", lambda: open("/etc/passwd").read())
expect_failure("become root", lambda: os.setuid(0) or (os.getuid() and 1 / 1))
expect_failure("see a network", interfaces)
expect_failure("write outside /tmp", lambda: open("/escaped", "w").close())
expect_failure("reach this machine", connect)
"""
_PROBE = Program(
    _ESCAPES,
    (Statement("assert not problems, 'it could ' + ', '.join(problems)", is_test=True),),
)


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """A sandbox of Linux namespaces: everything outside a few read-only folders is not there at all.

    Root first becomes a user that owns nothing, because a limit on processes does not bind root.
    """

    command: str
    python: str
    version: str = ""

    @classmethod
    def found(cls) -> Bubblewrap | str:
        """The sandbox with a Python that runs in it, tried out; or why it cannot be used here."""
        command = shutil.which("bwrap")
        if command is None:
            return "bubblewrap is not installed"
        why = "no Python for it was found"
        for python in pythons():
            version = cls(command, python).probed()
            if not isinstance(version, Failure):
                return cls(command, python, version)
            why = version.message
        return f"bubblewrap does not work here: {why}"

    @property
    def name(self) -> str:
        """Which sandbox this is, and which Python it runs."""
        return f"bubblewrap, Python {self.version}"

    def probed(self) -> str | Failure:
        """The version of the Python inside, once a program that tries to get out could not."""
        with SLOTS.taken() as slot:
            told = self._told(_PROBE, Limits(cpu_s=10), slot)
        if isinstance(told, Failure):
            return told
        found = _outcome(_PROBE, told)
        if found.passed != found.tests:
            return Failure("sandbox", f"a program inside was not held: {found.problem}")
        return str(told.ready["python"])

    def run(self, program: Program, limits: Limits) -> Outcome | Failure:
        """What the tests came to; a Failure where the program could not even be begun."""
        with SLOTS.taken() as slot:
            told = self._told(program, limits, slot)
        return told if isinstance(told, Failure) else _outcome(program, told)

    def _told(self, program: Program, limits: Limits, slot: int) -> _Told | Failure:
        word = secrets.token_hex(16)
        asked = {
            "word": word,
            "code": program.code,
            "statements": [[statement.source, statement.is_test] for statement in program.statements],
            "limits": {
                "processes": limits.processes + processes_outside(),
                "memory_bytes": limits.memory_bytes,
                "disk_bytes": limits.disk_bytes,
                "cpu_s": math.ceil(limits.cpu_s),
            },
        }
        reading, writing = os.pipe()
        try:
            with (
                tempfile.TemporaryFile() as file,
                tempfile.TemporaryFile() as errors,
                _PROGRAM.open("rb") as script,
            ):
                file.write(json.dumps(asked).encode())
                file.seek(0)
                given = arguments(self.python, limits, script.fileno())
                process = subprocess.Popen(  # noqa: S603 - the command is bubblewrap, the program is ours
                    [self.command, *given, self.python, *_FLAGS, str(writing)],
                    stdin=file,
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                    pass_fds=(writing, script.fileno()),
                    start_new_session=True,
                    env={},
                    **identity(slot),
                )
                os.close(writing)
                writing = -1
                try:
                    told = _read(reading, word.encode(), limits.wall_s)
                finally:
                    _end(process)
                if told.ready:
                    return told
                errors.seek(0)
                return Failure("sandbox", _why(told, errors.read(_MOST_BYTES).decode(errors="replace")))
        except OSError as error:
            return Failure("sandbox", f"the sandbox could not be started: {error}", retryable=True)
        finally:
            os.close(reading)
            if writing >= 0:
                os.close(writing)


@dataclass(frozen=True, slots=True)
class _Told:
    """What a program inside said: whether it was begun, what became of its tests, and how it ended."""

    ready: Mapping[str, Any] = field(default_factory=dict)
    refused: str = ""
    tests: Mapping[int, bool] = field(default_factory=dict)
    problem: str = ""
    is_done: bool = False
    is_late: bool = False
    is_too_long: bool = False


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let a sandbox that is done tidy up after itself, and end any other: nothing outlives its parent."""
    try:
        process.wait(_TIDY_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _read(descriptor: int, word: bytes, wall_s: float) -> _Told:
    """Everything that is said until the end, the deadline, or more than anybody needs to say."""
    ends_s, content = time.monotonic() + wall_s, bytearray()
    is_late = is_too_long = False
    while True:
        readable, _, _ = select.select([descriptor], [], [], max(0.0, ends_s - time.monotonic()))
        is_late = not readable
        chunk = os.read(descriptor, 65_536) if readable else b""
        content += chunk
        is_too_long = len(content) > _MOST_BYTES
        if not chunk or is_too_long:
            break
    lines = content.split(b"\n")[:-1]
    told = _parsed(bytes(line[len(word) :]) for line in lines if line.startswith(word))
    return replace(told, is_late=is_late and not told.is_done, is_too_long=is_too_long)


def _parsed(lines: Iterable[bytes]) -> _Told:
    said = [value for value in map(_value, lines) if isinstance(value, dict)]
    tests = {
        value["test"]: value.get("passed") is True for value in said if isinstance(value.get("test"), int)
    }
    problems = [str(value["problem"]) for value in said if value.get("problem")]
    return _Told(
        ready=next((value for value in said if "ready" in value), {}),
        refused=next((str(value["refused"]) for value in said if "refused" in value), ""),
        tests=tests,
        problem=problems[0][:300] if problems else "",
        is_done=any("done" in value for value in said),
    )


def _value(line: bytes) -> object:
    try:
        found: object = json.loads(line)
    except (ValueError, RecursionError):
        return None  # Whoever got hold of the channel wrote something of its own.
    return found


def _outcome(program: Program, told: _Told) -> Outcome:
    tests = program.tests
    passed = sum(told.tests.get(number, False) for number in range(tests))
    ending = "" if told.is_done else _ending(told)
    # A program that did not come to its end has failed at least one test.
    return Outcome(min(passed, tests if told.is_done else tests - 1), tests, ending or told.problem)


def _ending(told: _Told) -> str:
    if told.is_too_long:
        return "wrote more than it may"
    if told.is_late:
        return "did not come to an end in time"
    return "ended before the tests were over: out of processor time, out of memory, or by its own doing"


def _why(told: _Told, errors: str) -> str:
    if told.refused:
        return told.refused
    if told.is_late:
        return "the sandbox did not start in time"
    lines = [line for line in errors.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "the sandbox ended before it began"
