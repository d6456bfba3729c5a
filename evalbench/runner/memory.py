"""Give memory that one stage no longer needs back to the system, before the next wants its own."""

from __future__ import annotations

import ctypes
from contextlib import suppress


def give_back() -> None:
    """Let go of freed memory that the C library keeps for later, where it is one that can be told to."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
