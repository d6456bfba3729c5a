"""Words for days, months and years in several languages, and days that do not exist."""

from __future__ import annotations

import random
from datetime import date
from typing import Final

MILLENNIUM: Final = 2000
LEAP_DAY: Final = (2, 29)
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
GERMAN: Final = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni"),
    *("Juli", "August", "September", "Oktober", "November", "Dezember"),
)
FRENCH: Final = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
SPANISH: Final = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)
ITALIAN: Final = (
    *("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno"),
    *("luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"),
)
POLISH: Final = (
    *("stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca"),
    *("lipca", "sierpnia", "września", "października", "listopada", "grudnia"),
)
ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
HOLIDAYS: Final = {
    (1, 1): "New Year's Day",
    (2, 14): "Valentine's Day",
    LEAP_DAY: "leap day",
    (4, 1): "April Fools' Day",
    (10, 31): "Halloween",
    (12, 24): "Christmas Eve",
    (12, 25): "Christmas Day",
    (12, 31): "New Year's Eve",
}
_ONES: Final = (
    *(
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS: Final = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth", "twenty": "twentieth", "thirty": "thirtieth",
}  # fmt: skip
_TEENS: Final = (11, 12, 13)


def ordinal(number: int) -> str:
    """The number with its ending, such as 1st or 22nd."""
    ending = "th" if number in _TEENS else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def spelled(number: int) -> str:
    """A number below one hundred in words."""
    if number < len(_ONES):
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")


def spelled_ordinal(number: int) -> str:
    """First, second, thirty-first: without a capital."""
    head, joint, last = spelled(number).rpartition("-")
    return head + joint + _ORDINALS.get(last, f"{last}th")


def spelled_year(year: int) -> str:
    """A year as it is spoken."""
    century, rest = divmod(year, 100)
    if year >= MILLENNIUM and rest < 10:  # noqa: PLR2004 - two thousand and nine
        return "two thousand" + (f" and {spelled(rest)}" if rest else "")
    return f"{spelled(century)} {spelled(rest)}" if rest else f"{spelled(century)} hundred"


def other_digits(text: str, zero: str) -> str:
    """The text with its digits in another script, that of the given zero."""
    return text.translate({ord("0") + digit: chr(ord(zero) + digit) for digit in range(10)})


def impossible(day: date, dice: random.Random) -> str:
    """A day that no calendar has."""
    short = dice.choice([4, 6, 9, 11])
    common = day.year // 4 * 4 + dice.randint(1, 3)
    return dice.choice(
        (
            f"31 {MONTHS[short - 1]} {day.year}",
            f"{MONTHS[1]} 30, {day.year}",
            f"29 February {common}",
            f"{day.year}-13-{day.day:02}",
            f"{day.year}-{short:02}-31",
            f"the 32nd of {MONTHS[day.month - 1]} {day.year}",
            f"day 367 of the year {day.year}",
        )
    )
