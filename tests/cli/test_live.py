from __future__ import annotations

from evalbench.cli.screen.live import Pace

SMALL, LARGE = ("task", "small"), ("task", "large")


def test_the_pace_leaves_out_the_time_in_which_models_get_ready() -> None:
    pace = Pace(0.0)
    pace.starting(SMALL, 0.0)
    pace.starting(LARGE, 1.0)
    pace.answered([SMALL], 20.0)
    unknown = pace.per_second(25.0)
    pace.answered([LARGE], 30.0)
    pace.answered([SMALL, LARGE] * 50, 31.0)

    assert unknown is None
    assert pace.per_second(32.0) == 50.0


def test_answers_that_need_no_getting_ready_have_a_pace_at_once() -> None:
    pace = Pace(10.0)
    pace.answered([SMALL] * 8, 12.0)

    assert pace.per_second(12.0) == 4.0
