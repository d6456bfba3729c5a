"""What an export wrote, in words and for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evalbench.reports.numbers import plural
from evalbench.reports.plain_text import one_line
from evalbench.workflows.export_run import Exported

SCHEMA = "evalbench.export/1"


def exported_lines(found: Exported, file: Path | None, flags: str) -> Iterator[str]:
    """What was written and what to mind, ending with the command that imports it again."""
    lacking = f", and {plural(found.missing, 'line')} of missing ones" if found.missing else ""
    where = "" if file is None else f" to {one_line(str(file))}"
    yield f"wrote {plural(found.answers, 'answer')}{lacking} of run {found.run}{where}"
    for note in found.notes:
        yield f"note: {one_line(note)}"
    yield f"next: {found.command}{flags}"


def exported_json(found: Exported, form: str, file: Path | None, flags: str) -> dict[str, Any]:
    """The same as plain data; `models` are the names in the file by tier."""
    return {
        "schema": SCHEMA,
        "run": found.run,
        "format": form,
        "file": None if file is None else str(file),
        "answers": found.answers,
        "missing": found.missing,
        "models": dict(found.models),
        "tasks": [
            {
                "name": task.name,
                "answers": task.answers,
                "missing": task.missing,
                "not_graded": task.not_graded,
                "not_asked": task.not_asked,
            }
            for task in found.tasks
        ],
        "notes": list(found.notes),
        "next": f"{found.command}{flags}",
    }
