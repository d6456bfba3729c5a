"""What the items of a task can prove, said before anything is spent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from evalbench.advice.words import amount, how_many, percent, points, points_number, roughly
from evalbench.core.enough import FEWEST_GROUPS, FEWEST_ITEMS
from evalbench.core.evalset import Criticality, Task
from evalbench.core.plan import ItemsWanted
from evalbench.stats.power import POWERS, PlannedItems, planned_items, provable_margin
from evalbench.stats.student import quantile

POWER, HIGHER_POWER = POWERS
"""How often a run of the planned size should settle the question, if the tiers are equal."""

LATE_SHARE = 0.05
"""The share of answers that may be later than a limit on the 95th percentile."""

PILOT_ITEMS = 50
"""So many items tell how often tiers differ, before more is spent."""

_HIGHEST_SENSIBLE_MARGIN = 0.25


@dataclass(frozen=True, slots=True)
class Differing:
    """The share of items on which two tiers are taken to differ, and the run that showed it, if one did.

    `run_items` and `day` are how many items that run had, and when it was. Without a run, tiers may
    differ on any share up to `most_share`. `is_share` says that scores were right or wrong; else the
    share is the mean squared difference of the scores, which asks for as many items.
    """

    share: float
    run: str | None = None
    tiers: tuple[str, str] | None = None
    is_share: bool = True
    run_items: int | None = None
    day: str | None = None
    most_share: float | None = None


ASSUMED = Differing(0.10, most_share=0.25)
"""Without an earlier run: tiers that are alike, to tiers that are far apart."""

ASSUMED_IN_PAIRS = Differing(0.40, most_share=0.75)
"""The same where a judge compares answers: few are alike enough for it to call them a tie."""


@dataclass(frozen=True, slots=True)
class Supply:
    """Where more items come from: USD to ask all tiers about one more, and how many a limit leaves out."""

    item_usd: float | None = None
    left_out: int = 0


UNKNOWN_SUPPLY = Supply()


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
    def most_share(self) -> float:
        return self.differing.most_share or self.differing.share

    @property
    def fewest(self) -> int:
        is_exact = self.task.criticality is Criticality.CRITICAL
        return fewest_items(self.task.max_drop, self.alpha, is_exact=is_exact)

    def table(self, share: float) -> tuple[PlannedItems, ...]:
        """The items wanted, were tiers to differ on this share, with what no run can do without."""
        least = max(FEWEST_ITEMS, self.fewest)
        rows = planned_items(self.task.max_drop, share, self.alpha)
        return tuple(replace(row, items=max(least, row.items)) for row in rows)

    def wanted(self, power: float) -> int:
        return _if_equal(self.table(self.differing.share), power)

    def most_wanted(self, power: float) -> int:
        return _if_equal(self.table(self.most_share), power)


def what_items_prove(
    task: Task,
    items: int,
    groups: int | None,
    candidates: int,
    differing: Differing = ASSUMED,
    supply: Supply = UNKNOWN_SUPPLY,
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


def items_wanted(task: Task, candidates: int, differing: Differing = ASSUMED) -> tuple[ItemsWanted, ...]:
    """How many items would settle the task, by how much worse a cheaper tier is in truth.

    Nothing where no result could move the task to another tier.
    """
    is_locked = task.criticality is Criticality.CRITICAL and not task.allow_downgrade
    if candidates < 1 or is_locked:
        return ()
    aim = _Aim(task, 0, candidates, differing, UNKNOWN_SUPPLY)
    is_known = differing.most_share is None
    return tuple(
        ItemsWanted(task.name, abs(row.theta), row.power, row.items, None if is_known else most.items)
        for row, most in zip(aim.table(differing.share), aim.table(aim.most_share), strict=True)
    )


def fewest_items(margin: float, alpha: float, *, is_exact: bool = False) -> int:
    """The fewest items that can show a drop below `margin` even when no answer ever differs.

    The score test passes identical answers when (items - 1) margin / (1 - margin) reaches the
    squared normal quantile; the exact test when (1 - margin)^items falls to `alpha`.
    """
    if is_exact:
        return math.ceil(math.log(alpha) / math.log1p(-margin))
    return math.ceil(1 + quantile(1 - alpha) ** 2 * (1 - margin) / margin)


def _if_equal(table: Sequence[PlannedItems], power: float) -> int:
    return next(row.items for row in table if row.theta == 0 and row.power == power)


def _verdict(aim: _Aim) -> str:
    allowed, counted = points(aim.task.max_drop), how_many(aim.items, "item")
    basis = f"{_basis(aim.differing)}{_pilot(aim)}"
    if aim.items >= aim.most_wanted(HIGHER_POWER):
        return f"{counted} are enough to prove {allowed} with {percent(HIGHER_POWER)} power{basis}"
    if aim.items >= aim.most_wanted(POWER):
        more = f"about {roughly(aim.most_wanted(HIGHER_POWER))} would with {percent(HIGHER_POWER)}"
        return f"{counted} are enough to prove {allowed} with {percent(POWER)} power, {more}{basis}"
    if aim.items >= aim.wanted(POWER):
        rarely, often = percent(aim.differing.share), percent(aim.most_share)
        more = f"if on {often}, {allowed} want about {roughly(aim.most_wanted(POWER))}"
        enough = f"{counted} are enough to prove {allowed} with {percent(POWER)} power"
        return f"{enough} if tiers differ on {rarely} of the items; {more}{_pilot(aim)}"
    margins = [_provable(aim, share) for share in (aim.differing.share, aim.most_share)]
    if aim.items < aim.fewest:
        start = f"{counted} can never prove {allowed}, even if no answer differs"
    else:
        start = f"{counted} can prove at most {_from_to(*map(points_number, margins))} points worse"
    instead = f", or set max_drop: {margins[-1]:.2f}" if margins[-1] <= _HIGHEST_SENSIBLE_MARGIN else ""
    return f"{start}; {_wanted(aim)}{instead}{basis}"


def _provable(aim: _Aim, share: float) -> float:
    return math.ceil(provable_margin(aim.items, share, aim.alpha, POWER) * 100) / 100


def _wanted(aim: _Aim) -> str:
    wanted, higher = (_range(aim, power) for power in (POWER, HIGHER_POWER))
    for_more = f" ({higher} for {percent(HIGHER_POWER)} power)" if higher != wanted else ""
    lacking = aim.wanted(POWER) - aim.items, aim.most_wanted(POWER) - aim.items
    fix = "raise --limit" if aim.supply.left_out >= lacking[0] else "add items"
    return f"{points(aim.task.max_drop)} want about {wanted}{for_more}: {fix}{_at_cost(aim, lacking)}"


def _range(aim: _Aim, power: float) -> str:
    return _from_to(roughly(aim.wanted(power)), roughly(aim.most_wanted(power)))


def _from_to(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def _at_cost(aim: _Aim, lacking: tuple[int, int]) -> str:
    if not aim.supply.item_usd:
        return ""
    low, high = (amount(aim.supply.item_usd * count) for count in lacking)
    return f" (about {_from_to(low, high)})"


def _pilot(aim: _Aim) -> str:
    """What would tell how often tiers differ, where nobody knows and the run is much larger than that."""
    item_usd = aim.supply.item_usd
    if aim.differing.run is not None or aim.items <= 2 * PILOT_ITEMS or item_usd == 0:
        return ""
    cost = "" if item_usd is None else f", about {amount(item_usd * PILOT_ITEMS)}"
    return f"; a pilot of {PILOT_ITEMS} items (--limit {PILOT_ITEMS}{cost}) would tell how often they do"


def _basis(differing: Differing) -> str:
    if differing.run is None:
        most = differing.most_share or differing.share
        low, high = percent(differing.share), percent(most)
        shares = low if low == high else f"{low.removesuffix(' %')} to {high}"
        return f" (assuming that tiers differ on {shares} of the items)"
    differ = f"on {percent(differing.share)} of the items"
    who = " and ".join(differing.tiers) if differing.tiers else "tiers"
    source = f"as in run {differing.run}"
    if differing.run_items is not None and differing.day is not None:
        source = (
            f"from your run of {how_many(differing.run_items, 'item')} on {differing.day}, {differing.run}"
        )
    if not differing.is_share:
        return f" ({source}: {who} differed as much as if right or wrong {differ})"
    return f" ({source}: {who} differed {differ})"


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
