"""Numbers as people read them: significant digits, units, and `unknown` where nothing is known."""

from __future__ import annotations

import math
from collections.abc import Callable

from evalbench.core import money
from evalbench.core.money import MINUS

UNKNOWN = "unknown"

_LEAST_USD = 0.001
_MOST_PLACES = 9


def _is_known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _signed(text: str, value: float) -> str:
    return f"{MINUS if value < 0 else ''}{text}"


def amount(value_usd: float | None) -> str:
    """What is paid or saved, to the cent: `$0.41`, `$8,140`."""
    return UNKNOWN if value_usd is None or not _is_known(value_usd) else money.amount(value_usd)


def price(value_usd: float | None) -> str:
    """What one unit costs, with the digits that matter: `$0.0000012`, `$1.90`."""
    return UNKNOWN if value_usd is None or not _is_known(value_usd) else money.price(value_usd)


def batch_cost(value_usd: float | None) -> str:
    """What a batch of items costs in a table, where less than a tenth of a cent is small enough."""
    if value_usd is not None and 0 < value_usd < _LEAST_USD:
        return f"<${_LEAST_USD}"
    return price(value_usd)


def percent(share: float | None) -> str:
    """A share from 0 to 1 as a percentage: `91.2 %`; only all of it reads `100 %`."""
    if share is None or not _is_known(share):
        return UNKNOWN
    size = abs(share) * 100
    if size in (0.0, 100.0):
        return _signed(f"{size:.0f} %", share)
    places = next((places for places in range(1, 9) if 0 < float(f"{size:.{places}f}") != 100), 9)  # noqa: PLR2004 - all of it
    return _signed(f"{size:.{places}f} %", share)


def score(value: float | None) -> str:
    """A score from 0 to 1 on a scale of 100: `91.2`."""
    return UNKNOWN if value is None or not _is_known(value) else f"{value * 100:.1f}"


def points(value: float | None) -> str:
    """A difference of scores in points of 100, with its sign: `+1.1`."""
    if value is None or not _is_known(value):
        return UNKNOWN
    text = f"{abs(value) * 100:.1f}"
    if float(text) == 0:
        return "0.0"
    return f"{'+' if value > 0 else MINUS}{text}"


def drop(value: float | None) -> str:
    """A size in points of 100, without a sign: `3.1 points`."""
    return UNKNOWN if value is None or not _is_known(value) else f"{abs(value) * 100:.3g} points"


def seconds(value: float | None) -> str:
    """A time: `12 ms`, `0.82 s`, `14.1 s`."""
    if value is None or not _is_known(value):
        return UNKNOWN
    if value < 0.001:  # noqa: PLR2004 - one millisecond
        return "<1 ms"
    if value < 0.1:  # noqa: PLR2004 - below it milliseconds read better
        return f"{value * 1000:.0f} ms"
    return f"{value:.2f} s" if value < 10 else f"{value:,.1f} s"  # noqa: PLR2004 - three digits either way


def probability(value: float | None) -> str:
    """A p-value, never rounded to zero: `0.003`, `<0.001`."""
    if value is None or not _is_known(value):
        return UNKNOWN
    return "<0.001" if value < 0.001 else f"{value:.3f}"  # noqa: PLR2004 - the last digit shown


def count(value: float | None) -> str:
    """How many, with thousands; halves (from graded scores) keep one decimal."""
    if value is None or not _is_known(value):
        return UNKNOWN
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def ratio(value: float | None) -> str:
    """One cost over another, with three digits and never as a power of ten: `0.0504`, `12.3`, `1,230`."""
    if value is None or not _is_known(value):
        return UNKNOWN
    if value == 0:
        return "0"
    places = min(_MOST_PLACES, max(0, 2 - math.floor(math.log10(abs(value)))))
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if places else text


def span(low: float | None, high: float | None, write: Callable[[float | None], str]) -> str:
    """An interval in words, empty where there is none: `87.0 to 94.0`."""
    if not (_is_known(low) and _is_known(high)):
        return ""
    return f"{write(low)} to {write(high)}"


def distinct_span(low: float | None, high: float | None, write: Callable[[float | None], str]) -> str:
    """An interval in words, empty also where both ends read the same."""
    return "" if write(low) == write(high) else span(low, high, write)


def plural(number: int, noun: str) -> str:
    """`1 item`, `1,200 items`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
