from __future__ import annotations

from dataclasses import replace

import pytest

from evalbench.reports.summary import summary, to_json
from evalbench.reports.tally import tally
from tests.reports.build_findings import make_run, recommended_finding


@pytest.mark.parametrize(
    ("total", "text"), [(11.0, "11"), (0.0, "0"), (3, "3"), (2.5, "2.5"), (1e-9, "1e-09"), (0.1 + 0.2, "0.30000000000000004")]
)
def test_counts_are_whole_and_sums_of_graded_scores_stay_as_they_are(total: float, text: str) -> None:
    assert repr(tally(total)) == text


def test_a_summary_counts_wins_and_losses() -> None:
    finding = recommended_finding()
    counted = replace(finding.comparisons[0], wins=11.0, losses=2.5)

    found = to_json(summary(make_run(finding), [replace(finding, comparisons=(counted,))]))

    assert '"wins": 11,' in found
    assert '"losses": 2.5,' in found
