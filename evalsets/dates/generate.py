"""Writes the items of this eval set from hand-written sentences, byte for byte the same each time.

python evalsets/dates/generate.py            writes items.jsonl and train.jsonl
python evalsets/dates/generate.py --check    compares them with what would be written
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import words

FOLDER: Final = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent))

from writing import (  # noqa: E402 - it lies beside the folders of the sets
    Collection,
    Filler,
    Row,
    by_label,
    drawn,
    numbered,
    read_lines,
    write_or_check,
)

SEED: Final = 71
PER_WAY: Final = {"train": 9, "test": 8}
FIRST_YEAR: Final = 1951
LAST_YEAR: Final = 2034
DAY: Final = timedelta(days=1)

Way = Callable[[date, random.Random], str]


def _two(year: int) -> str:
    return f"{year % 100:02}"


def _clock(dice: random.Random) -> str:
    return f"{dice.randint(0, 23):02}:{dice.randint(0, 59):02}:{dice.randint(0, 59):02}"


def _week(day: date) -> str:
    year, week, weekday = day.isocalendar()
    return f"{year}-W{week:02}-{weekday}"


WRITTEN: Final[Mapping[str, Way]] = {
    "day month year": lambda day, _: f"{day.day} {words.MONTHS[day.month - 1]} {day.year}",
    "month day, year": lambda day, _: f"{words.MONTHS[day.month - 1]} {day.day}, {day.year}",
    "ordinal": lambda day, _: f"the {words.ordinal(day.day)} of {words.MONTHS[day.month - 1]} {day.year}",
    "weekday": lambda day, _: (
        f"{words.WEEKDAYS[day.weekday()]}, {day.day} {words.MONTHS[day.month - 1]} {day.year}"
    ),
    "short month": lambda day, _: f"{words.MONTHS[day.month - 1][:3]}. {day.day:02} {day.year}",
    "upper case": lambda day, _: f"{day.day:02}-{words.MONTHS[day.month - 1][:3].upper()}-{day.year}",
    "year first": lambda day, _: f"{day.year}, {words.MONTHS[day.month - 1]} {words.ordinal(day.day)}",
    "compact": lambda day, _: f"{day:%Y%m%d}",
    "slashes, year first": lambda day, _: f"{day.year}/{day.month}/{day.day}",
    "with a time": lambda day, dice: f"{day.isoformat()}T{_clock(dice)}Z",
    "mail header": lambda day, dice: (
        f"{words.WEEKDAYS[day.weekday()][:3]}, {day.day:02} {words.MONTHS[day.month - 1][:3]} {day.year} "
        f"{_clock(dice)} +0000"
    ),
    "day first, said": lambda day, _: f"{day.day:02}/{day.month:02}/{day.year} (day/month/year)",
    "month first, said": lambda day, _: f"{day.month:02}/{day.day:02}/{day.year} (month/day/year)",
    "year in the middle": lambda day, _: f"{day.day:02}.{day.year}.{day.month:02} (day.year.month)",
    "two digits": lambda day, _: f"{day.day}.{day.month}.{_two(day.year)} (day.month.year, after 2000)",
    "roman month": lambda day, _: f"{day.day}.{words.ROMAN[day.month - 1]}.{day.year}",
    "ISO week": lambda day, _: f"{_week(day)} (ISO week date)",
    "day of the year": lambda day, _: f"day {day.timetuple().tm_yday} of the year {day.year}",
    "in words": lambda day, _: (
        f"the {words.spelled_ordinal(day.day)} of {words.MONTHS[day.month - 1]}, "
        f"{words.spelled_year(day.year)}"
    ),
    "spaced digits": lambda day, _: " ".join(f"{day:%d%m%Y}") + " (day, month, year)",
    "German": lambda day, _: f"{day.day}. {words.GERMAN[day.month - 1]} {day.year}",
    "French": lambda day, _: f"{day.day} {words.FRENCH[day.month - 1]} {day.year}",
    "Spanish": lambda day, _: f"{day.day} de {words.SPANISH[day.month - 1]} de {day.year}",
    "Italian": lambda day, _: f"{day.day} {words.ITALIAN[day.month - 1]} {day.year}",
    "Polish": lambda day, _: f"{day.day} {words.POLISH[day.month - 1]} {day.year}",
    "Japanese": lambda day, _: f"{day.year}年{day.month}月{day.day}日",
    "Arabic digits": lambda day, _: words.other_digits(
        f"{day.year}/{day.month:02}/{day.day:02}", "\N{ARABIC-INDIC DIGIT ZERO}"
    ),
    "Devanagari digits": lambda day, _: (
        words.other_digits(f"{day.day:02}-{day.month:02}-{day.year}", "\N{DEVANAGARI DIGIT ZERO}")
        + " (day-month-year)"
    ),
    "wide digits": lambda day, _: words.other_digits(
        f"{day.year}-{day.month:02}-{day.day:02}", "\N{FULLWIDTH DIGIT ZERO}"
    ),
    "some days after": lambda day, dice: _away(day, dice.randint(2, 40), "after"),
    "some days before": lambda day, dice: _away(day, -dice.randint(2, 40), "before"),
    "weeks later": lambda day, dice: _weeks(day, dice.randint(2, 9)),
    "day before": lambda day, _: f"the day before {_plain(day + DAY)}",
    "tomorrow": lambda day, _: f"tomorrow (today is {_plain(day - DAY)})",
    "day before yesterday": lambda day, _: f"the day before yesterday (written on {_plain(day + 2 * DAY)})",
    "last weekday": lambda day, dice: _last_weekday(day, dice.randint(1, 6)),
    "end of month": lambda day, _: f"the last day of {words.MONTHS[day.month - 1]} {day.year}",
    "nth weekday": lambda day, _: _nth_weekday(day),
    "holiday": lambda day, _: f"{words.HOLIDAYS[day.month, day.day]} {day.year}",
    "no such day": words.impossible,
}
"""Ways to write a day down, by name. What cannot be read in one way only says how it is meant."""


def _plain(day: date) -> str:
    return f"{day.day} {words.MONTHS[day.month - 1]} {day.year}"


def _away(day: date, days: int, word: str) -> str:
    return f"{abs(days)} days {word} {_plain(day - days * DAY)}"


def _weeks(day: date, weeks: int) -> str:
    return f"{words.spelled(weeks)} weeks to the day after {_plain(day - weeks * 7 * DAY)}"


def _last_weekday(day: date, days: int) -> str:
    return f"the last {words.WEEKDAYS[day.weekday()]} before {_plain(day + days * DAY)}"


def _nth_weekday(day: date) -> str:
    place = words.spelled_ordinal((day.day - 1) // 7 + 1)
    return f"the {place} {words.WEEKDAYS[day.weekday()]} of {words.MONTHS[day.month - 1]} {day.year}"


def some_day(way: str, dice: random.Random) -> date:
    """A day that can be written in this way."""
    day = date(FIRST_YEAR, 1, 1) + timedelta(dice.randrange(365 * (LAST_YEAR - FIRST_YEAR)))
    if way == "two digits":
        return day.replace(year=dice.randint(2001, 2034), day=min(day.day, 28))
    if way == "end of month":
        return (day.replace(day=28) + timedelta(4)).replace(day=1) - DAY
    if way == "holiday":
        month, number = dice.choice(list(words.HOLIDAYS))
        return date(day.year // 4 * 4 if (month, number) == words.LEAP_DAY else day.year, month, number)
    return day


def row(way: str, carriers: list[str], split: str, filler: Filler) -> Row:
    """One sentence with a date in it."""
    day = some_day(way, filler.dice)
    filler.held["date"] = WRITTEN[way](day, filler.dice)
    return {
        "text": filler.fill(filler.dice.choice(carriers)),
        "date": "none" if way == "no such day" else day.isoformat(),
        "tags": [way],
        "group": f"{split} {way}",
    }


def contents() -> dict[Path, str]:
    """What the two files should hold."""
    dice, collection = random.Random(SEED), Collection()
    filler = Filler({"number": ["<2-99>"]}, dice)
    carriers, found = by_label(read_lines(FOLDER / "carriers.txt"))["carrier"], {}
    for at, (split, name, prefix) in enumerate(
        (("train", "train.jsonl", "date-t"), ("test", "items.jsonl", "date-"))
    ):
        rows = [
            drawn(partial(row, way, carriers[at::2], split, filler), collection, split)
            for way in WRITTEN
            for _ in range(PER_WAY[split])
        ]
        found[FOLDER / name] = numbered(rows, prefix, dice)
    return found


if __name__ == "__main__":
    raise SystemExit(write_or_check(contents(), sys.argv[1:]))
