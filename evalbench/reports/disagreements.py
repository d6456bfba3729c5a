"""The items on which a candidate and the tier in use today parted ways, worst first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalbench.core.completion import Status
from evalbench.core.evalset import Item
from evalbench.core.figures import STATUSES
from evalbench.core.models import Tier
from evalbench.core.recommendation import Finding
from evalbench.core.run import TaskRun
from evalbench.core.trial import Trial
from evalbench.reports import numbers, phrases
from evalbench.reports.plain_text import Clipped, clip, one_line, spoken

LIMIT = 10
_LONGEST_PROMPT = 1200
_LONGEST_ANSWER = 600
_LONGEST_NOTE = 300
_NOTHING_TO_JUDGE = (STATUSES.index(Status.OK), STATUSES.index(Status.MISSING))


@dataclass(frozen=True, slots=True)
class Reply:
    """What one tier made of an item. The texts are None where they are left out or absent."""

    tier: str
    score: str
    status: str
    answer: Clipped | None
    reading: Clipped | None
    note: Clipped | None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One item, what was expected, and what every tier answered."""

    item_id: str
    difference: str
    prompt: Clipped | None
    target: Clipped | None
    replies: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class Disagreements:
    """Where `candidate` scored below `reference` and where above, with how often in all."""

    candidate: str
    reference: str
    lost: tuple[Disagreement, ...]
    won: tuple[Disagreement, ...]
    lost_count: int
    won_count: int


def disagreements(finding: Finding, *, with_texts: bool, limit: int = LIMIT) -> Disagreements | None:
    """At most `limit` items a side for the tier that matters most; None when there is none."""
    candidate, reference = focus(finding), finding.run.models.current
    if candidate is None:
        return None
    difference = _differences(finding.run, candidate)
    lost, won = np.flatnonzero(difference < 0), np.flatnonzero(difference > 0)
    lost, won = lost[np.argsort(difference[lost], kind="stable")], won[np.argsort(-difference[won], kind="stable")]

    def show(items: NDArray[np.int64]) -> tuple[Disagreement, ...]:
        return tuple(
            _disagreement(finding.run, item, difference[item], with_texts=with_texts)
            for item in items[:limit].tolist()
        )

    return Disagreements(one_line(candidate), one_line(reference), show(lost), show(won), len(lost), len(won))


def focus(finding: Finding) -> Tier | None:
    """The tier whose mistakes a reader wants to see: the recommended one, else the cheapest compared."""
    current, recommended = finding.run.models.current, finding.recommendation.tier
    if recommended is not None and recommended != current:
        return recommended
    compared = {comparison.tier for comparison in finding.comparisons} - {current}
    return next((tier for tier in finding.run.models.tiers if tier in compared), None)


def _differences(run: TaskRun, candidate: Tier) -> NDArray[np.float64]:
    own = _item_scores(run, candidate)
    # The score of a preference is against the current tier already, and half of it is a tie.
    return 2 * own - 1 if run.is_pairwise else own - _item_scores(run, run.models.current)


def _item_scores(run: TaskRun, tier: Tier) -> NDArray[np.float64]:
    """The mean score of each labelled item over its repeats; NaN where there is none."""
    figures = run.figures
    scores, item = np.array(figures.score), np.asarray(figures.item)
    takes_part = np.asarray(run.facts.has_target) > 0
    takes_part[item[~np.isnan(scores)]] = True
    # As `_value` has it.
    if not run.is_pairwise:
        scores[np.isnan(scores) & ~np.isin(np.asarray(figures.status), _NOTHING_TO_JUDGE)] = 0.0
    counts = (np.asarray(figures.tier) == run.models.tiers.index(tier)) & ~np.isnan(scores) & takes_part[item]
    answers = np.bincount(item[counts], minlength=len(run.items))
    totals = np.bincount(item[counts], weights=scores[counts], minlength=len(run.items))
    return np.where(answers > 0, totals / np.maximum(answers, 1), np.nan)


def _value(run: TaskRun, trial: Trial) -> float | None:
    """The score of a trial; a failure of the model counts 0, a missing answer not at all.

    Where answers are compared, a failure has a score like any other.
    """
    if trial.score is not None:
        return trial.score.value
    return None if run.is_pairwise or trial.status in (Status.OK, Status.MISSING) else 0.0


def _first_trials(run: TaskRun, item: int) -> list[Trial]:
    """The first repeat of every tier for an item, cheapest tier first."""
    figures = run.figures
    rows = np.flatnonzero(np.asarray(figures.item) == item).tolist()
    first: dict[int, int] = {}
    for row in rows:
        first.setdefault(figures.tier[row], row)
    return [run.trials[first[tier]] for tier in sorted(first)]


def _disagreement(run: TaskRun, place: int, difference: float, *, with_texts: bool) -> Disagreement:
    item = run.items[place]
    return Disagreement(
        item_id=one_line(item.id),
        difference=numbers.points(difference),
        prompt=clip(_question(item), _LONGEST_PROMPT) if with_texts else None,
        target=_clipped(spoken(item.target), _LONGEST_ANSWER) if with_texts else None,
        replies=tuple(_reply(run, trial, with_texts=with_texts) for trial in _first_trials(run, place)),
    )


def _question(item: Item) -> str:
    """The item's own input; for a conversation without one, its turns."""
    if item.prompt.text:
        return item.prompt.text
    return "\n".join(f"{message.role}: {message.content}" for message in item.prompt.messages)


def _reply(run: TaskRun, trial: Trial, *, with_texts: bool) -> Reply:
    completion = trial.completion
    return Reply(
        tier=one_line(trial.tier),
        score=phrases.YARDSTICK if run.is_yardstick(trial.tier) else numbers.score(_value(run, trial)),
        status=phrases.STATUSES[trial.status],
        answer=clip(completion.text, _LONGEST_ANSWER) if with_texts and completion is not None else None,
        reading=_clipped(_reading(trial), _LONGEST_NOTE) if with_texts else None,
        note=_clipped(_note(trial), _LONGEST_NOTE) if with_texts else None,
    )


def _reading(trial: Trial) -> str | None:
    """What the grader read, where that is not simply the answer."""
    reading = None if trial.score is None else trial.score.reading
    answer = "" if trial.completion is None else trial.completion.text
    return None if reading == answer.strip() else reading


def _note(trial: Trial) -> str | None:
    if trial.failure is not None:
        return f"{trial.failure.kind}: {trial.failure.message}"
    return trial.score.explanation or None if trial.score is not None else None


def _clipped(text: str | None, limit: int) -> Clipped | None:
    return None if text is None else clip(text, limit)
