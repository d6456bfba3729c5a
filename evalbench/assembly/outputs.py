"""Write everything a finished run leaves in its report folder, and the index beside it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from evalbench.assembly.concluded import Concluded
from evalbench.assembly.whole_file import whole_file
from evalbench.core.run import Run
from evalbench.errors import InputError
from evalbench.reports.html import render_html
from evalbench.reports.index import render_index
from evalbench.reports.junit import render_junit
from evalbench.reports.markdown import render_markdown
from evalbench.reports.summary import summary, to_json
from evalbench.reports.tables import csv_text, rows, write_parquet

SUMMARY_FILE = "summary.json"


def summary_of(concluded: Concluded) -> dict[str, Any]:
    """The summary of a run as plain data."""
    return summary(concluded.run, concluded.findings, concluded.monthly)


def write_reports(concluded: Concluded, folder: Path, *, with_texts: bool = True) -> Path:
    """Write every report of a run; returns the page for people."""
    run, findings = concluded.run, concluded.findings
    page = folder / "report.html"
    _replace(page, render_html(run, findings, concluded.monthly, with_texts=with_texts))
    _replace(folder / SUMMARY_FILE, to_json(summary_of(concluded)))
    _replace(folder / "summary.md", render_markdown(run, findings, concluded.monthly))
    _replace(folder / "junit.xml", render_junit(run, findings))
    _replace_parquet(folder / "results.parquet", run, with_texts=with_texts)
    return page


def refresh_index(reports: Path) -> None:
    """Rebuild the list of runs from the summaries that are there."""
    _replace(reports / "index.html", render_index(read_summaries(reports)))


def read_summaries(reports: Path) -> list[dict[str, Any]]:
    """The stored summaries, newest first; a file that is no summary is left out of the list."""
    found = []
    for path in reports.glob(f"*/{SUMMARY_FILE}"):
        try:
            summary_data = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            continue  # Somebody else's file, or one being written: the list shows what can be read.
        if isinstance(summary_data, dict) and summary_data.get("schema") == "evalbench.summary/1":
            found.append(summary_data)
    return sorted(found, key=lambda data: (data["run"]["created"], data["run"]["id"]), reverse=True)


def render(concluded: Concluded, form: str, *, with_texts: bool = True) -> str:
    """A run as text in one of the text formats: html, md, json, junit or csv."""
    run, findings = concluded.run, concluded.findings
    renderers: dict[str, Callable[[], str]] = {
        "html": lambda: render_html(run, findings, concluded.monthly, with_texts=with_texts),
        "md": lambda: render_markdown(run, findings, concluded.monthly),
        "json": lambda: to_json(summary_of(concluded)),
        "junit": lambda: render_junit(run, findings),
        "csv": lambda: csv_text(rows(run, with_texts=with_texts)),
    }
    return renderers[form]()


def export(concluded: Concluded, form: str, path: Path, *, with_texts: bool = True) -> None:
    """Write a run to a file in any format, the two table formats included."""
    try:
        if form == "parquet":
            _replace_parquet(path, concluded.run, with_texts=with_texts)
        else:
            _replace(path, render(concluded, form, with_texts=with_texts))
    except OSError as error:
        raise InputError(
            f"{str(path)!r} cannot be written: {error}", "name another file with -o FILE."
        ) from error


def _replace_parquet(path: Path, run: Run, *, with_texts: bool) -> None:
    with whole_file(path) as part:
        write_parquet(run, part, with_texts=with_texts)


def _replace(path: Path, text: str) -> None:
    with whole_file(path) as part:
        part.write_text(text, "utf-8", newline="\n")
