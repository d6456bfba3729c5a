"""The list of stored runs, with the trend of each task, built from their summaries alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote

from evalbench.core.recommendation import Outcome
from evalbench.core.score import NET_WIN_RATE
from evalbench.errors import InputError
from evalbench.reports import numbers, phrases
from evalbench.reports.html import render
from evalbench.reports.plain_text import one_line
from evalbench.reports.strips import Sparkline, sparkline
from evalbench.reports.summary import SCHEMA
from evalbench.reports.view import created

Entry: TypeAlias = Mapping[str, Any]

_MOST_RUNS = 200
_LONGEST_TREND = 30


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one task in one run."""

    task: str
    outcome: str
    word: str
    sign: str
    tier: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run in the list."""

    run_id: str
    link: str
    created: str
    is_complete: bool
    verdicts: tuple[Verdict, ...]
    cost: str


@dataclass(frozen=True, slots=True)
class Trend:
    """How the tier that matters now has scored on a task over the runs."""

    verdict: Verdict
    tier: str
    score: str
    score_span: str
    runs: str
    line: Sparkline | None


def render_index(entries: Sequence[Entry]) -> str:
    """The page that links every report, newest first; links are relative to its own folder."""
    newest = sorted(map(_checked, entries), key=_order, reverse=True)
    return render(
        "index.html.jinja",
        runs=tuple(map(_run_row, newest[:_MOST_RUNS])),
        left_out=max(0, len(newest) - _MOST_RUNS),
        trends=_trends(newest),
    )


def _checked(entry: Entry) -> Entry:
    if entry.get("schema") != SCHEMA:
        raise InputError(
            f"a stored summary has schema {entry.get('schema')!r}, this version reads {SCHEMA!r}",
            "move that run's folder out of the reports folder, or write it again: evalbench report RUN.",
        )
    return entry


def _order(entry: Entry) -> tuple[str, str]:
    return str(entry["run"]["created"]), str(entry["run"]["id"])


def _run_row(entry: Entry) -> RunRow:
    run = entry["run"]
    return RunRow(
        run_id=one_line(run["id"]),
        link=f"{quote(run['id'], safe='')}/report.html",
        created=created(run["created"]),
        is_complete=bool(run["complete"]),
        verdicts=tuple(map(_verdict, entry["tasks"])),
        cost=numbers.amount(entry["totals"]["cost_usd"]),
    )


def _verdict(task: Entry) -> Verdict:
    found = task["recommendation"]
    words = phrases.OUTCOMES[Outcome(found["outcome"])]
    said = _named(task, found["tier"] or "")
    return Verdict(
        task=one_line(task["name"]),
        outcome=found["outcome"],
        word=words.word,
        sign=words.sign,
        tier=f"keep {said}" if said and found["tier"] == task["current"] else said,
    )


def _trends(newest: Sequence[Entry]) -> tuple[Trend, ...]:
    """One trend per task, for the tier its latest run recommends, else the one in use."""
    by_task: dict[str, list[Entry]] = {}
    for entry in newest:
        for task in entry["tasks"]:
            by_task.setdefault(task["name"], []).append(task)
    return tuple(_trend(tasks) for tasks in by_task.values())


def _trend(tasks: Sequence[Entry]) -> Trend:
    latest = tasks[0]
    tier = latest["recommendation"]["tier"] or latest["current"]
    scores = [score for task in tasks[:_LONGEST_TREND] if (score := _score(task, tier)) is not None]
    scores.reverse()
    title = f"score of {one_line(tier)}, oldest to newest: {', '.join(map(numbers.score, scores))}"
    return Trend(
        verdict=_verdict(latest),
        tier=_named(latest, tier),
        score=phrases.YARDSTICK if _is_yardstick(latest, tier) else numbers.score(_score(latest, tier)),
        score_span=_span(latest, tier),
        runs=numbers.plural(len(tasks), "run"),
        line=sparkline(scores, title),
    )


def _tier(task: Entry, tier: str) -> Entry:
    return next((found for found in task["tiers"] if found["tier"] == tier), {})


def _named(task: Entry, tier: str) -> str:
    """A tier by its name; a classical model under another name is marked."""
    is_marked = _tier(task, tier).get("classical") and tier != "classical"
    return f"{one_line(tier)} (classical)" if is_marked else one_line(tier)


def _is_yardstick(task: Entry, tier: str) -> bool:
    return (task["metric"], task["current"]) == (NET_WIN_RATE, tier)


def _score(task: Entry, tier: str) -> float | None:
    score = _tier(task, tier).get("score")
    return None if score is None else float(score["value"])


def _span(task: Entry, tier: str) -> str:
    score = _tier(task, tier).get("score") or {}
    return numbers.span(score.get("low"), score.get("high"), numbers.score)
