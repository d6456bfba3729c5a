"""What was measured, in one clause: both scores, and how much worse the cheaper tier can be."""

from __future__ import annotations

from evalbench.advice.conclusion import Conclusion
from evalbench.advice.words import how_many, percent, points, points_number
from evalbench.core.comparison import Comparison, Verdict
from evalbench.core.models import Tier

_CORPUS_NAMES = {"macro_f1": "macro F1", "micro_f1": "micro F1", "bleu": "BLEU", "chrf": "chrF"}


def quality(found: Conclusion, comparison: Comparison) -> str:
    """What both tiers scored, and how much worse the cheaper one can be at worst."""
    return f"{_both_scores(found, comparison)}{_at_worst(found, comparison)}"


def _score(found: Conclusion, tier: Tier) -> str | None:
    score = found.estimates[tier].score
    if score is None:
        return None
    return percent(score.value) if found.is_share else points_number(score.value)


def alone(found: Conclusion, tier: Tier, items: int) -> str:
    """What one tier scored, as the opening of a sentence."""
    score, counted = _score(found, tier), how_many(items, "item")
    if score is None:
        return "no answer could be scored"
    each = f" ({found.repeats} answers each)" if found.repeats > 1 else ""
    if found.is_share:
        return f"right on {score} of {counted}{each}"
    metric = _CORPUS_NAMES.get(found.run.task.metric)
    if metric:
        return f"{metric} {score} of 100 over {counted}{each}"
    return f"scores {score} of 100 on average over {counted}{each}"


def _both_scores(found: Conclusion, comparison: Comparison) -> str:
    current = _score(found, comparison.reference)
    candidate = alone(found, comparison.tier, comparison.items)
    if current is None:
        return candidate
    return f"{candidate}, {found.label(comparison.reference)} {'on ' if found.is_share else ''}{current}"


def _at_worst(found: Conclusion, comparison: Comparison) -> str:
    if comparison.low is None:
        return ""
    low, task = comparison.low, found.run.task
    sure, allowed = percent(task.confidence), points_number(task.max_drop)
    if is_shown_worse(comparison, task.max_drop):
        return f"; at least {drop(found, comparison.high or 0.0)} less ({sure} sure, {allowed} allowed)"
    if low >= 0:
        return f"; no worse ({sure} sure, {points(task.max_drop)} less allowed)"
    if low < -task.max_drop:
        return f"; {drop(found, low)} less cannot be ruled out yet (at {sure} sure, {allowed} allowed)"
    at_worst = f"; at worst {drop(found, low)} less"
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
