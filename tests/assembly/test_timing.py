from __future__ import annotations

import pytest

from evalbench.assembly.timing import Timing
from evalbench.core.completion import Completion
from evalbench.providers.scripted import ScriptedProvider


def heard(*latencies_s: float | None, replays: bool = False) -> Timing:
    timing = Timing()
    for latency_s in latencies_s:
        timing.hear(
            Completion("yes", latency_s=latency_s),
            ScriptedProvider(lambda _: Completion("yes"), replays=replays),
        )
    return timing


def test_times_that_are_largely_our_own_are_told_with_their_share() -> None:
    warning = heard(0.03, 0.05, None).warning(0.01)

    assert warning is not None
    assert warning.startswith("warning: about 25 % of the answer times (10 ms each)")


@pytest.mark.parametrize(
    ("latency_s", "late_s"), [(1.0, 0.05), (0.004, 0.001)], ids=["a small share", "a small wait"]
)
def test_what_changes_no_verdict_is_not_told(latency_s: float, late_s: float) -> None:
    assert heard(latency_s).warning(late_s) is None


def test_recorded_times_are_not_ours() -> None:
    assert heard(0.05, replays=True).warning(0.04) is None


def test_nothing_is_told_of_no_answers() -> None:
    assert heard().warning(0.04) is None
