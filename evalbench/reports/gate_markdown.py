"""What a gate found as Markdown that fits into a pull-request comment."""

from __future__ import annotations

from collections.abc import Mapping

from evalbench.core.baseline import GateLine, GateResult, GateVerdict
from evalbench.reports import numbers
from evalbench.reports.gate_words import (
    WORDS,
    change_words,
    headline,
    moved_words,
    plain,
    reasons,
    title,
    visible_words,
)
from evalbench.reports.markdown import escape

MOST_ITEMS = 5
"""How many items that moved are shown a line."""

_MOST_CHARACTERS = 60_000
"""A comment holds 65,536; what is put around it needs room too."""

_FOOTNOTE = (
    "*Change: new minus accepted, in points of 100, each end of the span 95 % sure. "
    "Could see: the drop that would have been found 4 times in 5.*"
)
_LONGEST_TEXT = 300
_LONGEST_NAME = 200

_SIGNS: Mapping[GateVerdict, str] = {
    GateVerdict.FAIL: "\u2715",
    GateVerdict.PASS: "\u2713",
    GateVerdict.WARN: "?",
    GateVerdict.INCOMPLETE: "\u2026",
}


def render_gate_markdown(result: GateResult) -> str:
    """The lines as a table, then why, with the items that moved most; as much as a comment holds."""
    head = [
        f"## {escape(title(result))}",
        "",
        f"Run {escape(result.run)} against {escape(result.baseline)}, accepted {escape(result.accepted[:10])}.",
        "",
    ]
    notes = [f"- {_short(note)}" for note in result.notes]
    table = ["| | Task | Tier | Change | Could see |", "| --- | --- | --- | ---: | ---: |"]
    room = _MOST_CHARACTERS - sum(len(line) + 1 for line in [*head, *notes, *table, _FOOTNOTE])
    rows = [_row(line) for line in result.lines]
    shown = _fitting(rows, room // 2)
    if len(shown) < len(rows):
        shown.append(f"| | {len(rows) - len(shown):,} more | | | |")
    room -= sum(len(row) + 1 for row in shown)
    sections = [_section(line) for line in result.lines if line.verdict is not GateVerdict.PASS]
    kept = _fitting(sections, room - _LONGEST_NAME)
    if len(kept) < len(sections):
        kept.append(f"{len(sections) - len(kept):,} more are in the log and in junit.xml.\n")
    return "\n".join([*head, *table, *shown, "", _FOOTNOTE, "", *kept, *notes]).rstrip("\n") + "\n"


def _fitting(parts: list[str], room: int) -> list[str]:
    kept = []
    for part in parts:
        room -= len(part) + 1
        if room < 0:
            break
        kept.append(part)
    return kept


def _row(line: GateLine) -> str:
    word = f"{_SIGNS[line.verdict]} {WORDS[line.verdict]}"
    tier = f"{_short(line.tier)} ({_short(line.model)})"
    if line.verdict is GateVerdict.INCOMPLETE or line.worst.difference is None:
        change, seen = _short(headline(line)), ""
    else:
        test = line.worst
        seen = "" if test.detectable_drop is None else numbers.drop(round(test.detectable_drop, 3))
        change = _short(change_words(test))
        seen = seen or _short(visible_words(test))
    return f"| {word} | {_short(line.task)} | {tier} | {change} | {seen} |"


def _section(line: GateLine) -> str:
    lines = [f"### {WORDS[line.verdict]} {_short(line.task)}, {_short(line.tier)}", ""]
    lines += [_short(headline(line)), ""]
    lines += [f"- {_short(reason, _LONGEST_TEXT * 3)}" for reason in reasons(line)]
    moved = line.moved[:MOST_ITEMS]
    if moved:
        lines += ["", "<details><summary>Items that moved most</summary>", ""]
        for item in moved:
            lines.append(f"- **{_short(item.id)}**: {moved_words(line, item)}")
            for name, text in (("asked", item.asked), ("right", item.right), ("answered", item.answered)):
                if text is not None:
                    lines.append(f"  - {name}: {_short(text, _LONGEST_TEXT) or '(nothing)'}")
        lines += ["", "</details>"]
    return "\n".join([*lines, ""])


def _short(text: str, longest: int = _LONGEST_NAME) -> str:
    """Text nobody vouches for, cut and without effect on the page."""
    return escape(plain(text, longest))
