from __future__ import annotations

from dataclasses import replace

import pytest

from evalbench.core.baseline import GateVerdict, LimitState
from evalbench.core.evalset import Limits
from evalbench.errors import ExitCode
from evalbench.gate.check import Rules
from evalbench.stats.metrics import micro_f1
from tests.gate.records import checked, guarded, ones, only, task_record, tier_record

HALF = [1.0, 0.0] * 100


def test_a_clear_drop_fails() -> None:
    result = checked(guarded(ones(190, 200), ones(150, 200)))

    (line,) = result.lines
    assert line.verdict is GateVerdict.FAIL
    assert line.is_regression
    assert result.exit_code is ExitCode.REGRESSION
    assert line.worst.test == "mcnemar_mid_p"
    assert (line.worst.losses, line.worst.wins) == (40, 0)


def test_the_same_scores_of_enough_items_pass() -> None:
    result = checked(guarded(HALF, HALF))

    assert result.lines[0].verdict is GateVerdict.PASS
    assert result.lines[0].worst.p_worse == 1.0
    assert result.exit_code is ExitCode.OK


def test_the_same_scores_of_too_few_items_are_a_warning_and_never_a_failure() -> None:
    line = only(guarded(ones(10, 20), ones(10, 20)))

    assert line.verdict is GateVerdict.WARN
    assert line.worst.p_worse == 1.0


def test_a_warning_fails_where_that_is_wanted() -> None:
    few = guarded(ones(10, 20), ones(10, 20))

    assert checked(few).exit_code is ExitCode.OK
    assert checked(few, rules=Rules(strict=True)).exit_code is ExitCode.REGRESSION


def test_a_proven_drop_within_what_is_allowed_fails_all_the_same() -> None:
    line = only(guarded(ones(1000, 1000), ones(985, 1000)))

    assert line.worst.low is not None
    assert line.worst.low > -0.05
    assert line.verdict is GateVerdict.FAIL


def test_a_proven_drop_below_the_smallest_that_matters_does_not_fail() -> None:
    line = only(guarded(ones(1000, 1000), ones(985, 1000)), rules=Rules(min_effect=0.02))

    assert line.verdict is GateVerdict.PASS


def test_a_gain_never_fails() -> None:
    assert only(guarded(ones(100, 200), ones(190, 200))).verdict is GateVerdict.PASS


def test_more_lines_make_each_of_them_harder_to_fail() -> None:
    drop = guarded(ones(200, 200), ones(193, 200))
    steady = [guarded(HALF, HALF, name=f"t{number}") for number in range(3)]

    alone, beside = only(drop), only(drop, *steady)

    assert alone.worst.p_worse == beside.worst.p_worse == pytest.approx(0.5**8)
    assert (alone.verdict, beside.verdict) == (GateVerdict.FAIL, GateVerdict.WARN)
    assert beside.worst.p_adjusted == pytest.approx(4 * 0.5**8)


def test_both_bars_are_tested_and_either_can_fail() -> None:
    line = only(guarded(ones(181, 200), ones(180, 200), anchor=ones(198, 200)))

    before, anchor = line.tests
    assert (before.against, before.verdict) == ("baseline", GateVerdict.PASS)
    assert (anchor.against, anchor.verdict) == ("anchor", GateVerdict.FAIL)
    assert line.verdict is GateVerdict.FAIL
    assert line.worst is anchor


def test_too_many_missing_answers_are_incomplete_and_never_a_regression() -> None:
    gone: list[float | None] = [*ones(100, 180), *[None] * 20]

    result = checked(guarded(ones(200, 200), gone))

    assert result.lines[0].verdict is GateVerdict.INCOMPLETE
    assert not result.lines[0].is_regression
    assert result.exit_code is ExitCode.INCOMPLETE


def test_a_few_missing_answers_are_left_out_and_counted() -> None:
    after: list[float | None] = [*ones(594, 595), *[None] * 5]

    line = only(guarded(ones(600, 600), after))

    assert line.verdict is GateVerdict.PASS
    assert (line.worst.items, line.worst.unpaired, line.missing) == (595, 5, 5)


def test_missing_answers_that_could_hide_a_drop_are_a_warning() -> None:
    after: list[float | None] = [*ones(190, 190), *[None] * 10]

    line = only(guarded(ones(200, 200), after))

    assert line.worst.low is not None
    assert line.worst.low > -0.05
    assert line.verdict is GateVerdict.WARN


def test_a_regression_outweighs_an_incomplete_line() -> None:
    gone: list[float | None] = [None] * 200
    worse = guarded(ones(190, 200), ones(150, 200), name="other")

    assert checked(guarded(HALF, gone), worse).exit_code is ExitCode.REGRESSION


def test_a_line_without_a_newer_answer_was_not_tested() -> None:
    line = only(guarded(ones(190, 200), ones(150, 200), newer=0))

    assert line.verdict is GateVerdict.WARN
    assert line.worst.difference is None


def test_an_item_that_may_never_fail_fails_on_a_single_miss_in_any_repeat() -> None:
    after = tier_record([[1.0, 1.0, 1.0]] * 199 + [[1.0, 0.0, 1.0]])

    line = only(guarded([1.0] * 200, [], record=after, must_pass=("i00199", "i00000")))

    (limit,) = line.limits
    assert (limit.kind, limit.state, limit.items) == ("must_pass", LimitState.BROKEN, ("i00199",))
    assert line.verdict is GateVerdict.FAIL
    assert not line.is_regression


def test_items_that_may_never_fail_and_pass_break_nothing() -> None:
    line = only(guarded(HALF, HALF, must_pass=("i00000", "i00002")))

    assert line.limits == ()
    assert line.verdict is GateVerdict.PASS


def test_an_item_that_may_never_fail_and_lacks_an_answer_makes_the_line_incomplete() -> None:
    after: list[float | None] = [*[1.0] * 199, None]

    assert only(guarded([1.0] * 200, after, must_pass=("i00199",))).verdict is GateVerdict.INCOMPLETE


def test_a_lowest_score_fails_only_where_it_is_shown_to_be_missed() -> None:
    def with_floor(floor: float) -> list[str]:
        line = only(guarded(ones(180, 200), ones(180, 200), limits=Limits(min_score=floor)))
        return [limit.kind for limit in line.limits]

    assert with_floor(0.97) == ["min_score"]
    assert with_floor(0.92) == []


def test_cost_may_rise_by_what_is_allowed_and_no_more() -> None:
    def at(cost_usd: float | None) -> list[tuple[str, LimitState]]:
        after = tier_record(HALF, cost_usd_per_item=cost_usd)
        line = only(guarded(HALF, [], record=after), rules=Rules(max_cost_increase=0.2))
        return [(limit.kind, limit.state) for limit in line.limits]

    assert at(0.0121) == [("cost_increase", LimitState.BROKEN)]
    assert at(0.0119) == []
    assert at(None) == [("cost_increase", LimitState.UNCHECKED)]


def test_a_limit_that_cannot_be_checked_is_no_pass() -> None:
    after = tier_record(HALF, cost_usd_per_item=None)

    line = only(guarded(HALF, [], record=after), rules=Rules(max_cost_increase=0.2))

    assert line.verdict is GateVerdict.WARN


def test_time_may_rise_unless_more_calls_are_shown_to_be_slower_than_allowed() -> None:
    def with_slow(calls: int) -> list[str]:
        latencies = (2.0,) * calls + (0.5,) * (200 - calls)
        line = only(guarded(HALF, HALF, first_latencies_s=latencies), rules=Rules(max_p95_increase=0.5))
        return [limit.kind for limit in line.limits]

    assert with_slow(30) == ["p95_increase"]
    assert with_slow(12) == []


def test_limits_of_the_eval_set_hold_too() -> None:
    limits = Limits(max_cost_usd=0.005, max_p95_s=0.1)

    line = only(guarded(HALF, HALF, limits=limits))

    assert [limit.kind for limit in line.limits] == ["max_cost_usd", "max_p95_s"]
    assert line.verdict is GateVerdict.FAIL


def test_what_is_set_up_otherwise_is_named() -> None:
    after = tier_record(HALF, setup={"model": "a/c", "prompt": "1"})

    line = only(guarded(HALF, [], record=after))

    assert line.changed == ("model a/b before, a/c now", "prompt")


def test_items_that_moved_come_losses_first() -> None:
    line = only(guarded([1.0, 0.0, 1.0, 0.5, 1.0], [1.0, 1.0, 0.0, 0.25, 0.9]))

    assert [item.id for item in line.moved] == ["i00002", "i00003", "i00004", "i00001"]


def test_a_metric_of_all_items_together_is_compared_by_what_it_sums() -> None:
    good, bad = (3.0, 0.0, 0.0), (1.0, 2.0, 2.0)
    scores = [1.0] * 60
    before = tier_record(scores, counts=(good,) * 60)
    after = tier_record(scores, counts=(*(bad,) * 20, *(good,) * 40))
    line = guarded(scores, scores, record=after, metric=micro_f1)
    accepted = replace(line, accepted=task_record(before))

    found = only(accepted)

    assert found.worst.test == "swap"
    assert found.worst.after == pytest.approx(140 / 180)
    assert found.verdict is GateVerdict.FAIL
