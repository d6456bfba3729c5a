"""What a reader should know before acting on a verdict, and what to type next."""

from __future__ import annotations

import shlex

import numpy as np
from numpy.typing import NDArray

from evalbench.advice.answers import about_answers, has_ungraded
from evalbench.advice.benefit import lacks_terms
from evalbench.advice.conclusion import Conclusion
from evalbench.advice.looks import about_looks
from evalbench.advice.money import about_money
from evalbench.advice.observations import integers, labelled, trial_scores
from evalbench.advice.preferences import about_position
from evalbench.advice.stopped import about_stops
from evalbench.advice.words import how_many, percent, points, points_number
from evalbench.core.comparison import Comparison, Verdict
from evalbench.core.completion import Status
from evalbench.core.evalset import TaskKind
from evalbench.core.models import Tier
from evalbench.core.recommendation import Outcome
from evalbench.core.run import TaskRun

FEW_MISSING = 0.05
"""The share of missing answers above which a decision refuses to trust the rest."""

_UNCALIBRATED = (
    "uncalibrated: a model judged these answers, and no labels of people tell how often it is right, "
    "so no verdict here is more than likely"
)
_LABEL_KINDS = frozenset({TaskKind.CLASSIFICATION, TaskKind.ROUTING})


def caveats(found: Conclusion) -> tuple[str, ...]:
    """Everything that qualifies the verdict, most important first."""
    return (
        *about_looks(found.look, found.run.task, len(found.run.items)),
        *_about_judge(found),
        *_about_current(found),
        *_about_margin(found),
        *_about_missing(found),
        *about_stops(found),
        *about_answers(found),
        *about_money(found),
        *lacks_terms(found),
        *_about_choice(found),
        *_about_items(found),
    )


def next_commands(found: Conclusion) -> tuple[str, ...]:
    """Commands that can be pasted, the most useful first."""
    if any(not found.is_recorded(tier) for tier in found.lacking_tiers):
        return (found.resume_command,)
    if has_ungraded(found):
        return ("evalbench grade latest", "evalbench report latest --open")
    source = found.run.task.source
    is_locked = any("critical_locked" in comparison.reasons for comparison in found.cheaper.values())
    is_open = found.outcome in {Outcome.INCONCLUSIVE, Outcome.PROVISIONAL}
    if is_open and not is_locked and not found.is_capped:
        again = (shlex.join(("evalbench", "run", source, *found.flags)),) if source is not None else ()
        return (*again, "evalbench report latest --open")
    lost = _first_loss(found)
    look = (f"evalbench show latest {shlex.quote(lost)}",) if lost is not None else ()
    return ("evalbench report latest --open", *look)


def _about_judge(found: Conclusion) -> tuple[str, ...]:
    if not found.run.is_judged:
        return ()
    return (_UNCALIBRATED, *about_position(found))


def _about_current(found: Conclusion) -> tuple[str, ...]:
    score, floor = found.estimates[found.current].score, found.run.task.limits.min_score
    current = found.label(found.current)
    if found.run.is_pairwise:
        return ()  # It has no score.
    if score is None:
        return (f"no answer of {current} could be scored, so there is nothing to compare with",)
    if score.value == 0:
        return (f"reference scores 0: {current} got nothing right, so being no worse than it means nothing",)
    is_said = found.outcome is Outcome.NO_TIER_QUALIFIES
    if floor is not None and score.value < floor and not is_said:
        return (f"{current} itself is below the floor of {percent(floor)} (min_score)",)
    return ()


def _about_margin(found: Conclusion) -> tuple[str, ...]:
    """The checks of a largest drop allowed that is too large, or too small to mean anything."""
    task, score = found.run.task, found.estimates[found.current].score
    items, lines = int(labelled(found.run).sum()), []
    if items and task.max_drop < 1 / items:
        lines.append(
            f"the drop allowed ({points(task.max_drop)}) is less than one of the {how_many(items, 'item')} "
            "is worth, so a single answer decides; add items"
        )
    if score is not None and score.value > 0:
        lines.extend(_about_large_margin(found, score.value))
    return tuple(lines)


def _about_large_margin(found: Conclusion, reached: float) -> tuple[str, ...]:
    task, current = found.run.task, f"{found.label(found.current)} ({points_number(reached)} of 100)"
    has_majority = task.kind in _LABEL_KINDS and found.is_share
    baseline = _majority_share(found.run) if has_majority else 0.0
    if baseline >= reached:
        always = f"always giving the most frequent answer scores {points_number(baseline)} of 100"
        return (f"{always}, no less than {current}: these items cannot tell tiers apart",)
    if task.max_drop <= (reached - baseline) / 2:
        return ()
    gain = "what always giving the most frequent answer leaves to gain" if baseline else "the whole score"
    allowed = f"the drop allowed ({points(task.max_drop)})"
    return (f"{allowed} is more than half of {gain} of {current}; consider a smaller max_drop",)


def _about_missing(found: Conclusion) -> tuple[str, ...]:
    return tuple(_missing_words(found, tier) for tier in found.lacking_tiers)


def _missing_words(found: Conclusion, tier: Tier) -> str:
    estimate = found.estimates[tier]
    missing = estimate.answers[Status.MISSING]
    much = ", too many for a verdict" if missing > FEW_MISSING * estimate.trials else ""
    fix = "add the lines that the recording lacks" if found.is_recorded(tier) else found.asked_again
    return f"{found.name(tier)} lacks {missing:,} of {how_many(estimate.trials, 'answer')}{much}; {fix}"


def _about_choice(found: Conclusion) -> tuple[str, ...]:
    if found.tier is None:
        return ()
    lines = []
    if found.estimates[found.tier].is_classical:
        lines.append(
            f"{found.label(found.tier)} is a classical model, not a language model: it knows only what its "
            "training split showed it, so train it again when the traffic changes"
        )
    lines += [
        f"{found.name(tier)} comes before {found.current}, but costs no less" for tier in _not_cheaper(found)
    ]
    chosen = found.cheaper.get(found.tier)
    if chosen is not None and _may_cost_the_same(chosen):
        lines.append(
            f"{found.name(found.tier)} is not surely cheaper: its cost may be that of {found.current}"
        )
    return tuple(lines)


def _about_items(found: Conclusion) -> tuple[str, ...]:
    run = found.run
    unlabelled = int((~labelled(run)).sum())
    duplicates = run.facts.repeated
    lines = [_small_class(run, *note.split(":")) for note in found.remarks("class_too_small")]
    if unlabelled:
        lines.append(f"{how_many(unlabelled, 'item')} without a target: answered and paid for, not scored")
    if duplicates:
        of_all = f"{duplicates:,} of {how_many(len(run.items), 'item')}"
        lines.append(
            f"prompt already seen in an earlier item: {of_all}; these add less evidence than new ones"
        )
    return tuple(lines)


def _small_class(run: TaskRun, index: str, items: str) -> str:
    labels = run.task.labels
    label = labels[int(index)] if int(index) < len(labels) else f"class {index}"
    return f"{label!r} has only {how_many(int(items), 'item')}, too few for macro F1"


def _not_cheaper(found: Conclusion) -> list[Tier]:
    return [found.run.models.tiers[int(index)] for index in found.remarks("not_cheaper")]


def _may_cost_the_same(chosen: Comparison) -> bool:
    ratio = chosen.cost_ratio
    return ratio is not None and ratio.high is not None and ratio.high >= 1


def _majority_share(run: TaskRun) -> float:
    """What always giving the most frequent target would score."""
    return run.facts.commonest / max(1, int(labelled(run).sum()))


def _first_loss(found: Conclusion) -> str | None:
    """An item that the chosen tier got wrong and the current one right: worth reading first."""
    if found.tier is None or found.keeps_current or found.cheaper[found.tier].verdict is Verdict.UNKNOWN:
        return None
    chosen, current = _first_scores(found, found.tier), _first_scores(found, found.current)
    lost = np.flatnonzero(chosen < np.nan_to_num(current))
    return found.run.items[int(lost[0])].id if len(lost) else None


def _first_scores(found: Conclusion, tier: Tier) -> NDArray[np.float64]:
    """The score of the first answer to each item; NaN where there is none."""
    run, figures = found.run, found.run.figures
    scores = np.full(len(run.items), np.nan)
    is_first = (integers(figures.tier) == run.models.tiers.index(tier)) & (integers(figures.repeat) == 0)
    scores[integers(figures.item)[is_first]] = trial_scores(run)[is_first]
    return scores
