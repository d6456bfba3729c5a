from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from evalbench.runner.memory import give_back

STATUS = Path("/proc/self/status")


def resident_kb() -> int:
    lines = STATUS.read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


@pytest.mark.skipif(
    not STATUS.is_file() or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="needs glibc and /proc"
)
def test_what_was_freed_goes_back_to_the_system() -> None:
    freed = [b"x" * 100_000 for _ in range(500)]
    kept = b"x" * 100_000  # Stands above them, so that they cannot be let go of without being asked.
    del freed
    before = resident_kb()

    give_back()

    assert resident_kb() < before - 30_000
    assert kept
