from __future__ import annotations

import random

import pytest

from evalbench.providers.limits import FIRST_CALLS, AdaptiveLimit, Pace


def opened(most: int = 64, start: int = 64) -> AdaptiveLimit:
    limit = AdaptiveLimit(most, start)
    limit.answered()
    return limit


def test_a_few_calls_go_first_until_the_endpoint_has_answered() -> None:
    limit = AdaptiveLimit(64, 64)

    before = limit.calls
    limit.answered()

    assert (before, limit.calls) == (FIRST_CALLS, 64)


def test_an_endpoint_nobody_knows_is_tried_with_more_calls_step_by_step() -> None:
    limit = opened(start=8)
    seen = {limit.calls}

    for _ in range(200):
        limit.answered()
        seen.add(limit.calls)

    assert sorted(seen) == [8, 16, 32, 64]


def test_a_wall_of_refusals_ends_at_one_call_at_a_time() -> None:
    limit = opened()

    for _ in range(400):
        limit.refused()

    assert limit.calls == 1
    assert limit.is_choked


def test_one_answer_ends_the_choke() -> None:
    limit = opened()
    for _ in range(400):
        limit.refused()

    limit.answered()

    assert not limit.is_choked


def test_stray_refusals_do_not_slow_a_run_down() -> None:
    # One in five refused at random: slower calling would not change that share.
    draw = random.Random(7)
    limit = opened()
    total = 0

    for _ in range(5_000):
        limit.refused() if draw.random() < 0.2 else limit.answered()
        total += limit.calls

    assert total / 5_000 > 50


def test_a_real_limit_is_found_and_kept_close_to() -> None:
    limit, allowed = opened(), 16
    sizes: list[int] = []

    for _ in range(5_000):
        # Whoever comes while the endpoint is full is refused.
        is_refused = random.Random(len(sizes)).random() < max(0.0, 1 - allowed / limit.calls)
        limit.refused() if is_refused else limit.answered()
        sizes.append(limit.calls)

    assert 12 <= sum(sizes[1_000:]) / 4_000 <= 24


def leaving_s(pace: Pace, calls: int, tokens: int = 0, began_s: float = 100.0) -> list[float]:
    """When calls leave that are all there from the beginning, in seconds after it."""
    now_s, found = began_s, []
    for _ in range(calls):
        while (wait_s := pace.wait_s(tokens, now_s)) > 0:
            now_s += wait_s
        pace.take(tokens, now_s)
        found.append(now_s - began_s)
    return found


def most_in_a_minute(times_s: list[float], weight: int = 1) -> int:
    return max(weight * sum(begin <= time <= begin + 60 for time in times_s) for begin in times_s)


def test_requests_a_minute_are_spread_evenly_after_a_seconds_worth() -> None:
    pace = Pace(requests_per_minute=120)

    assert leaving_s(pace, 5) == pytest.approx([0.0, 0.0, 0.0, 0.5, 1.0])


def test_tokens_a_minute_bind_when_they_are_scarcer() -> None:
    pace = Pace(requests_per_minute=6_000, tokens_per_minute=600)

    assert leaving_s(pace, 3, tokens=100) == pytest.approx([0.0, 9.0, 19.0])


@pytest.mark.parametrize("requests", [1, 7, 10, 60, 120, 601])
def test_no_minute_has_more_requests_than_are_allowed(requests: int) -> None:
    times_s = leaving_s(Pace(requests_per_minute=requests), 3 * requests + 1)

    assert most_in_a_minute(times_s) == requests
    assert times_s[-1] < 190


@pytest.mark.parametrize("tokens", [10, 90, 350, 600, 900])
def test_no_minute_has_more_tokens_than_are_allowed_but_for_a_call_that_alone_has_more(tokens: int) -> None:
    times_s = leaving_s(Pace(tokens_per_minute=600), 30, tokens)

    assert most_in_a_minute(times_s, tokens) <= max(600, tokens)


def test_what_was_saved_up_lets_no_more_leave_in_a_minute() -> None:
    pace = Pace(requests_per_minute=60)
    early = leaving_s(pace, 30)

    late = leaving_s(pace, 90, began_s=160.0)

    assert most_in_a_minute(early + [60.0 + time for time in late]) == 60


def test_what_a_call_really_took_is_put_right() -> None:
    pace = Pace(tokens_per_minute=600)
    place = pace.take(100, now_s=100.0)

    pace.correct(place, used_tokens=10)

    assert pace.wait_s(100, now_s=100.0) == pytest.approx(0.0)


def test_a_call_that_took_more_than_was_thought_holds_up_the_next_ones() -> None:
    pace = Pace(tokens_per_minute=600)
    place = pace.take(10, now_s=100.0)

    pace.correct(place, used_tokens=500)

    assert pace.wait_s(10, now_s=101.0) > 45.0
    assert pace.wait_s(200, now_s=101.0) == pytest.approx(60.0)


def test_no_limit_means_no_wait() -> None:
    assert Pace().is_free
    assert Pace().wait_s(10**9, now_s=0.0) == 0.0
