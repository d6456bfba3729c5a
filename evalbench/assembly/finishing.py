"""Conclude from a run that has ended, and write its reports: all that is needed only then is loaded here."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from evalbench.assembly.concluded import Concluded
from evalbench.assembly.outputs import refresh_index, write_reports
from evalbench.assembly.stored import conclude, load_run
from evalbench.runner.memory import give_back
from evalbench.store.read import find_run


def finish_reports(connection: sqlite3.Connection, run_id: str, folder: Path) -> tuple[Concluded, Path]:
    """What follows from a stored run, and the page about it in `folder`; the index beside is renewed."""
    concluded = conclude(load_run(connection, find_run(connection, run_id)))
    give_back()
    page = write_reports(concluded, folder)
    refresh_index(folder.parent)
    return concluded, page
