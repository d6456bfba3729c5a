"""Disk space set aside, so that answers under way can still be stored when the disk is full."""

from __future__ import annotations

import os
from pathlib import Path

from evalbench.store.ledger import ledger_error

RESERVE_BYTES = 8_000_000
"""Room for what a few hundred calls under way may still bring."""


class Reserve:
    """A file of zeros beside the ledger, given up when space runs out.

    Raises `StoreError` when there is no room for it: better before the first call than after.
    """

    def __init__(self, ledger: Path, size_bytes: int = RESERVE_BYTES) -> None:
        self._path = ledger.with_name(f"{ledger.name}-reserve")
        try:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, size_bytes)
        except OSError as error:
            self.give_up()
            raise ledger_error(ledger, error) from error

    def give_up(self) -> bool:
        """Free the space; False if that was done before."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True
