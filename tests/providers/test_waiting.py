from __future__ import annotations

from datetime import UTC, datetime

import pytest

from evalbench.providers.waiting import retry_after_s

NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "20"}, 20.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "Wed, 25 Nov 2026 12:01:30 GMT"}, 90.0),
        ({"retry-after": "Wed, 25 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"x-ratelimit-reset-requests": "6m0s", "x-ratelimit-reset-tokens": "120ms"}, 0.12),
        (
            {
                "x-ratelimit-reset-requests": "6m0s",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-tokens": "120ms",
                "x-ratelimit-remaining-tokens": "5",
            },
            360.0,
        ),
        ({"x-ratelimit-reset": str(EPOCH + 30)}, 30.0),
        ({"x-ratelimit-reset": str((EPOCH + 30) * 1000)}, 30.0),
        ({"x-ratelimit-reset": "30"}, 30.0),
        ({"ratelimit-reset": "2026-11-25T12:00:05Z"}, 5.0),
        ({"retry-after": "1h2m3.5s"}, 3723.5),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "9" * 400}, None),
        ({}, None),
    ],
)
def test_headers_say_when_to_come_back(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, "", NOW) == (pytest.approx(seconds) if seconds else seconds)


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Please try again in 1.2s. Visit us.", 1.2),
        ("Please try again in 340ms.", 0.34),
        ("Please retry after 7 seconds.", 7.0),
        ("Wait for 2 minutes", 120.0),
        ("Please try again in 500 milliseconds.", 0.5),
        ("Please try again in 1m26.4s. Visit us.", 86.4),
        ("Please try again in 7m12s", 432.0),
        ("Please try again in 1 hour, 2 minutes and 3 seconds.", 3723.0),
        ("Please retry in 36h0m5.5s.", 129605.5),
        ("retry " + "9" * 400 + "s", None),
        ("Limit 300, used 200", None),
        ("We retry 5 messages", None),
    ],
)
def test_words_say_it_where_no_header_does(words: str, seconds: float | None) -> None:
    assert retry_after_s({}, words, NOW) == (pytest.approx(seconds) if seconds else seconds)


@pytest.mark.parametrize(
    "value",
    [
        "1 Jan 99999999999999999999 00:00",
        "Wed, 21 Oct 2015 07:28:00 +99999999999999999999",
        "9" * 400 + "s",
    ],
)
def test_a_time_beyond_all_calendars_is_none(value: str) -> None:
    assert retry_after_s({"retry-after": value}, "", NOW) is None


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+23:59", "Wed, 21 Oct 0001 07:28:00 +2300"])
def test_a_time_before_all_calendars_is_past(value: str) -> None:
    assert retry_after_s({"retry-after": value}, "", NOW) == 0.0
