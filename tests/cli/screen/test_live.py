from __future__ import annotations

import pytest

from evalbench.assembly.progress import Stored
from evalbench.cli.screen.lines import Lines
from evalbench.cli.screen.planned import plan_lines, tier_line
from evalbench.core.plan import Plan, TierPlan


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lines(clock: Clock) -> Lines:
    found = Lines(clock)
    tiers = TierPlan("triage", "small", 100, 20, 0, None), TierPlan("triage", "large", 100, 0, 0, None)
    found.planned(Plan(tiers))
    return found


def answers(tier: str, count: int, cost_usd: float | None = 0.001, *, reused: bool = False) -> list[Stored]:
    return [Stored("triage", tier, None if reused else cost_usd, reused, is_missing=False)] * count


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_time_left_follows_the_pace_of_late_and_not_the_time_to_get_ready(
    lines: Lines, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    for second in range(0, 60, 10):
        clock.now_s = float(second)
        lines.stored(answers("small", 1))
    told(capsys)
    for second in range(60, 120, 6):
        clock.now_s = float(second)
        lines.stored(answers("small", 6))

    assert told(capsys)[-1] == "66 of 220 answers, 1/s, about 3 min left, $0.066"


def test_each_tier_that_is_done_says_what_it_spent(lines: Lines, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys)
    lines.stored([*answers("small", 20, reused=True), *answers("small", 100)])

    assert told(capsys) == ["triage small: 120 of 120 answers, $0.10"]


def test_an_unknown_cost_is_not_told_as_nothing(lines: Lines, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys)
    lines.stored(answers("large", 100, None))

    assert told(capsys) == ["triage large: 100 of 100 answers, cost unknown"]


def test_stored_answers_that_are_used_again_say_nothing_about_the_pace(
    lines: Lines, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    clock.now_s = 1.0
    lines.stored(answers("small", 20, reused=True))
    clock.now_s = 10.0
    lines.stored(answers("small", 5))

    assert told(capsys)[-1] == "25 of 220 answers, 0.5/s, about 6 min left, $0.005"


def test_a_model_in_this_process_threatens_nobody_with_a_bill() -> None:
    plan = TierPlan("spam", "small", 400, 0, 0, worst_usd=0.67, is_classical=True)

    assert tier_line(plan) == "spam small: 400 calls, answered in this process: no bill"


def test_a_model_in_this_process_does_not_hide_what_the_others_will_be_billed() -> None:
    billed = [
        TierPlan("spam", tier, 400, 0, 0, low_usd=1.0, expected_usd=2.0, worst_usd=3.0, basis="stored")
        for tier in ("small", "large")
    ]
    here = TierPlan("spam", "classical", 400, 0, 0, worst_usd=0.67, is_classical=True)

    assert plan_lines(Plan((here, *billed)))[-1] == "in all: $2.00 to $4.00 expected, $6.00 at most"
