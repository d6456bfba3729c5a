"""Show a stored run again, in any format, without calling any model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evalbench.assembly.concluded import Concluded
from evalbench.assembly.options import ProjectOptions
from evalbench.assembly.outputs import export, refresh_index, render, write_reports
from evalbench.assembly.project import settle
from evalbench.assembly.stored import load_concluded
from evalbench.config.prices_file import load_prices
from evalbench.pricing.repricing import PriceBook

FILE_ONLY = ("parquet",)
FORMATS = ("html", "md", "json", "junit", "csv", *FILE_ONLY)
_ENDINGS = {"html": "html", "md": "md", "json": "json", "junit": "xml", "csv": "csv", "parquet": "parquet"}


def read(
    options: ProjectOptions, reference: str, prices: Sequence[Path] = (), as_of: str | None = None
) -> Concluded:
    """The run that `reference` names, with what follows from it, at its own prices or at a file's."""
    book = None
    if prices or as_of is not None:
        found = load_prices(prices, as_of)
        book = PriceBook(found.path.name, found.as_of, found.prices)
    return load_concluded(settle(options).ledger, reference, book)


def as_text(concluded: Concluded, form: str, *, with_texts: bool) -> str:
    """The run in one of the text formats."""
    return render(concluded, form, with_texts=with_texts)


def to_file(concluded: Concluded, form: str, path: Path | None, *, with_texts: bool) -> Path:
    """Write the run to a file; without a path, beside where the command was started."""
    place = path or Path(f"{concluded.run.manifest.id}.{_ENDINGS[form]}")
    export(concluded, form, place, with_texts=with_texts)
    return place


def to_folder(options: ProjectOptions, concluded: Concluded, *, with_texts: bool) -> Path:
    """Write the run's report folder again; returns the page for people.

    At other prices only a page of its own is written: the folder tells what the run found.
    """
    reports, run_id = settle(options).reports, concluded.run.manifest.id
    if concluded.prices is not None:
        page = reports / run_id / f"report-at-prices-of-{concluded.prices.as_of}.html"
        return to_file(concluded, "html", page, with_texts=with_texts)
    page = write_reports(concluded, reports / run_id, with_texts=with_texts)
    refresh_index(reports)
    return page
