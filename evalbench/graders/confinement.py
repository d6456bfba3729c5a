"""What a sandbox is made of: who runs a program, with which Python, and what of the machine is there."""

from __future__ import annotations

import os
import platform
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from evalbench.graders.program import Limits

PROGRAM = "/run/program.py"
"""Where the program lies inside."""

_AT_ONCE = max(1, os.cpu_count() or 1)
_FIRST_UID, _UIDS = 61_184, 4_096
"""Numbers that systemd gives to passing services, so that no person and no file has one of them."""

_ROOT_DIRECTORIES = ("/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin")
_COUNTS_BY_NAMESPACE = (5, 14)
"""The first Linux whose limit on processes counts those inside the sandbox alone."""

_OWN_FOLDER = "/tmp"  # noqa: S108 - a new one, inside


class Slots:
    """How many programs run at once, each with a number of its own."""

    def __init__(self, count: int = _AT_ONCE) -> None:
        self._free = list(range(count))
        self._changed = threading.Condition()

    @contextmanager
    def taken(self) -> Iterator[int]:
        """A number that nobody else has meanwhile."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._free))
            slot = self._free.pop()
        try:
            yield slot
        finally:
            with self._changed:
                self._free.append(slot)
                self._changed.notify()


SLOTS = Slots()
"""Those of this process: more programs than processors would only take time from each other."""


def pythons() -> list[str]:
    """This very Python, and then the system's: a home folder may be closed to whoever is in the sandbox."""
    own = getattr(sys, "_base_executable", None) or sys.executable
    found = dict.fromkeys(
        os.path.realpath(path) for path in (own, "/usr/bin/python3", "/usr/local/bin/python3")
    )
    return [path for path in found if os.access(path, os.X_OK)]


def identity(slot: int) -> dict[str, Any]:
    """Who runs it: root becomes somebody who owns nothing, anybody else stays who they are."""
    if os.geteuid() != 0:
        return {}
    nobody = _FIRST_UID + (os.getpid() * _AT_ONCE + slot) % _UIDS
    return {"user": nobody, "group": nobody, "extra_groups": []}


def processes_outside(release: str = platform.release()) -> int:
    """How many processes of this user an older Linux would count against the sandbox."""
    numbers = release.partition("-")[0].split(".")[:2]
    kernel = tuple(int(number) for number in numbers if number.isdigit())
    if os.geteuid() == 0 or kernel >= _COUNTS_BY_NAMESPACE:
        return 0
    own = os.getuid()
    return sum(1 for entry in Path("/proc").iterdir() if entry.name.isdigit() and _owner(entry) == own)


def arguments(python: str, limits: Limits, script: int) -> list[str]:
    """Bubblewrap's: the system's libraries and one Python are there, read-only, and one small folder.

    `script` is the descriptor of the program, whose path may be closed to whoever runs it.
    """
    prefix = str(Path(python).parent.parent)
    given = [
        *("--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"),
        *("--unshare-cgroup-try", "--disable-userns", "--die-with-parent", "--new-session", "--clearenv"),
        *("--ro-bind", "/usr", "/usr"),
    ]
    for path in map(Path, _ROOT_DIRECTORIES):
        if path.is_symlink():
            given += ["--symlink", str(path.readlink()), str(path)]
        else:
            given += ["--ro-bind-try", str(path), str(path)]
    if prefix not in ("/", "/usr"):
        given += ["--ro-bind", prefix, prefix]
    return [
        *given,
        *("--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"),
        *("--size", str(limits.disk_bytes), "--tmpfs", _OWN_FOLDER),
        *("--ro-bind-data", str(script), PROGRAM, "--remount-ro", "/"),
        *("--setenv", "HOME", _OWN_FOLDER, "--setenv", "LANG", "C.UTF-8", "--chdir", _OWN_FOLDER),
        "--",
    ]


def _owner(entry: Path) -> int | None:
    try:
        return entry.stat().st_uid
    except OSError:
        return None  # It ended meanwhile.
