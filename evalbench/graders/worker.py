"""Do work that may hang, crash or eat memory in processes of its own, each with a deadline."""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from evalbench.core.completion import Failure
from evalbench.core.evalset import JsonValue

WORKERS = max(1, min(4, (os.cpu_count() or 1)))
"""More of them would only take the processor from each other, and from the calls being timed."""

_START_S = 60.0
_MOST_BYTES = 4_000_000
_CHUNK_BYTES = 65_536
# Keys and other secrets of the caller are no business of a process that reads what a model wrote.
_PASSED_ON = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH", "TMPDIR", "VIRTUAL_ENV")


class WorkerPool:
    """Processes that run one script and answer one JSON line with one JSON line.

    A worker that misses its deadline, dies or says something unreadable is killed and the next
    piece of work gets a fresh one, so that no answer can spoil another's judgement. What went
    wrong is returned as a `Failure`. May be used from several threads.
    """

    def __init__(self, script: Path, workers: int = WORKERS) -> None:
        self._script = script
        self._free = threading.Semaphore(workers)
        self._idle: list[_Worker] = []
        self._lock = threading.Lock()
        atexit.register(self.close)

    def do(self, work: Mapping[str, JsonValue], deadline_s: float) -> dict[str, Any] | Failure:
        """What the script answers to `work`, or why there is no answer within `deadline_s` seconds."""
        with self._free:
            with self._lock:
                worker = self._idle.pop() if self._idle else None
            try:
                worker = worker or _Worker.started(self._script)
                answer = worker.do(work, deadline_s)
            except OSError as error:
                return Failure("worker", f"no process could be started: {error}", retryable=True)
            if isinstance(answer, Failure):
                worker.kill()
            else:
                with self._lock:
                    self._idle.append(worker)
            return answer

    def close(self) -> None:
        """End all processes that are idle; a later piece of work starts new ones."""
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@dataclass(slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    is_ready: bool = False
    _read: bytearray = field(default_factory=bytearray)

    @classmethod
    def started(cls, script: Path) -> _Worker:
        environ = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return cls(
            subprocess.Popen(  # noqa: S603 - a script of this package
                [sys.executable, "-P", str(script)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environ,
                start_new_session=True,  # Ctrl-C is for the run, which ends its workers itself.
            )
        )

    def do(self, work: Mapping[str, JsonValue], deadline_s: float) -> dict[str, Any] | Failure:
        if not self.is_ready:
            # Loading a library must not count against the first answer.
            hello = self._line(_START_S)
            if isinstance(hello, Failure):
                return hello
            self.is_ready = True
        ends_s = time.monotonic() + deadline_s
        failure = self._send(json.dumps(work).encode() + b"\n", ends_s)
        return failure or self._line(deadline_s, ends_s)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue  # What was never read is of no use to a process that is gone.

    def _send(self, line: bytes, ends_s: float) -> Failure | None:
        pipe = self.process.stdin
        if pipe is None:
            raise AssertionError(self.process.args)
        os.set_blocking(pipe.fileno(), False)
        while line:
            _, writable, _ = select.select([], [pipe], [], max(0.0, ends_s - time.monotonic()))
            if not writable:
                return Failure("worker_timeout", "the judging process did not take its work in time")
            try:
                line = line[os.write(pipe.fileno(), line[:_CHUNK_BYTES]) :]
            except BrokenPipeError:
                return self._died()
        return None

    def _line(self, deadline_s: float, ends_s: float | None = None) -> dict[str, Any] | Failure:
        pipe = self.process.stdout
        if pipe is None:
            raise AssertionError(self.process.args)
        ends_s = time.monotonic() + deadline_s if ends_s is None else ends_s
        while b"\n" not in self._read:
            readable, _, _ = select.select([pipe], [], [], max(0.0, ends_s - time.monotonic()))
            if not readable:
                return Failure("worker_timeout", f"judging took longer than {deadline_s:g} s")
            chunk = os.read(pipe.fileno(), _CHUNK_BYTES)
            if not chunk:
                return self._died()
            self._read += chunk
            if len(self._read) > _MOST_BYTES:
                return Failure("worker", "the judging process said more than it may")
        line, _, rest = self._read.partition(b"\n")
        self._read = bytearray(rest)
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            return Failure("worker", "the judging process said something unreadable")
        return answer

    def _died(self) -> Failure:
        code = self.process.wait()
        why = f"was ended by signal {-code}" if code < 0 else f"ended with status {code}"
        return Failure("worker", f"the judging process {why}")
