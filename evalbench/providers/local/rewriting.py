"""Rewrite what a text says into the form that targets have, where training shows that they differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from evalbench.core.evalset import JsonValue

Rewrite = Callable[[str], JsonValue]
"""Gives the value for a piece of text, or None where it cannot."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SPOKEN = (
    (re.compile(r"\s*(?:\(dot\)|\[dot\]|\bdot\b|\.)\s*", re.IGNORECASE), "."),
    (re.compile(r"\s*(?:\(at\)|\[at\]|\bat\b|@)\s*", re.IGNORECASE), "@"),
    (re.compile(r"\s+(?:underscore)\s+", re.IGNORECASE), "_"),
    (re.compile(r"\s+(?:dash|hyphen|minus)\s+", re.IGNORECASE), "-"),
)
_MILLENNIUM = 2000
_ALMOST_ALL = 0.99
_LONGEST_NUMBER = 300  # Python refuses to read much longer ones


def plain_address(text: str) -> str:
    """A mail address in its usual form: `anna dot berg at example dot org` is anna.berg@example.org."""
    for spoken, written in _SPOKEN:
        text = spoken.sub(written, text)
    return re.sub(r"\s", "", text).lower()


def decimal(text: str) -> JsonValue:
    """The number in a text, written the English way."""
    digits = re.sub(r"[^\d.,-]", "", text).replace(",", "").strip(".")
    return _number(digits)


def continental(text: str) -> JsonValue:
    """The number in a text that has a decimal comma and dots for thousands."""
    digits = re.sub(r"[^\d.,-]", "", text).strip(".,").replace(".", "").replace(",", ".")
    return _number(digits)


def _number(digits: str) -> JsonValue:
    if len(digits) > _LONGEST_NUMBER:
        return None
    try:
        return int(digits) if re.fullmatch(r"-?\d+", digits) else float(digits)
    except ValueError:
        return None


def iso_day_first(text: str) -> JsonValue:
    """A date as YYYY-MM-DD, where the day stands before the month."""
    return _iso(text, day_first=True)


def iso_month_first(text: str) -> JsonValue:
    """A date as YYYY-MM-DD, where the month stands before the day."""
    return _iso(text, day_first=False)


def _iso(text: str, *, day_first: bool) -> JsonValue:
    digits = re.findall(r"\d+", text)
    if any(len(found) > 4 for found in digits):  # noqa: PLR2004 - no year is that long
        return None
    numbers = [int(found) for found in digits]
    month = next((1 + _MONTHS.index(word) for word in _month_words(text)), None)
    if month is not None and len(numbers) == 2:  # noqa: PLR2004 - a day and a year, in this order
        year, day = numbers[1], numbers[0]
    elif len(numbers) == 3 and len(digits[0]) == 4:  # noqa: PLR2004 - year-month-day
        year, month, day = numbers
    elif len(numbers) == 3:  # noqa: PLR2004 - day, month and year
        day, month = (numbers[0], numbers[1]) if day_first else (numbers[1], numbers[0])
        year = numbers[2]
    else:
        return None
    try:
        return date(year + _MILLENNIUM if year < 100 else year, month, day).isoformat()  # noqa: PLR2004 - 24 is 2024
    except ValueError:
        return None


def _month_words(text: str) -> list[str]:
    return [word[:3] for word in re.findall(r"[a-z]{3,}", text.lower()) if word[:3] in _MONTHS]


REWRITES: Mapping[str, Rewrite] = {
    "as_written": lambda text: text,
    "spaces_joined": lambda text: " ".join(text.split()),
    "joined": lambda text: re.sub(r"\s", "", text),
    "lower": str.lower,
    "upper": str.upper,
    "title": str.title,
    "joined_lower": lambda text: re.sub(r"\s", "", text).lower(),
    "joined_upper": lambda text: re.sub(r"\s", "", text).upper(),
    "bare": lambda text: re.sub(r"[^\w]", "", text),
    "digits": lambda text: re.sub(r"\D", "", text),
    "address": plain_address,
    "decimal": decimal,
    "continental": continental,
    "iso_day_first": iso_day_first,
    "iso_month_first": iso_month_first,
}
"""Ways to rewrite by name, the least meddling first."""


def best_rewrite(pairs: Iterable[tuple[Sequence[str], JsonValue]]) -> tuple[str, float]:
    """The way that reproduces the most targets from any of their candidate texts, and its share.

    Of ways that do equally well, the one that changes the least is taken.
    """
    wanted = list(pairs)
    if not wanted:
        return next(iter(REWRITES)), 0.0
    best, reached = "", -1
    for name, rewrite in REWRITES.items():
        count = sum(any(_agrees(rewrite(text), value) for text in texts) for texts, value in wanted)
        if count > reached:
            best, reached = name, count
        if reached >= _ALMOST_ALL * len(wanted):
            break
    return best, reached / len(wanted)


def _agrees(found: JsonValue, value: JsonValue) -> bool:
    return type(found) is type(value) and bool(found == value)
