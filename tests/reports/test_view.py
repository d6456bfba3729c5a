from __future__ import annotations

import dataclasses

import pytest

from evalbench.core.recommendation import Finding, Outcome
from evalbench.core.run import Judging
from evalbench.reports.html import render_html
from evalbench.reports.markdown import render_markdown
from evalbench.reports.of_run import of_run
from evalbench.reports.view import next_commands, page_title
from tests.reports.build_findings import inconclusive_finding, make_run, recommended_finding


def likely_finding() -> Finding:
    finding = recommended_finding("maybe")
    found = dataclasses.replace(finding.recommendation, outcome=Outcome.PROVISIONAL)
    return dataclasses.replace(finding, recommendation=found)


@pytest.mark.parametrize(
    ("findings", "title"),
    [
        (
            (recommended_finding(), likely_finding(), inconclusive_finding()),
            "1 of 3 tasks can move to a cheaper tier, 1 more is likely to",
        ),
        (
            (likely_finding(), likely_finding()),
            "2 tasks, none can move to a cheaper tier yet, 2 are likely to",
        ),
        ((inconclusive_finding(),) * 2, "2 tasks, none can move to a cheaper tier yet"),
    ],
)
def test_a_title_counts_only_what_is_shown_as_a_move(findings: tuple[Finding, ...], title: str) -> None:
    assert page_title(findings) == title


def test_what_to_type_next_is_about_the_run_of_the_page() -> None:
    commands = ("evalbench report latest --open", "evalbench show latest item-7", "evalbench run faq")
    finding = recommended_finding()
    words = dataclasses.replace(finding.recommendation, next_commands=commands)

    (named,) = of_run([dataclasses.replace(finding, recommendation=words)], "a1b2c3")

    assert next_commands(named.recommendation) == ("evalbench show a1b2c3 item-7", "evalbench run faq")


def test_a_classical_answer_is_marked_wherever_it_is_given() -> None:
    finding = recommended_finding()
    found = dataclasses.replace(finding.recommendation, tier="classical", model="local/linear")
    finding = dataclasses.replace(finding, recommendation=found)
    run, words = make_run(finding), "classical, not a language model"

    card = render_html(run, [finding]).partition("</header>")[0]

    assert words in card
    assert f"| classical (local/linear, {words}) |" in render_markdown(run, [finding])


def test_a_saving_that_is_only_likely_is_called_so_in_the_table() -> None:
    finding = likely_finding()

    assert "| $8,140 a month, likely |" in render_markdown(make_run(finding), [finding])


def test_what_went_to_a_judge_is_told_beside_what_the_run_paid() -> None:
    finding = recommended_finding()
    judged = dataclasses.replace(make_run(finding), spent_usd=2.0, judge=Judging(10, 0, 0.5))

    assert "spent: $2.00, $0.50 of it to the judge" in render_html(judged, [finding])
    assert "to the judge" not in render_html(make_run(finding), [finding])


@pytest.mark.parametrize("word", ["dominated", "frontier", "p, adjusted", "p95", "Holm", "quantile"])
def test_terms_of_statistics_are_in_the_method_section_alone(word: str) -> None:
    findings = [recommended_finding(), inconclusive_finding()]
    run = make_run(*findings)

    before_method, found, _ = render_html(run, findings).partition('id="method"')

    assert found
    assert word not in before_method.partition("</style>")[2]
    assert word not in render_markdown(run, findings)
