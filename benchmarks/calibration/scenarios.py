"""The scenarios of the calibration, each with every number that defines it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks.calibration.corpora import Extraction, Labels, Translations, recall_for, silence_for
from benchmarks.calibration.worlds import (
    Beta,
    Cells,
    Copula,
    Noise,
    Replanned,
    Right,
    Rubric,
    Shared,
    World,
)
from evalbench.stats.power import cluster_inflation, items_needed, items_needed_simple
from evalbench.stats.tails import items_for_rate

THREE_COSTS_USD = (1.0, 3.0, 10.0)
TWO_COSTS_USD = (1.0, 10.0)


@dataclass(frozen=True)
class Boundary:
    """Tiers exactly as bad as may just not be recommended; recommending one in `wrong` is an error."""

    name: str
    world: World
    wrong: tuple[int, ...] = (0, 1)
    options: Mapping[str, Any] = field(default_factory=dict)
    costs_usd: tuple[float, ...] = THREE_COSTS_USD

    @property
    def alpha(self) -> float:
        """The error rate allowed."""
        return float(self.options.get("alpha", 0.05))

    @property
    def margin(self) -> float:
        """The largest drop allowed."""
        return float(self.options.get("margin", 0.05))

    @property
    def is_about_scores(self) -> bool:
        """Whether it asks about mean scores alone: no corpus metric, no limit, no slice."""
        world = self.world
        is_limited = not {"max_p95_s", "floor"}.isdisjoint(self.options)
        return isinstance(world, Copula) and not world.slice_items and not is_limited


@dataclass(frozen=True)
class Power:
    """Tiers of which `right` should be recommended, and how often that was promised.

    `promise` comes from the formula named in `source`. An exact promise must be met within 0.10
    both ways; any other is a floor.
    """

    name: str
    world: World
    right: int
    promise: float
    source: str
    options: Mapping[str, Any] = field(default_factory=dict)
    costs_usd: tuple[float, ...] = TWO_COSTS_USD
    is_exact: bool = True


def _pair(low: float, high: float) -> tuple[Right, ...]:
    return Right(low), Right(low), Right(high)


_BINARY = _pair(0.80, 0.85)
_OWN = Shared(item=0.35, cluster=0.2, tier_item=0.1, tier_cluster=0.15)
_GRADED = (Beta(3.75, 1.25), Beta(3.75, 1.25), Beta(4.0, 1.0))
_GRADES = (0.0, 0.25, 0.5, 0.75, 1.0)
_USUAL = Rubric(_GRADES, (0.0, 0.0, 0.0, 0.2, 0.8))
_RARE_ZERO = Rubric(_GRADES, (0.05 / 0.95, 0.0, 0.0, 0.2 * (1 - 0.05 / 0.95), 0.8 * (1 - 0.05 / 0.95)))
_COPIES = Shared(item=0.4, tier_item=0.25)
_INVENTED = 0.2
_RECALL = (recall_for(0.80, _INVENTED), recall_for(0.80, _INVENTED), recall_for(0.85, _INVENTED))
_SILENT = silence_for(0.95, 0.0)
_BLEU = 0.9 - 0.05 / Translations((1.0,), 1).true_scores()[0]


def _extraction(items: int, sizes: tuple[int, ...] = ()) -> Extraction:
    shared = _OWN if sizes else Shared(item=0.3, tier_item=0.2)
    return Extraction(_RECALL, (_INVENTED,) * 3, (0.0,) * 3, items, sizes, shared)


def _often_silent(items: int, sizes: tuple[int, ...] = ()) -> Extraction:
    return Extraction((1.0,) * 3, (0.0,) * 3, (_SILENT, _SILENT, 0.0), items, sizes)


_LOSSES = (Right(0.95), Right(0.95), Right(1.0))
_ALONE = Shared(item=0.0)

BOUNDARIES = (
    Boundary("binary, 30 items", Copula(_BINARY, 30)),
    Boundary("binary, 100 items", Copula(_BINARY, 100)),
    Boundary("binary, 300 items", Copula(_BINARY, 300)),
    Boundary("binary, 1,000 items, margin .03", Copula(_pair(0.82, 0.85), 1000), options={"margin": 0.03}),
    Boundary("binary, alpha .10", Copula(_BINARY, 150), options={"alpha": 0.10, "criticality": "low"}),
    Boundary("only losses, 60 items", Copula(_LOSSES, 60, shared=_ALONE)),
    Boundary("only losses, 200 items", Copula(_LOSSES, 200, shared=_ALONE)),
    Boundary(
        "only losses, one candidate, 53 items",
        Copula(_LOSSES[1:], 53, shared=_ALONE),
        wrong=(0,),
        costs_usd=TWO_COSTS_USD,
    ),
    Boundary("two copies of one tier", Copula((Right(0.80), Right(0.80), Right(0.85)), 200, shared=_COPIES)),
    Boundary("binary, 40 clusters of 10", Copula(_BINARY, 400, shared=_OWN, sizes=(10,))),
    Boundary("binary, 15 clusters of 20", Copula(_BINARY, 300, shared=_OWN, sizes=(20,))),
    Boundary("binary, 48 uneven clusters", Copula(_BINARY, 336, shared=_OWN, sizes=(1, 3, 4, 6, 8, 20))),
    Boundary(
        "whole clusters lost, 60 of 5",
        Copula(_LOSSES, 300, shared=Shared(item=0.0, tier_cluster=1.0), sizes=(5,)),
    ),
    Boundary("graded, 40 items", Copula(_GRADED, 40)),
    Boundary("graded, 200 items", Copula(_GRADED, 200)),
    Boundary("graded, 25 clusters of 8", Copula(_GRADED, 200, shared=_OWN, sizes=(8,))),
    Boundary("rubric with rare zeros, 40 items", Copula((_RARE_ZERO, _RARE_ZERO, _USUAL), 40)),
    Boundary("rubric with rare zeros, 150 items", Copula((_RARE_ZERO, _RARE_ZERO, _USUAL), 150)),
    Boundary("5 repeats, 60 items", Copula(_BINARY, 60, repeats=5, shared=_COPIES)),
    Boundary(
        "3 repeats, 40 clusters of 5",
        Copula(_BINARY, 200, repeats=3, shared=_OWN, sizes=(5,)),
    ),
    Boundary(
        "refusals, 300 items",
        Copula(_pair(0.85, 0.85), 300, refusals=(0.05 / 0.85, 0.05 / 0.85, 0.0)),
    ),
    Boundary("2 % gaps, 300 items", Copula(_BINARY, 300, gaps=(0.02, 0.02, 0.0))),
    Boundary(
        "3 % gaps that hide losses, 300 items",
        Copula(_BINARY, 300, gaps=(0.03, 0.03, 0.0), gaps_hide_losses=True),
    ),
    Boundary("micro F1, 60 items", _extraction(60)),
    Boundary("micro F1, 300 items", _extraction(300)),
    Boundary("micro F1, 30 clusters of 6", _extraction(180, (6,))),
    Boundary("micro F1, rarely silent, 60 items", _often_silent(60)),
    Boundary("micro F1, rarely silent, 200 items", _often_silent(200)),
    Boundary("micro F1, silent on whole clusters, 40 of 5", _often_silent(200, (5,))),
    Boundary("macro F1, 3 classes, 240 items", Labels((0.80, 0.80, 0.85), 3, 240)),
    Boundary("BLEU by a callable, 120 items", Translations((_BLEU, _BLEU, 0.9), 120)),
    Boundary(
        "small bad, medium fine",
        Copula((Right(0.80), Right(0.85), Right(0.85)), 300),
        wrong=(0,),
    ),
    Boundary(
        "medium bad, small fine",
        Copula((Right(0.85), Right(0.80), Right(0.85)), 300),
        wrong=(1,),
    ),
    Boundary(
        "four cheaper tiers, all bad",
        Copula((Right(0.80), Right(0.80), Right(0.80), Right(0.80), Right(0.85)), 300),
        wrong=(0, 1, 2, 3),
        costs_usd=(1.0, 2.0, 3.0, 4.0, 10.0),
    ),
    Boundary("fixed sequence", Copula(_BINARY, 300), options={"multiplicity": "fixed"}),
    Boundary(
        "critical, exact test, 100 items",
        Copula(_BINARY, 100),
        options={"criticality": "critical", "allow_downgrade": True},
    ),
    Boundary(
        "quality fine, 95th percentile at the limit",
        Copula(_pair(0.95, 0.95), 500, late=(0.05, 0.05, 0.01)),
        options={"max_p95_s": 1.0},
    ),
    Boundary(
        "quality fine, score at the floor",
        Copula(_pair(0.90, 0.90), 400),
        options={"floor": 0.90},
    ),
    Boundary(
        "quality fine, score at the floor, 40 clusters of 10",
        Copula(_pair(0.90, 0.90), 400, shared=Shared(item=0.5, cluster=0.2), sizes=(10,)),
        options={"floor": 0.90},
    ),
    Boundary(
        "fine overall, a slice at the margin",
        Copula(
            _pair(0.90, 0.90),
            500,
            slice_items=100,
            slice_tiers=_pair(0.85, 0.90),
        ),
    ),
)
"""Criterion: wrong recommendations at most the 99.9 % binomial quantile of a rate of 1.25 alpha."""

KNOWN_LIMITS = (
    Boundary(
        "only losses, one candidate, 34 items, alpha .10",
        Copula(_LOSSES[1:], 34, shared=_ALONE),
        wrong=(0,),
        options={"alpha": 0.10},
        costs_usd=TWO_COSTS_USD,
    ),
    Boundary(
        "quality fine, floor, whole clusters wrong, 40 of 10",
        Copula(_pair(0.95, 0.95), 400, shared=Shared(item=0.0, cluster=1.0), sizes=(10,)),
        options={"floor": 0.95, "margin": 0.15},
    ),
    Boundary(
        "quality fine, late answers come in clusters, 60 of 5",
        Copula(_pair(0.95, 0.95), 300, sizes=(5,), late=(0.05, 0.05, 0.01), late_clusters=True),
        options={"max_p95_s": 1.0},
    ),
)
"""Measured without a criterion: what the tests of limits take for granted does not hold here."""


_CELLS = "items_needed({margin}, {discordance}, {theta}, power={power})"


def _promised(margin: float, discordance: float, theta: float = 0.0, power: float = 0.8) -> Power:
    """One candidate of this true difference, on as many items as planned."""
    wins, losses = (discordance + theta) / 2, (discordance - theta) / 2
    return Power(
        f"{power:.0%} for margin {margin:g}, differing {discordance:g}, difference {theta:+g}",
        Cells(wins, losses, items_needed(margin, discordance, theta, power=power)),
        0,
        power,
        _CELLS.format(margin=margin, discordance=discordance, theta=theta, power=power),
        {"margin": margin},
    )


def _planned(world: Copula, margin: float, alpha: float) -> Copula:
    """As many items as equal tiers of such a world need for a power of 0.80."""
    return replace(world, items=items_needed(margin, world.discordance(), alpha=alpha))


_ALIKE = 0.4
_CLUSTERED = math.ceil(items_needed(0.05, 0.1, dispersion=cluster_inflation(10, _ALIKE**2)) / 10) * 10
_NOISE = Noise(0.25, 1)
_REPEATED = Copula((Right(0.8), Right(0.8)), 1, repeats=5, shared=Shared(item=0.5, tier_item=0.3))
_THREE_EQUAL = Copula((Right(0.85), Right(0.85), Right(0.85)), 1, shared=Shared(item=0.6))
_ONE_TERRIBLE = replace(_THREE_EQUAL, tiers=(Right(0.60), Right(0.85), Right(0.85)))
_F1_SPREAD = 0.244
_F1_ITEMS = math.ceil((1.6449 + 0.8416) ** 2 * _F1_SPREAD**2 / 0.03**2)

POWERS = (
    _promised(0.05, 0.1),
    _promised(0.05, 0.1, power=0.9),
    _promised(0.03, 0.1),
    _promised(0.05, 0.2, -0.01),
    _promised(0.1, 0.3),
    _promised(0.02, 0.04),
    _promised(0.05, 0.1, 0.02, power=0.9),
    Power(
        "graded noise, margin .03",
        replace(_NOISE, items=items_needed(0.03, _NOISE.discordance, dispersion=_NOISE.dispersion)),
        0,
        0.8,
        "items_needed(0.03, mean |d|, dispersion = variance / mean |d|)",
        {"margin": 0.03},
    ),
    Power(
        "clusters of 10",
        Cells(0.05, 0.05, _CLUSTERED, cluster_size=10, alike=_ALIKE),
        0,
        0.8,
        "items_needed(0.05, 0.1, dispersion = 1 + 9 x 0.16)",
    ),
    Power(
        "5 repeats",
        replace(_REPEATED, items=items_needed_simple(0.03, _REPEATED.difference_variance())),
        0,
        0.8,
        "items_needed_simple(0.03, variance of an item's difference)",
        {"margin": 0.03},
    ),
    Power(
        "micro F1",
        Extraction((0.85, 0.85), (0.2, 0.2), (0.0, 0.0), _F1_ITEMS, shared=Shared(item=0.3, tier_item=0.2)),
        0,
        0.8,
        f"2.487^2 x {_F1_SPREAD}^2 / 0.03^2 items, {_F1_SPREAD} from the jackknife of 200,000 items",
        {"margin": 0.03},
    ),
    Power(
        "the number that a pilot of 60 items asked for",
        Replanned(Cells(0.05, 0.05, 60)),
        0,
        0.8,
        "need_items_if_equal of a first decision",
    ),
    Power(
        "late answers below the limit",
        Copula((Right(1.0), Right(1.0)), items_for_rate(0.05, 0.01) or 0, late=(0.01, 0.01)),
        0,
        0.8,
        "items_for_rate(0.05, 0.01)",
        {"max_p95_s": 1.0},
        is_exact=False,
    ),
    Power(
        "a score above the floor",
        Copula((Right(0.95), Right(0.95)), items_for_rate(0.10, 0.05) or 0),
        0,
        0.8,
        "items_for_rate(0.10, 0.05)",
        {"floor": 0.90, "margin": 0.2},
        is_exact=False,
    ),
    Power(
        "identical outputs, 74 items",
        Copula((Right(0.9), Right(0.9), Right(0.9)), 74, shared=Shared(item=1.0)),
        0,
        1.0,
        "the fewest items at which identical outputs pass",
        costs_usd=THREE_COSTS_USD,
    ),
    Power(
        "three equal tiers",
        _planned(_THREE_EQUAL, 0.05, 0.025),
        0,
        0.8,
        "items_needed(0.05, share differing, alpha = 0.025)",
        costs_usd=THREE_COSTS_USD,
    ),
    Power(
        "medium fine, small terrible",
        replace(_ONE_TERRIBLE, items=_planned(_THREE_EQUAL, 0.05, 0.025).items),
        1,
        0.8,
        "items_needed(0.05, share differing, alpha = 0.025)",
        costs_usd=THREE_COSTS_USD,
    ),
    Power(
        "both terrible: stay with large",
        Copula((Right(0.65), Right(0.65), Right(0.90)), 150),
        2,
        0.95,
        "a floor set by hand",
        costs_usd=THREE_COSTS_USD,
        is_exact=False,
    ),
)
"""Criterion: exact promises kept within 0.10 both ways, the others at least kept less 0.10."""
