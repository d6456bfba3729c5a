from __future__ import annotations

import dataclasses
import re

from markdown_it import MarkdownIt

from evalbench.core.recommendation import MonthlyBill
from evalbench.reports.markdown import escape, render_markdown
from tests.reports.build_findings import all_findings, inconclusive_finding, make_run, recommended_finding


def _page() -> str:
    findings = all_findings()
    return render_markdown(make_run(*findings), findings, MonthlyBill(12_400, 4_260, 4_100, 4_480))


def _html(markdown: str) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(markdown))


def test_untrusted_names_have_no_effect_on_the_page() -> None:
    html = _html(_page())

    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "`name`" in html
    assert "{{ 7*7 }}" in html


def test_every_row_of_a_table_has_the_cells_of_its_header() -> None:
    rows = [line for line in _page().splitlines() if line.startswith("|")]

    for line in rows:
        cells = len(re.findall(r"(?<!\\)\|", line)) - 1
        assert cells in (4, 7, 8), line


def test_nobody_is_pinged_by_a_task_name() -> None:
    assert "@somebody" not in escape("for @somebody")


def test_a_signature_is_not_mistaken_for_a_person() -> None:
    assert "label@1" in escape("label@1")


def test_no_prompt_or_answer_is_in_a_comment() -> None:
    assert "private question" not in _page()


def test_an_unknown_cost_is_called_unknown() -> None:
    findings = (inconclusive_finding(),)

    page = render_markdown(make_run(*findings), findings)

    row = next(line for line in page.splitlines() if line.startswith("| small |"))
    assert "unknown" in row
    assert "$" not in row


def test_a_command_with_backticks_stays_in_its_block() -> None:
    finding = recommended_finding()
    found = dataclasses.replace(finding.recommendation, next_commands=("evalbench show '```' <b>x</b>",))
    findings = (dataclasses.replace(finding, recommendation=found),)

    html = _html(render_markdown(make_run(*findings), findings))

    assert "<code class=\"language-sh\">evalbench show '```' &lt;b&gt;x&lt;/b&gt;" in html


def test_an_unfinished_run_says_so() -> None:
    run = dataclasses.replace(make_run(recommended_finding()), is_complete=False)

    assert "not complete" in render_markdown(run, [recommended_finding()])


def test_a_page_of_very_many_tasks_still_fits_into_a_comment() -> None:
    findings = [recommended_finding(f"task-{number}") for number in range(120)]

    page = render_markdown(make_run(), findings)

    assert len(page) < 65_536
    assert "**task-119**" in page
    assert "more tasks are in the full report" in page
