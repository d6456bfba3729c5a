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


def test_the_time_that_a_failed_attempt_took_counts_as_waited() -> None:
    failure = Failure("timeout", "no answer within 60 s", retryable=True)

    after_a_deadline = [delay_s(failure, 4, took_s=60.0) for _ in range(200)]
    at_once = [delay_s(failure, 4, took_s=0.05) for _ in range(200)]

    # At most 0.25 x 2.5^3 s between two starts, of which a tenth is kept to spread the calls.
    assert max(after_a_deadline) <= 0.391
    assert len(set(after_a_deadline)) > 100
    assert max(at_once) > 3.0


def test_the_wait_an_endpoint_asked_for_is_kept_however_long_the_attempt_took() -> None:
    failure = Failure("server_error", "broken", retryable=True, retry_after_s=2.0)

    assert min(delay_s(failure, 1, took_s=60.0) for _ in range(100)) >= 2.0
