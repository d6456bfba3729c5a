"""Write the golden files again: `python -m tests.golden.update`, then read the difference."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from evalbench.core.recommendation import MonthlyBill
from evalbench.reports.html import render_html
from evalbench.reports.index import render_index
from evalbench.reports.markdown import render_markdown
from evalbench.reports.summary import summary, to_json
from evalbench.reports.verdict import verdict_lines
from tests.reports.build_findings import all_findings, inconclusive_finding, make_run, recommended_finding

FOLDER = Path(__file__).parent


def rendered() -> Mapping[str, str]:
    """Every golden file by name, as this version renders it."""
    findings = (recommended_finding(), inconclusive_finding())
    run = make_run(*findings)
    bill = MonthlyBill(12_400, 4_260, 4_100, 4_480)
    everything = all_findings()
    return {
        "report.html": render_html(run, findings, bill, with_texts=False),
        "index.html": render_index([summary(run, findings, bill)]),
        "summary.md": render_markdown(make_run(*everything), everything, bill),
        "summary.json": to_json(summary(run, findings, bill)),
        "verdict.txt": "\n".join(verdict_lines(everything)) + "\n",
    }


def main() -> None:
    """Write what is rendered now over what was rendered before."""
    for name, text in rendered().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
