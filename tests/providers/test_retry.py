from __future__ import annotations

from evalbench.core.completion import Failure
from evalbench.providers.retry import LONGEST_BACKOFF_S, delay_s


def test_the_wait_grows_and_stays_within_bounds() -> None:
    failure = Failure("server_error", "busy", retryable=True)

    longest = [max(delay_s(failure, attempts) for _ in range(200)) for attempts in (1, 3, 20)]

    assert longest[0] <= 0.5
    assert longest[0] < longest[1] < longest[2] <= LONGEST_BACKOFF_S


def test_waits_differ_so_that_calls_do_not_come_back_together() -> None:
    failure = Failure("server_error", "busy", retryable=True)

    assert len({delay_s(failure, 3) for _ in range(20)}) > 10


def test_nobody_comes_back_before_the_endpoint_said_so() -> None:
    failure = Failure("rate_limited", "slow down", retryable=True, retry_after_s=20.0)

    waits = [delay_s(failure, 1) for _ in range(100)]

    assert all(20.0 <= wait <= 22.1 for wait in waits)
