"""What the items of a task can prove, said before anything is spent."""

from __future__ import annotations

import math
from dataclasses import dataclass

from evalbench.advice.words import amount, how_many, percent, points, points_number, roughly
from evalbench.core.evalset import Criticality, Task
from evalbench.stats.power import POWERS, items_needed, provable_margin
from evalbench.stats.student import quantile

POWER, HIGHER_POWER = POWERS
"""How often a run of the planned size should settle the question, if the tiers are equal."""

LATE_SHARE = 0.05
"""The share of answers that may be later than a limit on the 95th percentile."""

FEWEST_ITEMS = 20
FEWEST_GROUPS = 10
"""Below either, a decision calls the evidence too thin whatever it says."""

_HIGHEST_SENSIBLE_MARGIN = 0.25


@dataclass(frozen=True, slots=True)
class Differing:
    """The share of items on which two tiers are taken to differ, and the run that showed it, if one did.

    `is_share` says that scores were right or wrong; else the share is the mean squared difference
    of the scores, which asks for as many items.
    """

    share: float = 0.10
    run: str | None = None
    tiers: tuple[str, str] | None = None
    is_share: bool = True


@dataclass(frozen=True, slots=True)
class Supply:
    """Where more items come from: USD to ask all tiers about one more, and how many a limit leaves out."""

    item_usd: float | None = None
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class _Aim:
    """What has to be proven, and with what."""

    task: Task
    items: int
    candidates: int
    differing: Differing
    supply: Supply

    @property
    def alpha(self) -> float:
        return (1 - self.task.confidence) / self.candidates

    @property
    def fewest(self) -> int:
        is_exact = self.task.criticality is Criticality.CRITICAL
        return fewest_items(self.task.max_drop, self.alpha, is_exact=is_exact)

    def wanted(self, power: float) -> int:
        planned = items_needed(self.task.max_drop, self.differing.share, alpha=self.alpha, power=power)
        return max(FEWEST_ITEMS, planned, self.fewest)


def what_items_prove(
    task: Task,
    items: int,
    groups: int | None,
    candidates: int,
    differing: Differing = Differing(),
    supply: Supply = Supply(),
) -> str:
    """Whether `items` are enough for the largest drop allowed, and if not, what would be and would cost.

    `candidates` is the number of cheaper tiers, which share the error allowed (Holm's first
    step). How often tiers differ is unknown before a run, so the sentence states what it rests on.
    `groups` is the number of clusters.
    """
    opening = f"{task.name}: "
    if candidates < 1:
        return f"{opening}no tier is cheaper than the current one, so there is nothing to prove"
    if task.criticality is Criticality.CRITICAL and not task.allow_downgrade:
        return (
            f"{opening}critical tasks stay on the current tier, whatever the items show; "
            "set allow_downgrade: true to let one move"
        )
    aim = _Aim(task, items, candidates, differing, supply)
    if items < FEWEST_ITEMS:
        return f"{opening}{how_many(items, 'item')} can prove nothing; {_wanted(aim)}"
    if groups is not None and groups < FEWEST_GROUPS:
        return (
            f"{opening}{how_many(groups, 'group')} of items can prove nothing, however many items each "
            f"holds; add items until there are at least {FEWEST_GROUPS} groups, better {FEWEST_GROUPS * 4}"
        )
    return f"{opening}{_verdict(aim)}{_grouped(items, groups)}{_timed(task, items)}"


def fewest_items(margin: float, alpha: float, *, is_exact: bool = False) -> int:
    """The fewest items that can show a drop below `margin` even when no answer ever differs.

    The score test passes identical answers when (items - 1) margin / (1 - margin) reaches the
    squared normal quantile; the exact test when (1 - margin)^items falls to `alpha`.
    """
    if is_exact:
        return math.ceil(math.log(alpha) / math.log1p(-margin))
    return math.ceil(1 + quantile(1 - alpha) ** 2 * (1 - margin) / margin)


def _verdict(aim: _Aim) -> str:
    allowed, counted = points(aim.task.max_drop), how_many(aim.items, "item")
    basis = _basis(aim.differing)
    if aim.items >= aim.wanted(HIGHER_POWER):
        return f"{counted} are enough to prove {allowed} with {percent(HIGHER_POWER)} power{basis}"
    if aim.items >= aim.wanted(POWER):
        more = f"about {roughly(aim.wanted(HIGHER_POWER))} would with {percent(HIGHER_POWER)}"
        return f"{counted} are enough to prove {allowed} with {percent(POWER)} power, {more}{basis}"
    margin = math.ceil(provable_margin(aim.items, aim.differing.share, aim.alpha, POWER) * 100) / 100
    if aim.items < aim.fewest:
        start = f"{counted} can never prove {allowed}, even if no answer differs"
    else:
        start = f"{counted} can prove at most {points_number(margin)} points worse"
    instead = f", or set max_drop: {margin:.2f}" if margin <= _HIGHEST_SENSIBLE_MARGIN else ""
    return f"{start}; {_wanted(aim)}{instead}{basis}"


def _wanted(aim: _Aim) -> str:
    wanted, higher = aim.wanted(POWER), aim.wanted(HIGHER_POWER)
    for_more = f" ({roughly(higher)} for {percent(HIGHER_POWER)} power)" if higher > wanted else ""
    lacking = wanted - aim.items
    fix = "raise --limit" if aim.supply.left_out >= lacking else "add items"
    return (
        f"{points(aim.task.max_drop)} want about {roughly(wanted)}{for_more}: {fix}{_at_cost(aim, lacking)}"
    )


def _at_cost(aim: _Aim, lacking: int) -> str:
    return f" (about {amount(aim.supply.item_usd * lacking)})" if aim.supply.item_usd else ""


def _basis(differing: Differing) -> str:
    differ = f"on {percent(differing.share)} of the items"
    if differing.run is None:
        return f" (assuming that tiers differ {differ})"
    who = " and ".join(differing.tiers) if differing.tiers else "tiers"
    if not differing.is_share:
        return f" (as in run {differing.run}: {who} differed as much as if right or wrong {differ})"
    return f" (as in run {differing.run}: {who} differed {differ})"


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
