"""Recognise what is written like an address, an order number, a date, a time, a price or a name."""

from __future__ import annotations

import re
from collections.abc import Mapping

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_COUNT = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_DOT = r"(?:\.|\bdot\b|\(dot\)|\[dot\])"
_AT = r"(?:@|\bat\b|\(at\)|\[at\])"
_HOST = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"

PATTERNS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern, flags)
    for name, pattern, flags in (
        ("email", rf"[\w.+-]{{1,64}}@{_HOST}", 0),
        (
            "spoken_email",
            rf"\w{{1,64}}(?:\s?(?:{_DOT}|[+-])\s?\w+)*\s?{_AT}\s?\w+(?:-\w+)*(?:\s?{_DOT}\s?\w+)+",
            re.IGNORECASE,
        ),
        ("url", r"https?://[^\s<>\"]+[^\s<>\".,)]", 0),
        ("iso_date", r"\b\d{4}-\d{2}-\d{2}\b", 0),
        ("numeric_date", r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b", 0),
        ("month_date", rf"\b{_DAY}(?: of)? {_MONTH}\b(?:,? \d{{4}}\b)?", re.IGNORECASE),
        ("month_first_date", rf"\b{_MONTH} (?:the )?{_DAY}\b(?:,? \d{{4}}\b)?", re.IGNORECASE),
        ("weekday", rf"\b(?:(?:next|this|coming) )?{_WEEKDAY}\b", re.IGNORECASE),
        ("relative_day", r"\b(?:today|tonight|tomorrow|day after tomorrow|next week)\b", re.IGNORECASE),
        ("clock", r"\b\d{1,2}[:.]\d{2}(?: ?[ap]\.?m\b\.?)?", re.IGNORECASE),
        ("hour", r"\b\d{1,2} ?(?:[ap]\.?m\b\.?|o'?clock\b)", re.IGNORECASE),
        ("price", r"(?:[€$£] ?\d[\d.,]*\d|[€$£] ?\d|\b\d[\d.,]* ?(?:€|\$|£|(?:EUR|USD|GBP|CHF)\b))", 0),
        ("phone", r"(?:\+|\(|\b)\d[\d ()/.-]{5,25}\d\b", 0),
        ("code", r"\b(?=[\w./-]*\d)[A-Za-z0-9]+(?:[./_-][A-Za-z0-9]+)*\b", 0),
        (
            "split_code",
            r"\b(?=[\w./-]*\d)[A-Za-z0-9]+(?:[./_-]\s?[A-Za-z0-9]+|\s[A-Za-z]?\d[A-Za-z0-9]*)+\b",
            0,
        ),
        ("number", r"(?<![\w.,-])-?\d+(?:[.,]\d+)*(?![\w-])", 0),
        ("count", rf"\b{_COUNT}\b", re.IGNORECASE),
        ("capitalised", r"\b[A-Z][\w'\u2019-]+(?: [A-Z][\w'\u2019-]+){0,3}\b", 0),
        ("capital_word", r"\b[A-Z][\w'\u2019-]+\b", 0),
        ("quoted", r"(?<=[\"\u201c'\u2018])[^\"\u201d\u201c'\u2018\u2019\n]{1,80}(?=[\"\u201d'\u2019])", 0),
        ("after_colon", r"(?<=: )[^\n]{1,80}", 0),
    )
}
"""Kinds of values by name; matches of different kinds may overlap."""


def matches(text: str, names: tuple[str, ...]) -> dict[tuple[int, int], tuple[str, ...]]:
    """Where a text matches which of the patterns: start and end with the names."""
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    for name in names:
        for match in PATTERNS[name].finditer(text):
            found[match.span()] = (*found.get(match.span(), ()), name)
    return found
