from __future__ import annotations

from evalbench.reports.verdict import verdict_lines, wrapped
from tests.reports.build_findings import hostile_finding, inconclusive_finding, recommended_finding


def test_names_are_padded_and_evidence_is_indented() -> None:
    lines = verdict_lines([recommended_finding(), inconclusive_finding()])

    assert lines == [
        "support-triage  USE small (gpt-5-nano)   saves $8,140 of $9,000 a month",
        "  right on 91.2 % of 420 items, gpt-5 on 92.1 %; at worst 3.1 points less (95 % sure, 5 allowed)",
        "invoice-fields  CANNOT TELL YET, keep gpt-5   about 270 more items ($0.60) would settle it",
        "  scores 85.0 of 100 on average, gpt-5 87.0; it could be 8.0 points worse",
    ]


def test_one_very_long_name_does_not_push_the_others_away() -> None:
    lines = verdict_lines([recommended_finding("short"), recommended_finding("long-" * 30)])

    assert lines[0].startswith("short  USE small")


def test_no_escape_sequence_reaches_the_terminal() -> None:
    text = "\n".join(verdict_lines([hostile_finding()]))

    assert "\x1b" not in text


def test_nothing_concluded_is_nothing_said() -> None:
    assert verdict_lines([]) == []


def test_a_long_line_breaks_between_words_and_goes_on_indented() -> None:
    line = "  right on 89.8 % of 1,240 items; at worst 1.9 points less"

    assert wrapped(line, 44) == ["  right on 89.8 % of 1,240 items; at worst", "    1.9 points less"]
    assert wrapped(line, 80) == [line]
