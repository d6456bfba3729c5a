"""One run at a time on one ledger: two at once would pay for the same answers twice."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from evalbench.store.ledger import ledger_error


@contextmanager
def sole_run(ledger: Path, waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold the ledger for one run; while another process runs on it, wait for that to end.

    `waiting` is told so. The lock belongs to the process, so it goes with it, also after
    kill -9. Reading a ledger that is held is always possible.
    """
    path = ledger.with_name(f"{ledger.name}-lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise ledger_error(ledger, error) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting(f"another run is using the ledger {str(ledger)!r}; this one waits until it has ended")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
