"""Find the numbers that people write, and compare them by value instead of by spelling."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from fractions import Fraction

_MOST_DIGITS = 400
_LARGEST_EXPONENT = 400

_VULGAR = re.compile("[¼-¾⅐-⅞]")
_MINUS = str.maketrans({"−": "-", "–": "-", "‐": "-", "‑": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " "})  # noqa: RUF001 - the characters that stand for minus and space
_LATEX = re.compile(r"\\(?:left|right|text|mathrm|,|;|!|\$|%)|\{,\}")
_LATEX_FRACTION = re.compile(r"\\[dt]?frac\s*\{\s*(-?\d{1,400})\s*\}\s*\{\s*(\d{1,400})\s*\}")

# Possessive quantifiers keep the search linear however long a run of digits is.
_NUMBER = re.compile(
    r"""
    (?<![A-Za-z0-9])(?<![A-Za-z0-9]_)(?<![0-9]\.)
    (?P<sign>(?<![\w)\]}%])[-+](?=[$€£¥]?\s?\.?\d))?
    (?:[$€£¥₹]\s?(?P<inner>-(?=\.?\d))?)?
    (?:
        (?P<whole>\d{1,400}+)[ ](?P<mixed_top>\d{1,9}+)/(?P<mixed_bottom>\d{1,9}+)(?![\d/])
      | (?<![0-9]/)(?P<top>\d{1,400}+)\s?/\s?(?P<bottom>\d{1,400}+)(?![\d/]|[.,]\d)
      | (?P<digits>
            \d{1,3}+(?:,\d{3})++(?!,?\d)
          | \d{1,3}+(?:[ ]\d{3})++(?!\d)
          | \d++
          | (?<!\.)(?=\.\d)
        )
        (?P<decimals>\.\d++)?
        (?:[eE](?P<exponent>[-+]?\d{1,9}+)(?!\w)|\s*(?:[x×·*]|\\times|\\cdot)\s*10\s?(?:\^|\*\*)\s?\{?(?P<power>[-+]?\d{1,9}+)\}?)?
    )
    """,  # noqa: RUF001 - the multiplication sign, as meant
    re.VERBOSE,
)


def numbers_in(text: str) -> Iterator[Fraction]:
    """Every number in `text`, in order, by value.

    Reads signs, currency, thousands separated by comma or space, decimals, powers of ten,
    fractions and mixed numbers. A percent sign and units are passed over, so `5%` is 5.
    Words such as `nan` are no numbers, nor is one too long to be meant. A comma is never read
    as the decimal sign: `1,5` is two numbers.
    """
    for found in _NUMBER.finditer(_plain(text)):
        value = _value(found)
        if value is not None:
            yield value


def in_base_units(text: str, units: Mapping[str, Fraction]) -> str:
    """The text with each number that one of these units follows multiplied by what the unit is worth."""
    names = "|".join(re.escape(name) for name in sorted(units, key=len, reverse=True))
    unit = re.compile(rf"[ -]?({names})(?![A-Za-z])")
    plain, parts, done = _plain(text), [], 0
    for found in _NUMBER.finditer(plain):
        value, named = _value(found), unit.match(plain, found.end())
        if value is not None and named is not None:
            parts += [plain[done : found.start()], _exactly(value * units[named[1]])]
            done = named.end()
    return "".join([*parts, plain[done:]])


def _exactly(number: Fraction) -> str:
    whole = number.denominator == 1
    return str(number.numerator) if whole else f"{number.numerator}/{number.denominator}"


def last_number_in(text: str) -> Fraction | None:
    """The last of `numbers_in(text)`, without working out the others."""
    values = map(_value, reversed(list(_NUMBER.finditer(_plain(text)))))
    return next((value for value in values if value is not None), None)


def written(number: Fraction) -> str:
    """A number in its shortest form: `20`, `0.25` or `1/3`."""
    if number.denominator == 1:
        text = str(number.numerator)
        return text if len(text) <= _MOST_DIGITS else f"{text[:20]}…"
    decimal = f"{float(number):.12g}" if abs(number) < 10**15 else ""
    is_same = bool(decimal) and Fraction(decimal) == number
    return decimal if is_same else f"{number.numerator}/{number.denominator}"


def _plain(text: str) -> str:
    """`text` without the spellings of one character that would each need a rule of their own."""
    if not text.isascii():
        text = _VULGAR.sub(_spelled_out, text).translate(_MINUS)
    if "\\" in text or "{" in text:
        text = _LATEX.sub("", _LATEX_FRACTION.sub(r"\1/\2", text))
    return text


def _spelled_out(found: re.Match[str]) -> str:
    fraction = unicodedata.normalize("NFKC", found[0]).replace("\N{FRACTION SLASH}", "/")
    return f" {fraction}" if found.start() and found.string[found.start() - 1].isdigit() else fraction


def _value(found: re.Match[str]) -> Fraction | None:
    amount = _amount(found)
    is_negative = (found["sign"] or found["inner"]) == "-"
    return -amount if amount is not None and is_negative else amount


def _amount(found: re.Match[str]) -> Fraction | None:
    if found["whole"]:
        part = _ratio(found["mixed_top"], found["mixed_bottom"])
        return None if part is None else int(found["whole"]) + part
    if found["top"]:
        return _ratio(found["top"], found["bottom"])
    digits = found["digits"].replace(",", "").replace(" ", "")
    decimals = found["decimals"] or ""
    exponent = int(found["exponent"] or found["power"] or 0)
    if len(digits) + len(decimals) > _MOST_DIGITS or abs(exponent) > _LARGEST_EXPONENT:
        return None
    value = Fraction(f"{digits or '0'}{decimals}") if decimals else Fraction(int(digits))
    return value * Fraction(10) ** exponent if exponent else value


def _ratio(top: str, bottom: str) -> Fraction | None:
    return Fraction(int(top), int(bottom)) if int(bottom) else None
