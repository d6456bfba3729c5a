"""Figures and reasons in plain words: money, shares, points, and why a tier did not pass."""

from __future__ import annotations

import math

from evalbench.core import money
from evalbench.core.evalset import Limits, Task
from evalbench.core.recommendation import Outcome

COST_UNKNOWN = "cost unknown"

SPOKEN = {
    Outcome.RECOMMENDED: "USE",
    Outcome.PROVISIONAL: "LIKELY",
    Outcome.INCONCLUSIVE: "CANNOT TELL YET",
    Outcome.NO_TIER_QUALIFIES: "NONE QUALIFIES",
}
"""What each outcome is called when it is said to a person."""

_MOST_DECIMALS = 15


def amount(value_usd: float | None) -> str:
    """What is paid or saved, to the cent; an unknown amount says so, and never looks like nothing."""
    return COST_UNKNOWN if value_usd is None or not math.isfinite(value_usd) else money.amount(value_usd)


def price(value_usd: float | None) -> str:
    """What one unit costs, with as many digits as matter; an unknown price says so."""
    return COST_UNKNOWN if value_usd is None or not math.isfinite(value_usd) else money.price(value_usd)


def percent(share: float, decimals: int = 1) -> str:
    """A share from 0 to 1 as `91.2 %`; only a true 0 or 1 reads `0 %` or `100 %`."""
    while (
        decimals < _MOST_DECIMALS and round(share * 100, decimals) in {0.0, 100.0} and share not in {0.0, 1.0}
    ):
        decimals += 1
    return f"{_short(share * 100, decimals)} %"


def points(difference: float) -> str:
    """A difference of scores, without its sign, as `3.1 points`."""
    text = points_number(difference)
    return f"{text} point" if text == "1" else f"{text} points"


def points_number(difference: float) -> str:
    """The same without the unit, for a second figure in one sentence."""
    size = abs(difference) * 100
    return _short(size, 1 if size == 0 or size >= 0.05 else 1 - math.floor(math.log10(size)))  # noqa: PLR2004 -- what one decimal would round to 0


def seconds(value: float) -> str:
    """A duration as `1.8 s`, or `240 ms` below a second."""
    return f"{_short(value, 1)} s" if value >= 1 else f"{value * 1000:.0f} ms"


def how_many(number: int, noun: str) -> str:
    """A count with its noun: `1 item`, `1,200 items`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def roughly(number: int) -> str:
    """A planned count at the precision it deserves, rounded up: 268 becomes `270`."""
    size = 1 if number < 20 else 10 ** max(1, len(str(number)) - 2)  # noqa: PLR2004 -- small counts are exact
    return f"{math.ceil(number / size) * size:,}"


def listed(parts: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def explain(reason: str, tier: str, task: Task) -> str:
    """Why a tier is not recommended, or not yet, and what would help.

    `reason` is a code of the decision; a code without words of its own is shown as it is, so
    that nothing is hidden.
    """
    words = _REASONS.get(reason) or _limit_words(reason, task.limits) or reason.replace("_", " ")
    return f"{tier}: {words}"


def _limit_words(reason: str, limits: Limits) -> str | None:
    if reason in _P95 and limits.max_p95_s is not None:
        return _P95[reason].format(limit=seconds(limits.max_p95_s))
    if reason in _FLOOR and limits.min_score is not None:
        return _FLOOR[reason].format(limit=percent(limits.min_score))
    if reason == "budget" and limits.max_cost_usd is not None:
        return f"it costs more than the {money.stated(limits.max_cost_usd)} per item allowed (max_cost_usd)"
    return None


def _short(number: float, decimals: int) -> str:
    text = f"{number:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_P95 = {
    "p95_latency": "too slow: more than 5 % of its answers take longer than the {limit} allowed (max_p95_s)",
    "p95_latency_unproven": "fast enough or not is still open: too few timed answers to show that 95 % of "
    "them arrive within {limit} (max_p95_s); 59 answers without a late one are the least",
}
_FLOOR = {
    "floor": "its score is below the floor of {limit} (min_score)",
    "floor_unproven": "its score is not yet shown to reach the floor of {limit} (min_score); "
    "more items can show it",
}
_REASONS = {
    "too_few_items": "fewer than 20 items can prove nothing; add items",
    "too_few_clusters": "fewer than 10 groups of items can prove nothing, however many items each holds; "
    "add items from other groups",
    "too_many_missing": "more than 5 % of the answers are missing; resume the run to ask for them again, "
    "or add the lines that a recording lacks",
    "missing_sensitive": "the missing answers could change the verdict; resume the run to ask for them "
    "again, or add the lines that a recording lacks",
    "blocked_by_sequence": "not tested, because a dearer tier failed first; test each tier on its own "
    "(multiplicity: holm)",
    "class_too_small": "macro F1 needs at least 10 items of every label; add items of the rare labels, or "
    "set `metric: accuracy`",
    "critical_locked": "critical tasks stay on the current tier; set `allow_downgrade: true` to let one move",
    "looks_used_up": "the looks planned at this question are used up, so nothing more can be proven about it",
    "judge_unsteady": "the judge is not shown steadier than a coin when answers are swapped, so its ties "
    "prove nothing; another judge or a plainer rubric may tell",
    "look_too_early": "this look is too early to prove anything; its share of the risk is next to nothing",
    "cost_unknown": "what it costs, or what the current tier costs, is unknown, so no saving can be claimed; "
    "give `price:` in evalbench.yaml, or `cost_usd` in a recording",
    "no_items": "no item has a score for both this tier and the current one; check the answers with "
    "`evalbench report latest`",
}
