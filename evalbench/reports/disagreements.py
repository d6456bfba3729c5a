"""The items on which a candidate and the tier in use today parted ways, worst first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalbench.core.completion import Status
from evalbench.core.evalset import Item
from evalbench.core.models import Tier
from evalbench.core.recommendation import Finding
from evalbench.core.trial import Trial
from evalbench.reports import numbers, phrases
from evalbench.reports.plain_text import Clipped, clip, one_line, spoken

LIMIT = 10
_LONGEST_PROMPT = 1200
_LONGEST_ANSWER = 600
_LONGEST_NOTE = 300


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
    scores = _item_scores(finding, (candidate, reference))
    differences = {
        item_id: scores[candidate][item_id] - scores[reference][item_id]
        for item_id in scores[candidate]
        if item_id in scores[reference]
    }
    items = {item.id: item for item in finding.run.items}
    lost = sorted((key for key in items if differences.get(key, 0) < 0), key=lambda key: differences[key])
    won = sorted((key for key in items if differences.get(key, 0) > 0), key=lambda key: -differences[key])
    trials = _trials_of(finding, {*lost[:limit], *won[:limit]})

    def show(ids: Sequence[str]) -> tuple[Disagreement, ...]:
        return tuple(
            _disagreement(items[item_id], differences[item_id], trials[item_id], with_texts=with_texts)
            for item_id in ids[:limit]
        )

    return Disagreements(one_line(candidate), one_line(reference), show(lost), show(won), len(lost), len(won))


def focus(finding: Finding) -> Tier | None:
    """The tier whose mistakes a reader wants to see: the recommended one, else the cheapest compared."""
    current, recommended = finding.run.models.current, finding.recommendation.tier
    if recommended is not None and recommended != current:
        return recommended
    compared = {comparison.tier for comparison in finding.comparisons} - {current}
    return next((tier for tier in finding.run.models.tiers if tier in compared), None)


def _item_scores(finding: Finding, tiers: Sequence[Tier]) -> Mapping[Tier, Mapping[str, float]]:
    """The mean score of each labelled item over its repeats, by tier."""
    scored = {trial.item_id for trial in finding.run.trials if trial.score is not None}
    labelled = scored | {item.id for item in finding.run.items if item.target is not None}
    found: dict[Tier, dict[str, list[float]]] = {tier: {} for tier in tiers}
    for trial in finding.run.trials:
        value = _value(trial)
        if trial.tier in found and trial.item_id in labelled and value is not None:
            found[trial.tier].setdefault(trial.item_id, []).append(value)
    return {
        tier: {item_id: sum(values) / len(values) for item_id, values in of_tier.items()}
        for tier, of_tier in found.items()
    }


def _value(trial: Trial) -> float | None:
    """The score of a trial; a failure of the model counts 0, a missing answer not at all."""
    if trial.score is not None:
        return trial.score.value
    return None if trial.status in (Status.OK, Status.MISSING) else 0.0


def _trials_of(finding: Finding, wanted: set[str]) -> dict[str, list[Trial]]:
    """The first repeat of every tier for the items that are shown, cheapest tier first."""
    order = {tier: number for number, tier in enumerate(finding.run.models.tiers)}
    found: dict[str, dict[Tier, Trial]] = {item_id: {} for item_id in wanted}
    for trial in finding.run.trials:
        if trial.item_id in found:
            found[trial.item_id].setdefault(trial.tier, trial)
    return {
        item_id: sorted(by_tier.values(), key=lambda trial: order[trial.tier])
        for item_id, by_tier in found.items()
    }


def _disagreement(
    item: Item, difference: float, trials: Sequence[Trial], *, with_texts: bool
) -> Disagreement:
    return Disagreement(
        item_id=one_line(item.id),
        difference=numbers.points(difference),
        prompt=clip(_question(item), _LONGEST_PROMPT) if with_texts else None,
        target=_clipped(spoken(item.target), _LONGEST_ANSWER) if with_texts else None,
        replies=tuple(_reply(trial, with_texts=with_texts) for trial in trials),
    )


def _question(item: Item) -> str:
    """The item's own input; for a conversation without one, its turns."""
    if item.prompt.text:
        return item.prompt.text
    return "\n".join(f"{message.role}: {message.content}" for message in item.prompt.messages)


def _reply(trial: Trial, *, with_texts: bool) -> Reply:
    completion = trial.completion
    return Reply(
        tier=one_line(trial.tier),
        score=numbers.score(_value(trial)),
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
