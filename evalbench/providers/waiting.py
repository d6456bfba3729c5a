"""When an endpoint wants the next call, from whichever of its headers or words say so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_EPOCH_S = 1e8
"""A larger number of seconds is a date, not a wait."""
_EPOCH_MS = 1e11
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d{1,15}(?:\.\d{1,15})?)(ms|[smhd])")
_UNIT_IN_WORDS = (
    r"(?:(ms|msecs?|milli(?:second)?s?)|(s|secs?|seconds?)|(m|mins?|minutes?)|(h|hrs?|hours?)|(d|days?))"
    r"(?![a-z])"
)
_PART_IN_WORDS = re.compile(rf"(\d{{1,15}}(?:\.\d{{1,15}})?)[ -]?{_UNIT_IN_WORDS}", re.IGNORECASE)
_IN_WORDS = re.compile(
    rf"(?:try again|retry|wait)[^.]{{0,40}}?(?<![\d.])((?:{_PART_IN_WORDS.pattern}(?:,? (?:and )?)?)+)",
    re.IGNORECASE,
)
_KINDS = ("requests", "tokens")


def retry_after_s(headers: Mapping[str, str], words: str, now: datetime) -> float | None:
    """Seconds until the endpoint wants the next call, or None where it does not say.

    `headers` has lower-case names. What says milliseconds wins over what says seconds, and
    a plain Retry-After over the times at which limits are filled up again.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return max(0.0, milliseconds / 1000)
    for found in (_plain(headers.get("retry-after"), now), _refilled(headers, now), _said(words)):
        if found is not None:
            return max(0.0, found)
    return None


def _plain(value: str | None, now: datetime) -> float | None:
    number = _number(value)
    if number is not None or value is None:
        return number
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return _length(value, now)
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()


def _refilled(headers: Mapping[str, str], now: datetime) -> float | None:
    waits = {kind: _length(headers.get(f"x-ratelimit-reset-{kind}"), now) for kind in _KINDS}
    used_up = [
        wait
        for kind, wait in waits.items()
        if wait is not None and _number(headers.get(f"x-ratelimit-remaining-{kind}")) == 0
    ]
    if used_up:
        return max(used_up)
    known = [wait for wait in waits.values() if wait is not None]
    if known:
        return min(known)
    for name in ("x-ratelimit-reset", "ratelimit-reset"):
        if name in headers:
            return _length(headers[name], now)
    return None


def _said(words: str) -> float | None:
    found = _IN_WORDS.search(words)
    if found is None:
        return None
    return sum(
        float(amount) * seconds
        for amount, *units in _PART_IN_WORDS.findall(found[1])
        for unit, seconds in zip(units, _UNITS_S.values(), strict=True)
        if unit
    )


def _length(value: str | None, now: datetime) -> float | None:
    """Seconds of `12`, `1m30.5s`, a Unix time in seconds or milliseconds, or an ISO 8601 time."""
    if value is None:
        return None
    number = _number(value)
    if number is not None:
        if number > _EPOCH_MS:
            return number / 1000 - now.timestamp()
        return number - now.timestamp() if number > _EPOCH_S else number
    if re.fullmatch(rf"(?:{_PART.pattern})+", value):
        return sum(float(amount) * _UNITS_S[unit] for amount, unit in _PART.findall(value))
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()


def _number(value: str | None) -> float | None:
    return float(value) if value is not None and re.fullmatch(r"\s*\d{1,15}(?:\.\d+)?\s*", value) else None
