from __future__ import annotations

import pytest

from evalbench.core.baseline import GateTest, GateVerdict, LimitFinding, LimitState
from evalbench.reports.gate_words import gate_lines, github_annotations, headline, limit_words, plain
from tests.reports.gate_results import make_line, make_result, make_test, one_of_each, poisoned_line


def test_every_task_has_its_line_and_what_fails_its_reasons() -> None:
    lines = gate_lines(one_of_each())

    heads = [line for line in lines if not line.startswith(" ")]
    assert [line.split()[0] for line in heads] == ["FAIL", "PASS", "WARN", "INCOMPLETE", "FAIL"]
    assert heads[1] == (
        "PASS        steady  small (gpt-5-nano)  \u22121.0 points (\u22126.2 to +4.0); could see a drop of 7.1 points"
    )
    assert "not judged: 40 of 200 answers missing" in heads[3]
    assert "limit broken: must_pass i1, i2 failed" in heads[4]


def test_a_doubt_is_said_with_what_could_have_been_seen() -> None:
    lines = gate_lines(make_result(make_line(GateVerdict.WARN)))

    assert (
        "  no proof of a regression, but 200 items can only see drops of 7.1 points (4 times in 5); to pass, "
        "a drop of 5 points would have to be ruled out"
    ) in lines


def test_both_bars_are_named_where_there_are_two() -> None:
    tests = (make_test(GateVerdict.PASS), GateTest("anchor", GateVerdict.FAIL, 200, difference=-0.1))

    assert "\u221210.0 points against the anchor" in headline(make_line(GateVerdict.FAIL, tests=tests))


def test_an_annotation_is_one_line_whatever_it_says() -> None:
    (command,) = github_annotations(make_result(poisoned_line(), make_line(GateVerdict.WARN)))

    assert command.startswith("::error title=evalbench%3A a | ")
    assert "::error::owned" not in command
    assert len(command.splitlines()) == 1
    assert "%" not in command.replace("%3A", "").replace("%2C", "").replace("%25", "")


@pytest.mark.parametrize("name", ["::error::x", "##[error]x", "a\n::error::x", "::add-mask::x"])
def test_a_name_is_no_command(name: str) -> None:
    shown = plain(name)

    assert "\n" not in shown
    assert not shown.startswith(("::e", "::a", "##["))
    assert "##[" not in shown


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (LimitFinding("min_score", LimitState.BROKEN, 0.9, 0.8), "score at least 90.0, and it is 80.0"),
        (LimitFinding("max_p95_s", LimitState.BROKEN, 2.0, 3.0), "p95 at most 2.00 s, and it is 3.00 s"),
        (
            LimitFinding("cost_increase", LimitState.BROKEN, 0.2, 0.5),
            "cost at most above the baseline's 20.0 %, and it is 50.0 %",
        ),
        (
            LimitFinding("max_cost_usd", LimitState.UNCHECKED, 0.002),
            "cost per item at most $0.002, and it is unknown",
        ),
    ],
)
def test_a_limit_is_said_in_its_unit(limit: LimitFinding, words: str) -> None:
    assert limit_words(limit) == words
