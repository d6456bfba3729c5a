"""Bring what people write in many ways into one form: dates, prices, phone numbers, names, numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from evalbench.core.evalset import JsonValue
from evalbench.graders.extras import require
from evalbench.graders.numbers import numbers_in
from evalbench.graders.text import tidied

ORDERS = ("unknown", "DMY", "MDY", "YMD")
"""In which order dates in digits have their parts; where it is unknown, `01/02/2024` is no date."""

_LONGEST = 60
_EFFORT, _EFFORT_OF_WORDS = 20, 1500
_LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "cs", "ru", "tr", "zh", "ja", "ko"]
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}.*)?")
_CURRENCIES = {
    **dict.fromkeys(("$", "us$", "dollar", "dollars"), "USD"),
    **dict.fromkeys(("€", "euro", "euros"), "EUR"),
    **dict.fromkeys(("£", "pound", "pounds"), "GBP"),
    **dict.fromkeys(("¥", "yen"), "JPY"),
    **dict.fromkeys(("fr", "sfr", "francs"), "CHF"),
}
_CODE = re.compile(r"[a-z]{3}")
_PHONE = re.compile(r"\+?[\d\s()./\-\u2010-\u2015]+")
_TITLES = frozenset(
    [
        *("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "madam", "herr", "frau", "hr", "fr"),
        *("m", "mme", "mlle", "sr", "sra", "srta", "sig", "signora", "ing"),
    ]
)
_SUFFIXES = frozenset(["jr", "sr", "ii", "iii", "iv", "phd", "md", "esq"])


class Price(NamedTuple):
    """An amount, and the code of its currency where one is named."""

    amount: Fraction
    currency: str | None


class Reader(NamedTuple):
    """Reads values of one form: equal for values that say the same, None for what cannot be read."""

    form: str
    read: Callable[[JsonValue], Hashable | None]

    def effort(self, text: str) -> int:
        """How many plain comparisons take as long as reading this text."""
        return _EFFORT_OF_WORDS if self.form == "date" and not _ISO.fullmatch(text) else _EFFORT


@dataclass(frozen=True, slots=True)
class Reading:
    """How the readers read what is ambiguous: the order of dates, and the country of phone numbers."""

    date_order: str = "unknown"
    country_code: int | None = None

    def reader(self, form: str) -> Reader:
        """The reader of one of `FORMS`.

        Raises:
            MissingExtraError: it needs a package that is not installed.
        """
        if form in PACKAGES:
            require("json_fields", PACKAGES[form], "extract")
        readers: dict[str, Callable[[JsonValue], Hashable | None]] = {
            "date": lambda value: _date(value, self.date_order),
            "price": price_of,
            "phone": lambda value: _phone(value, self.country_code),
            "name": _name,
            "number": _number,
            "exact": lambda value: value if isinstance(value, str) else None,
        }
        return Reader(form, readers[form])


FORMS = ("date", "price", "phone", "name", "number", "exact")
"""What a field may hold."""

PACKAGES = {"date": "dateparser", "price": "price_parser"}
"""The modules that reading some of them takes, of the extra `extract`."""


def agree(answer: Hashable, target: Hashable) -> bool:
    """Whether two forms say the same; where the target names no currency, any will do."""
    if isinstance(answer, Price) and isinstance(target, Price) and target.currency is None:
        return answer.amount == target.amount
    return answer == target


def _date(value: JsonValue, order: str) -> date | None:
    text = _short(value)
    if text is None or not any(map(str.isdigit, text)):
        return None
    if found := _ISO.fullmatch(text):
        try:
            return date.fromisoformat(found[1])
        except ValueError:
            return None
    if order != "unknown":
        return _parsed_date(text, order)
    day = _parsed_date(text, "DMY")
    is_clear = any(map(str.isalpha, text)) or day == _parsed_date(text, "MDY")
    return day if is_clear else None


@lru_cache(maxsize=4096)
def _parsed_date(text: str, order: str) -> date | None:
    import dateparser

    found = dateparser.parse(
        text,
        languages=_LANGUAGES,
        settings={
            "DATE_ORDER": order,
            "PARSERS": ["absolute-time"],  # "tomorrow" is another day on every other day.
            "REQUIRE_PARTS": ["day", "month", "year"],
        },
    )
    return None if found is None else found.date()


def price_of(value: JsonValue) -> Price | None:
    """The amount and the currency of `224.88 EUR`, `1.204,50 €`, `$20` or a plain number."""
    if isinstance(value, Decimal):
        return Price(Fraction(value), None)
    text = _short(value)
    if text is None:
        return None
    from price_parser import Price as ParsedPrice

    found = ParsedPrice.fromstring(text)
    if found.amount is None or found.amount_text is None:
        return None
    before, _, after = text.replace("'", "").partition(found.amount_text.replace("'", ""))
    words = re.findall(r"[^\s\d.,:()\-]+", f"{before} {after}".lower())
    codes = [_CURRENCIES.get(word, word.upper() if _CODE.fullmatch(word) else None) for word in words]
    if None in codes or len(set(codes)) > 1 or any(map(str.isdigit, before + after)):
        return None  # "1 million" or "2 for 5 EUR" is more than an amount.
    before = before.strip()
    sign = (
        -1 if before.startswith(("-", "(")) or before.endswith("-") else 1
    )  # "(5.00)" is a bookkeeper's minus.
    return Price(sign * Fraction(found.amount), codes[0] if codes else None)


def _phone(value: JsonValue, country_code: int | None) -> str | None:
    text = _short(str(value) if isinstance(value, Decimal) else value)
    if text is None or not _PHONE.fullmatch(text):
        return None
    is_abroad = text.lstrip(" (").startswith(("+", "00"))
    # The trunk prefix that is left out from abroad: +49 (0)30 123456.
    digits = re.sub(r"\D", "", text.replace("(0)", "") if is_abroad else text)
    if is_abroad:
        return f"+{digits.removeprefix('00')}"
    return digits if country_code is None else f"+{country_code}{digits.removeprefix('0')}"


def _name(value: JsonValue) -> tuple[str, ...] | None:
    text = _short(value)
    if text is None:
        return None
    plain = "".join(
        character
        for character in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(character)
    )
    parts = [re.findall(r"[^\W_]+", part) for part in plain.split(",")]
    if len(parts) == 2 and parts[0] and parts[1] and not _SUFFIXES.issuperset(parts[1]):  # noqa: PLR2004 - "Berg, Anna"
        parts.reverse()
    words = [word for part in parts for word in part]
    while len(words) > 1 and words[0] in _TITLES:
        del words[0]
    return tuple(words) or None


def _number(value: JsonValue) -> Fraction | None:
    if isinstance(value, Decimal):
        return Fraction(value)
    text = _short(value)
    found = [] if text is None else list(numbers_in(text))
    return found[0] if len(found) == 1 else None


def _short(value: JsonValue) -> str | None:
    return tidied(value) if isinstance(value, str) and len(value) <= _LONGEST else None
