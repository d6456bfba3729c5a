from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from evalbench.cli.screen.first_look import score_table
from evalbench.core.recommendation import Finding
from tests.reports.build_findings import inconclusive_finding, recommended_finding


def shown(width: int, *findings: Finding) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(score_table(findings))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("width", [60, 80])
def test_every_score_and_whole_headings_fit_the_screen(width: int) -> None:
    lines = shown(width, recommended_finding(), inconclusive_finding())

    words = {word for line in lines for word in line.split()}
    assert max(map(len, lines)) <= width
    assert {"task", "items", "classical", "small", "medium", "large", "91.2", "88.2", "93.7"} <= words


def test_items_are_counted_once_however_often_each_was_asked() -> None:
    finding = recommended_finding()
    twice = replace(finding, estimates=tuple(replace(each, trials=840) for each in finding.estimates))

    (row,) = (line for line in shown(80, twice) if "91.2" in line)

    assert row.split()[1] == "60"
