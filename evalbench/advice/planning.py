"""What the items of a task can prove, said before anything is spent."""

from __future__ import annotations

import math

from evalbench.advice.words import how_many, percent, points, points_number, roughly
from evalbench.core.evalset import Criticality, Task
from evalbench.stats.power import items_needed, provable_margin
from evalbench.stats.student import quantile

POWER = 0.8
"""How often a run of the planned size should settle the question, if the tiers are equal."""

LATE_SHARE = 0.05
"""The share of answers that may be later than a limit on the 95th percentile."""

FEWEST_ITEMS = 20
FEWEST_GROUPS = 10
"""Below either, a decision calls the evidence too thin whatever it says."""

_HIGHEST_SENSIBLE_MARGIN = 0.25


def what_items_prove(
    task: Task, items: int, groups: int | None, candidates: int, discordance: float = 0.10
) -> str:
    """Whether `items` are enough for the largest drop allowed, and if not, what would be.

    `candidates` is the number of cheaper tiers, which share the error allowed (Holm's first
    step). `discordance` is the share of items on which two tiers are taken to differ; it is
    unknown before a run, so the sentence states it. `groups` is the number of clusters.
    """
    opening = f"{task.name}: "
    if candidates < 1:
        return f"{opening}no tier is cheaper than the current one, so there is nothing to prove"
    if task.criticality is Criticality.CRITICAL and not task.allow_downgrade:
        return (
            f"{opening}critical tasks stay on the current tier, whatever the items show; "
            "set allow_downgrade: true to let one move"
        )
    if items < FEWEST_ITEMS:
        return (
            f"{opening}{how_many(items, 'item')} can prove nothing; {_wanted(task, candidates, discordance)}"
        )
    if groups is not None and groups < FEWEST_GROUPS:
        return (
            f"{opening}{how_many(groups, 'group')} of items can prove nothing, however many items each "
            f"holds; add items until there are at least {FEWEST_GROUPS} groups, better {FEWEST_GROUPS * 4}"
        )
    proof = _verdict(task, items, candidates, discordance)
    return f"{opening}{proof}{_grouped(items, groups)}{_timed(task, items)}"


def fewest_items(margin: float, alpha: float, *, is_exact: bool = False) -> int:
    """The fewest items that can show a drop below `margin` even when no answer ever differs.

    The score test passes identical answers when (items - 1) margin / (1 - margin) reaches the
    squared normal quantile; the exact test when (1 - margin)^items falls to `alpha`.
    """
    if is_exact:
        return math.ceil(math.log(alpha) / math.log1p(-margin))
    return math.ceil(1 + quantile(1 - alpha) ** 2 * (1 - margin) / margin)


def _verdict(task: Task, items: int, candidates: int, discordance: float) -> str:
    wanted = _items_wanted(task, candidates, discordance)
    allowed = points(task.max_drop)
    if items >= wanted:
        return f"{how_many(items, 'item')} are enough to prove {allowed}{_assumed(discordance)}"
    provable = provable_margin(items, discordance, _alpha(task, candidates), POWER)
    margin = math.ceil(provable * 100) / 100
    if items < _fewest(task, candidates):
        start = f"{how_many(items, 'item')} can never prove {allowed}, even if no answer differs"
    else:
        start = f"{how_many(items, 'item')} can prove at most {points_number(margin)} points worse"
    instead = f", or set max_drop: {margin:.2f}" if margin <= _HIGHEST_SENSIBLE_MARGIN else ""
    return f"{start}; {_wanted(task, candidates, discordance)}{instead}{_assumed(discordance)}"


def _wanted(task: Task, candidates: int, discordance: float) -> str:
    wanted = roughly(_items_wanted(task, candidates, discordance))
    return f"{points(task.max_drop)} want about {wanted}: add items"


def _items_wanted(task: Task, candidates: int, discordance: float) -> int:
    planned = items_needed(task.max_drop, discordance, alpha=_alpha(task, candidates), power=POWER)
    return max(FEWEST_ITEMS, planned, _fewest(task, candidates))


def _fewest(task: Task, candidates: int) -> int:
    is_exact = task.criticality is Criticality.CRITICAL
    return fewest_items(task.max_drop, _alpha(task, candidates), is_exact=is_exact)


def _alpha(task: Task, candidates: int) -> float:
    return (1 - task.confidence) / candidates


def _assumed(discordance: float) -> str:
    return f" (assuming that tiers differ on {percent(discordance)} of the items)"


def _grouped(items: int, groups: int | None) -> str:
    if groups is None or groups >= items:
        return ""
    return f"; they come in {how_many(groups, 'group')}, and count for less if the items of a group are alike"


def _timed(task: Task, items: int) -> str:
    if task.limits.max_p95_s is None:
        return ""
    fewest = math.ceil(math.log(1 - task.confidence) / math.log(1 - LATE_SHARE))
    if items >= fewest:
        return ""
    return f"; the latency limit (max_p95_s) cannot be proven with fewer than {how_many(fewest, 'item')}"
