from __future__ import annotations

from junitparser import Failure, JUnitXml, Skipped

from evalbench.reports.junit import render_junit
from tests.reports.build_findings import all_findings, make_run


def _cases() -> list[object]:
    parsed = JUnitXml.fromstring(render_junit(make_run(*all_findings()), all_findings()).encode())
    return [case for suite in parsed for case in suite]


def test_a_recommendation_passes_with_its_verdict_as_output() -> None:
    case = _cases()[0]

    assert case.result == []  # type: ignore[attr-defined]  # junitparser is loosely typed
    assert "USE small" in case.system_out  # type: ignore[attr-defined]  # as above


def test_an_open_question_is_skipped_and_says_why() -> None:
    (result,) = _cases()[1].result  # type: ignore[attr-defined]  # junitparser is loosely typed

    assert isinstance(result, Skipped)
    assert "270 more items" in result.message


def test_no_qualifying_tier_fails_and_loses_no_legal_character() -> None:
    (result,) = _cases()[2].result  # type: ignore[attr-defined]  # junitparser is loosely typed

    assert isinstance(result, Failure)
    assert result.message == "None qualifies </script><script>alert(1)</script> |"


def test_the_counts_agree_with_the_cases() -> None:
    parsed = JUnitXml.fromstring(render_junit(make_run(*all_findings()), all_findings()).encode())

    assert (parsed.tests, parsed.failures, parsed.skipped, parsed.errors) == (3, 1, 1, 0)
