"""The verdict as plain text: one headline per task, with its evidence below."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence

from evalbench.core.recommendation import Finding
from evalbench.reports.plain_text import one_line

_WIDEST_NAME = 40
_NARROWEST = 40
_INDENT = " " * 4


def verdict_lines(findings: Sequence[Finding], most_evidence: int | None = None) -> list[str]:
    """Task names padded to one width, each headline beside its name, evidence indented.

    With `most_evidence` only so many lines of evidence are given, the first of which says the most.
    """
    names = [one_line(finding.run.task.name) for finding in findings]
    width = max((width for width in map(_columns, names) if width <= _WIDEST_NAME), default=0)
    lines: list[str] = []
    for name, finding in zip(names, findings, strict=True):
        padding = " " * max(0, width - _columns(name))
        lines.append(f"{name}{padding}  {_keep_gaps(finding.recommendation.headline)}")
        lines.extend(f"  {one_line(line)}" for line in finding.recommendation.evidence[:most_evidence])
    return lines


def wrapped(line: str, width: int) -> list[str]:
    """A line of a verdict broken between words, what is left of it indented."""
    return textwrap.wrap(
        line,
        max(width, _NARROWEST),
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _keep_gaps(headline: str) -> str:
    """The headline on one line, with the wide gap that sets off what it saves."""
    return "   ".join(part for part in map(one_line, headline.split("   ")) if part)


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
