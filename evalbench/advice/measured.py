"""What was measured, in one clause: both scores, and how much worse the cheaper tier can be."""

from __future__ import annotations

from evalbench.advice.conclusion import Conclusion
from evalbench.advice.preferences import preferred
from evalbench.advice.words import how_many, listed, percent, points, points_number, seconds
from evalbench.core.comparison import Comparison, Verdict
from evalbench.core.completion import Status
from evalbench.core.models import Tier

_FAILED = {
    Status.REFUSED: "refused",
    Status.TRUNCATED: "cut off",
    Status.EMPTY: "empty",
    Status.INVALID: "unreadable",
    Status.TIMEOUT: "too late",
}
_CORPUS_NAMES = {"macro_f1": "macro F1", "micro_f1": "micro F1", "bleu": "BLEU", "chrf": "chrF"}


def quality(found: Conclusion, comparison: Comparison) -> str:
    """What both tiers scored, and how much worse the cheaper one can be at worst."""
    if found.run.is_pairwise:
        return f"{preferred(found, comparison)}{_at_worst(found, comparison, 'behind')}"
    return f"{_both_scores(found, comparison)}{_at_worst(found, comparison)}"


def alone(found: Conclusion, tier: Tier) -> str:
    """What one tier scored on all items that it has a score for, as the opening of a sentence."""
    if found.run.is_yardstick(tier):
        return "what the others are compared with"
    own = found.estimates[tier]
    if own.score is None:
        return "no answer could be scored"
    return _scored(found, own.score.value, own.scored_items)


def _scored(found: Conclusion, value: float, items: int) -> str:
    score, counted = _figure(found, value), how_many(items, "item")
    each = f" ({found.repeats} answers each)" if found.repeats > 1 else ""
    if found.is_share:
        return f"right on {score} of {counted}{each}"
    metric = _CORPUS_NAMES.get(found.run.task.metric)
    if metric:
        return f"{metric} {score} of 100 over {counted}{each}"
    return f"scores {score} of 100 on average over {counted}{each}"


def _figure(found: Conclusion, value: float) -> str:
    return percent(value) if found.is_share else points_number(value)


def _both_scores(found: Conclusion, comparison: Comparison) -> str:
    """Both scores on the items that both tiers answered, since no others can be compared."""
    current = found.label(comparison.reference)
    if comparison.scores is None:
        candidate = alone(found, comparison.tier)
        is_scored = found.estimates[comparison.tier].score is not None
        return f"{candidate}, none of them shared with {current}" if is_scored else candidate
    own, other = comparison.scores
    reference = f"{current} {'on ' if found.is_share else ''}{_figure(found, other)}"
    return f"{_scored(found, own, comparison.items)}, {reference}"


def _at_worst(found: Conclusion, comparison: Comparison, less: str = "less") -> str:
    if comparison.low is None:
        return ""
    low, task = comparison.low, found.run.task
    sure, allowed = percent(found.sure), points_number(task.max_drop)
    if is_shown_worse(comparison, task.max_drop):
        return f"; at least {drop(found, comparison.high or 0.0)} {less} ({sure} sure, {allowed} allowed)"
    if low >= 0:
        return f"; no worse ({sure} sure, {points(task.max_drop)} {less} allowed)"
    if low < -task.max_drop:
        return f"; {drop(found, low)} {less} cannot be ruled out yet (at {sure} sure, {allowed} allowed)"
    at_worst = f"; at worst {drop(found, low)} {less}"
    if comparison.verdict is Verdict.UNKNOWN and not comparison.reasons and len(found.cheaper) > 1:
        together = f"{len(found.cheaper)} tiers tested at once have to clear a higher bar"
        return f"{at_worst} on its own ({allowed} allowed), but {together}"
    return f"{at_worst} ({sure} sure, {allowed} allowed)"


def is_shown_worse(comparison: Comparison, max_drop: float) -> bool:
    """Whether even the best that the interval allows is more than the drop allowed."""
    return (
        comparison.verdict is Verdict.NOT_GOOD_ENOUGH
        and comparison.high is not None
        and comparison.high < -max_drop
    )


def drop(found: Conclusion, difference: float) -> str:
    """Points that never round to the very drop allowed, unless they are equal."""
    size, allowed = abs(difference) * 100, found.run.task.max_drop * 100
    for decimals in (1, 2, 3):
        if round(size, decimals) != round(allowed, decimals):
            return points(round(size, decimals) / 100)
    return points(difference)


def latency(found: Conclusion, tier: Tier) -> tuple[str, ...]:
    """How fast a tier answers, where the task limits it."""
    timed, limit_s = found.estimates[tier].latency, found.run.task.limits.max_p95_s
    if timed is None or limit_s is None:
        return ()
    return (f"95 % of its answers within {seconds(timed.p95)} ({seconds(limit_s)} allowed)",)


def failures(found: Conclusion, tier: Tier) -> tuple[str, ...]:
    """How many of a tier's answers failed, and how; the score counts them as wrong."""
    answers = found.estimates[tier].answers
    kinds = [f"{answers[status]} {word}" for status, word in _FAILED.items() if answers.get(status)]
    if not kinds:
        return ()
    failed = sum(answers.get(status, 0) for status in _FAILED)
    answered = found.estimates[tier].trials - answers.get(Status.MISSING, 0)
    return (
        f"{failed:,} of its {how_many(answered, 'answer')} failed, which the score includes: {listed(kinds)}",
    )
