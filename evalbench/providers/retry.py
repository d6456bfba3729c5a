"""When to ask again: exponential backoff with jitter, and never before the endpoint says so."""

from __future__ import annotations

from tenacity import RetryCallState, Retrying, wait_random_exponential

from evalbench.core.completion import Failure

LONGEST_BACKOFF_S = 30.0
_BACKOFF = wait_random_exponential(multiplier=0.25, exp_base=2.5, max=LONGEST_BACKOFF_S)
_LEAST_SHARE = 0.1
_RETRYING = Retrying()


def delay_s(
    failure: Failure, attempts: int, longest_s: float = LONGEST_BACKOFF_S, took_s: float = 0.0
) -> float:
    """Seconds until the next attempt after this failure, the `attempts`-th of its sort.

    The wait that the endpoint asked for counts from its answer; a little jitter on top keeps
    calls that were refused together from coming back together. Where it asked for none, the
    wait is at most `longest_s`, and counts from when the failed attempt left, `took_s` ago: who
    ran into a deadline has waited already. A tenth of it is kept all the same, as jitter.
    """
    state = RetryCallState(_RETRYING, None, (), {})
    state.attempt_number = attempts
    backoff_s = min(longest_s, float(_BACKOFF(state)))
    if failure.retry_after_s is None:
        return max(backoff_s - took_s, _LEAST_SHARE * backoff_s)
    return failure.retry_after_s + min(backoff_s, 0.1 * failure.retry_after_s + 0.05)
