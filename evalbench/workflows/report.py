"""Show a stored run again, in any format, without calling any model."""

from __future__ import annotations

from pathlib import Path

from evalbench.assembly.options import ProjectOptions
from evalbench.assembly.outputs import export, refresh_index, render, write_reports
from evalbench.assembly.project import settle
from evalbench.assembly.stored import Concluded, load_concluded

FILE_ONLY = ("csv", "parquet")
FORMATS = ("html", "md", "json", "junit", *FILE_ONLY)
_ENDINGS = {"html": "html", "md": "md", "json": "json", "junit": "xml", "csv": "csv", "parquet": "parquet"}


def read(options: ProjectOptions, reference: str) -> Concluded:
    """The run that `reference` names, with what follows from it."""
    return load_concluded(settle(options).ledger, reference)


def as_text(concluded: Concluded, form: str, *, with_texts: bool) -> str:
    """The run in one of the text formats."""
    return render(concluded, form, with_texts=with_texts)


def to_file(concluded: Concluded, form: str, path: Path | None, *, with_texts: bool) -> Path:
    """Write the run to a file; without a path, beside where the command was started."""
    place = path or Path(f"{concluded.run.manifest.id}.{_ENDINGS[form]}")
    export(concluded, form, place, with_texts=with_texts)
    return place


def to_folder(options: ProjectOptions, concluded: Concluded, *, with_texts: bool) -> Path:
    """Write the run's report folder again; returns the page for people."""
    reports = settle(options).reports
    page = write_reports(concluded, reports / concluded.run.manifest.id, with_texts=with_texts)
    refresh_index(reports)
    return page
