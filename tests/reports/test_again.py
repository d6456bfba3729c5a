from __future__ import annotations

import dataclasses

import pytest

from evalbench.core.completion import Failure
from evalbench.core.evalset import JsonValue
from evalbench.core.recommendation import Finding
from evalbench.core.run import Run
from evalbench.core.trial import Trial
from evalbench.reports.again import lack_of
from evalbench.reports.html import render_html
from evalbench.reports.markdown import render_markdown
from tests.reports.build_findings import make_run, recommended_finding


def broken_run(*, missing: bool = False, ungraded: bool = False) -> tuple[Run, Finding]:
    finding = recommended_finding()
    first, second, *others = [trial for trial in finding.run.trials if trial.completion is not None]
    if missing:
        first = Trial(first.item_id, first.tier, failure=Failure("timeout", "late"))
    if ungraded:
        second = dataclasses.replace(second, score=None, failure=Failure("judge", "no key"))
    task = dataclasses.replace(finding.run, trials=(first, second, *others))
    finding = dataclasses.replace(finding, run=task)
    return dataclasses.replace(make_run(finding), is_complete=False), finding


def of_options(run: Run, options: dict[str, JsonValue]) -> Run:
    return dataclasses.replace(run, manifest=dataclasses.replace(run.manifest, options=options))


@pytest.mark.parametrize(
    ("missing", "ungraded", "words", "advice"),
    [
        (True, False, "Some answers are missing; ", "Finish it with `evalbench run --resume RUN`."),
        (
            True,
            True,
            "Some answers are missing, and some could not be graded; ",
            "Finish it with `evalbench run --resume RUN`.",
        ),
        (
            False,
            True,
            "Some answers could not be graded, and are never counted as wrong.",
            "once that is mended, grade them with `evalbench grade RUN`.",
        ),
        (False, False, "It ended before every answer was there", "Finish it with `evalbench run --resume RUN`."),
    ],
)
def test_an_incomplete_run_says_what_it_lacks_and_what_mends_that(
    *, missing: bool, ungraded: bool, words: str, advice: str
) -> None:
    run, finding = broken_run(missing=missing, ungraded=ungraded)

    page, text = render_html(run, [finding]), render_markdown(run, [finding])

    advice = advice.replace("RUN", run.manifest.id)
    assert words in page
    assert words in text
    assert advice in text
    assert advice.replace(" `", " <code>").replace("`.", "</code>.") in page


def test_a_recording_with_missing_answers_sends_nobody_to_resume_it() -> None:
    run, _ = broken_run(missing=True)

    found = lack_of(of_options(run, {}))

    assert found is not None
    assert (found.command, found.advice) == (None, "")


def test_a_run_that_was_graded_again_sends_to_the_one_with_its_answers() -> None:
    run, finding = broken_run(missing=True)
    run = of_options(run, {"regraded": "20261122-100000-b1b2b3"})

    page = render_html(run, [finding])

    command = "<code>evalbench run --resume 20261122-100000-b1b2b3</code>"
    assert f"Finish it with {command}, and then grade that run again." in page


def test_a_complete_run_lacks_nothing() -> None:
    assert lack_of(make_run(recommended_finding())) is None
