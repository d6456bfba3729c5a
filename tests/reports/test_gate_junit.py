from __future__ import annotations

from xml.etree import ElementTree as ET

from junitparser import Error, Failure, JUnitXml

from evalbench.core.baseline import GateVerdict
from evalbench.reports.gate_junit import render_gate_junit
from tests.reports.gate_results import make_line, make_result, one_of_each


def cases(text: str) -> list[tuple[str, list[type], str]]:
    parsed = JUnitXml.fromstring(text.encode())
    return [
        (case.name, [type(each) for each in case.result], case.system_out) for suite in parsed for case in suite
    ]


def test_each_verdict_is_what_a_ci_system_takes_it_for() -> None:
    found = cases(render_gate_junit(one_of_each()))

    assert [kinds for _, kinds, _ in found] == [[Failure], [], [], [Error], [Failure]]
    assert "no proof of a regression" in found[2][2]


def test_a_strict_parser_takes_whatever_models_say() -> None:
    text = render_gate_junit(one_of_each())

    root = ET.fromstring(text.encode())  # noqa: S314 - our own text

    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("5", "2", "1")
    assert "\x00" not in text
    assert "\ufffe" not in text


def test_a_regression_and_a_broken_limit_are_told_apart() -> None:
    root = ET.fromstring(render_gate_junit(one_of_each()).encode())  # noqa: S314 - our own text

    assert [each.get("type") for each in root.iter("failure")] == ["regression", "limit"]


def test_what_cannot_be_told_fails_where_that_is_wanted() -> None:
    line = make_line(GateVerdict.WARN)

    assert cases(render_gate_junit(make_result(line)))[0][1] == []
    assert cases(render_gate_junit(make_result(line, strict=True)))[0][1] == [Failure]
