"""The run as Markdown that fits into a pull-request comment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from evalbench.core.models import Tier
from evalbench.core.recommendation import Finding, MonthlyBill, Outcome
from evalbench.core.run import Run
from evalbench.reports import numbers, phrases
from evalbench.reports.again import lack_of, reproduce
from evalbench.reports.of_run import of_run
from evalbench.reports.plain_text import one_line
from evalbench.reports.tiers import comparison_rows, tier_rows
from evalbench.reports.view import created, next_commands, page_title, saving

_SPECIAL = re.compile(r"([\\`*_\[\]#|~<>&]|\$(?!\d))")
_MENTION = re.compile(r"(?<!\w)@(?=\w)")
_BACKTICKS = re.compile("`+")
_WITHIN = ("50 % within", "95 % within", "99 % within")
_NO_BREAK = "\u200b"
_MOST_CHARACTERS = 50_000


def escape(text: str) -> str:
    """Text nobody vouches for on one line, without effect on the page, and without pinging anybody."""
    plain = _MENTION.sub(f"@{_NO_BREAK}", one_line(text)).replace("://", f":{_NO_BREAK}//")
    return _SPECIAL.sub(r"\\\1", plain)


def render_markdown(run: Run, findings: Sequence[Finding], monthly: MonthlyBill | None = None) -> str:
    """The verdicts first, then the tables of each task folded away; no prompt or answer in it."""
    manifest = run.manifest
    findings = of_run(findings, manifest.id)
    lines = [f"## {escape(page_title(findings))}", ""]
    lack = lack_of(run)
    if lack is not None:
        advice = f" {lack.advice} `{lack.command}`{lack.then}." if lack.command else ""
        lines += [f"**This run is not complete.** {lack.words}{advice}", ""]
    lines += _table(
        ("Task", "Verdict", "Tier", "Saves"),
        (_outcome_row(finding) for finding in findings),
        numeric_from=9,
    )
    if monthly is not None:
        lines += [_bill(monthly), ""]
    lines += _tasks(findings, _MOST_CHARACTERS - sum(map(len, lines)))
    facts = (
        f"Run {escape(manifest.id)}",
        escape(created(manifest.created)),
        f"evalbench {escape(manifest.version)}",
        f"seed {manifest.seed}",
        f"spent {numbers.amount(run.spent_usd)}.",
    )
    lines += [", ".join(facts), "", *_fenced(reproduce(run))]
    return "\n".join(lines).rstrip("\n") + "\n"


def _tasks(findings: Sequence[Finding], room: int) -> list[str]:
    """As many sections as a comment holds; the table above has every task in any case."""
    lines: list[str] = []
    for number, finding in enumerate(findings):
        section = _task(finding)
        room -= sum(map(len, section))
        if room < 0:
            left = numbers.plural(len(findings) - number, "more task")
            return [*lines, f"{left} are in the full report.", ""]
        lines += section
    return lines


def _outcome_row(finding: Finding) -> tuple[str, ...]:
    found = finding.recommendation
    words = phrases.OUTCOMES[found.outcome]
    tier = found.tier or ""
    keep = "keep " if tier and tier == finding.run.models.current else ""
    model = f" ({escape(_model(finding, tier))})" if tier else ""
    saved, _ = saving(finding)
    return (
        f"**{escape(finding.run.task.name)}**",
        f"{words.sign} {words.word}",
        f"{keep}{escape(tier)}{model}",
        f"{saved}, likely" if saved and found.outcome is Outcome.PROVISIONAL else saved,
    )


def _model(finding: Finding, tier: Tier) -> str:
    model = finding.run.models.models[tier]
    return f"{model.shown}, {phrases.CLASSICAL}" if model.is_classical else model.shown


def _bill(found: MonthlyBill) -> str:
    between = numbers.distinct_span(found.low_usd, found.high_usd, numbers.amount)
    return (
        f"Monthly bill: {numbers.amount(found.current_usd)} today, {numbers.amount(found.recommended_usd)} "
        f"as recommended{f' ({between})' if between else ''}."
    )


def _task(finding: Finding) -> list[str]:
    found = finding.recommendation
    lines = [f"### {escape(finding.run.task.name)}", "", escape(found.sentence), ""]
    lines += _bullets(found.evidence)
    lines += ["<details><summary>Tiers and comparisons</summary>", ""]
    lines += _tiers(finding)
    lines += _comparisons(finding)
    lines += [f"Signature: {escape(finding.run.signature)}", "", "</details>", ""]
    lines += _bullets(found.caveats)
    return lines + _fenced(next_commands(found))


def _tiers(finding: Finding) -> list[str]:
    header = ("Tier", "Model", "Score, of 100", f"USD per {finding.batch.name}", *_WITHIN, "Answered")
    rows = (
        (
            escape(row.tier) + (f" ({', '.join(row.roles)})" if row.roles else ""),
            escape(row.model),
            row.score + (f" ({row.score_span})" if row.score_span else ""),
            row.cost + (f" ({row.cost_span})" if row.cost_span else ""),
            *map(_safe, row.latency),
            "; ".join(filter(None, (row.answered, *row.failures, row.stopped))),
        )
        for row in tier_rows(finding)
    )
    return _table(header, rows, numeric_from=2)


def _comparisons(finding: Finding) -> list[str]:
    header = (
        "Tier",
        "Verdict",
        "Difference, points",
        "Better on",
        "Worse on",
        "By chance",
        "Would pass at",
    )
    rows = [
        (
            f"{escape(row.tier)} against {escape(row.reference)}",
            row.verdict + (f": {escape(row.reasons)}" if row.reasons else ""),
            row.difference + (f" ({row.span})" if row.span else ""),
            row.wins,
            row.losses,
            _safe(row.probability),
            row.proven_drop,
        )
        for row in comparison_rows(finding)
    ]
    return _table(header, rows, numeric_from=2) if rows else []


def _table(header: Sequence[str], rows: Iterable[Sequence[str]], numeric_from: int) -> list[str]:
    rule = ["---:" if number >= numeric_from else "---" for number in range(len(header))]
    return [_row(header), _row(rule), *map(_row, rows), ""]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _bullets(lines: Iterable[str]) -> list[str]:
    found = [f"- {escape(line)}" for line in lines]
    return [*found, ""] if found else []


def _fenced(commands: Sequence[str]) -> list[str]:
    """Commands as a code block whose fence is longer than any run of backticks inside."""
    if not commands:
        return []
    found = [one_line(command) for command in commands]
    longest = max((len(run) for command in found for run in _BACKTICKS.findall(command)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}sh", *found, fence, ""]


def _safe(figure: str) -> str:
    return figure.replace("<", "\\<")
