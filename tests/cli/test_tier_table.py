from __future__ import annotations

import io

from rich.console import Console

from evalbench.cli.screen.terminal import tier_table
from tests.reports.build_findings import inconclusive_finding, recommended_finding


def shown(width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    for finding in (recommended_finding(), inconclusive_finding()):
        console.print(tier_table(finding, width))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_eighty_columns_hold_the_table_with_every_verdict_on_its_line() -> None:
    lines = shown(80)

    assert max(map(len, lines)) <= 80
    assert any("medium" in line and line.rstrip().endswith("good enough") for line in lines)


def test_an_open_verdict_is_not_called_unknown() -> None:
    (small,) = (line for line in shown(120) if "85.0" in line)

    assert small.rstrip().endswith("cannot tell yet")


def test_one_answer_is_one_answer() -> None:
    assert any(line.rstrip().endswith("in use today, 1 answer not ok") for line in shown(120))


def test_sixty_columns_hold_whole_words_of_every_heading() -> None:
    lines = shown(60)

    words = {word for line in lines for word in line.split()}
    assert max(map(len, lines)) <= 60
    assert {"tier", "model", "score", "interval", "against", "current", "medium"} <= words
