"""Read price files: what models cost as of a day, so that a stored run can be shown at other prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from evalbench.config.model_file import PriceFile
from evalbench.config.settings_file import Record, Word, check_file
from evalbench.core.models import Price
from evalbench.errors import InputError

_ENDINGS = ("*.yaml", "*.yml")


def _iso_date(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise ValueError(f"is {value!r}, which is no date; write it like 2026-12-01") from error


IsoDate = Annotated[Word, AfterValidator(_iso_date)]


class PricesFile(Record):
    """Everything a price file may say."""

    as_of: IsoDate = Field(description="The day these prices hold, like 2026-12-01.")
    prices: dict[str, PriceFile] = Field(
        min_length=1, description="What each model costs, by model id; a name without its provider will do."
    )


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices of one file, by model name."""

    path: Path
    as_of: str
    prices: dict[str, Price]


def load_prices(places: Sequence[Path], as_of: str | None) -> Prices:
    """The newest of these price files, not after `as_of` where that is given.

    A folder stands for the price files in it.
    """
    day = None if as_of is None else _asked_day(as_of)
    found = [_read(path) for place in places for path in _files(place)]
    if not found:
        raise InputError(
            "there is no price file to take older or newer prices from",
            "write one with `as_of: DATE` and `prices: {MODEL: {input: 1.0, output: 4.0}}`, "
            "and name it with --prices FILE.",
        )
    in_time = [prices for prices in found if day is None or prices.as_of <= day]
    if not in_time:
        oldest = min(found, key=lambda prices: prices.as_of)
        raise InputError(
            f"no price file is as old as {day}: the oldest, {oldest.path}, is of {oldest.as_of}",
            f"ask for --as-of {oldest.as_of} or later, or add an older file.",
        )
    return max(in_time, key=lambda prices: prices.as_of)


def _asked_day(text: str) -> str:
    try:
        return _iso_date(text)
    except ValueError as error:
        raise InputError(f"--as-of {error}", "write --as-of 2026-12-01.") from error


def _files(place: Path) -> list[Path]:
    if not place.is_dir():
        return [place]
    return sorted(path for ending in _ENDINGS for path in place.glob(ending))


def _read(path: Path) -> Prices:
    checked = check_file(path, PricesFile)
    said, problems = checked.said, checked.problems
    if said is None:
        listed = "".join(f"\n  {problem}" for problem in problems[1:])
        raise InputError(problems[0] + listed, f"mend {path}.")
    prices = {
        name: Price(**price.model_dump(), source=path.name, as_of=said.as_of)
        for name, price in said.prices.items()
    }
    return Prices(path, said.as_of, prices)
