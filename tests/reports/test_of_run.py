from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from evalbench.core.recommendation import Finding
from evalbench.core.run import Run
from evalbench.reports.html import render_html
from evalbench.reports.junit import render_junit
from evalbench.reports.markdown import render_markdown
from evalbench.reports.summary import summary
from tests.reports.build_findings import inconclusive_finding, make_run

ADVICE = "3 items lack an answer: `evalbench run --resume latest` asks again"


@pytest.mark.parametrize("rendered", [render_html, render_markdown, render_junit])
def test_advice_on_a_page_names_its_own_run_and_not_the_latest(
    rendered: Callable[[Run, Sequence[Finding]], str],
) -> None:
    finding = inconclusive_finding()
    words = replace(
        finding.recommendation,
        headline=ADVICE,
        evidence=(ADVICE,),
        sentence=ADVICE,
        caveats=(ADVICE,),
        next_commands=("evalbench run --resume latest", "evalbench show latest i1"),
    )
    run = make_run(finding)

    text = rendered(run, [replace(finding, recommendation=words)])

    assert f"evalbench run --resume {run.manifest.id}" in text
    assert " latest" not in text


def test_an_eval_set_that_is_called_latest_keeps_its_name() -> None:
    finding = inconclusive_finding()
    words = replace(finding.recommendation, next_commands=("evalbench run latest",))

    text = render_markdown(make_run(finding), [replace(finding, recommendation=words)])

    assert "evalbench run latest" in text


def test_a_summary_says_the_same_whatever_its_run_is_called() -> None:
    finding = inconclusive_finding()
    words = replace(finding.recommendation, next_commands=("evalbench run --resume latest",))

    found = summary(make_run(finding), [replace(finding, recommendation=words)])

    assert found["tasks"][0]["recommendation"]["next"] == ["evalbench run --resume latest"]
