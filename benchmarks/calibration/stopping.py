"""Runs that stop early, from the first answer to the verdict: how often it is wrong, and what it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from benchmarks.calibration.worlds import Cells, Copula, Right, World
from evalbench.advice.arrays import Arrays, Asked
from evalbench.advice.decide import decided
from evalbench.advice.in_order import rules_of
from evalbench.assembly.early_stop import EarlyStop
from evalbench.core.comparison import Verdict
from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import GraderSpec, Item, Prompt, Task, TaskKind
from evalbench.core.models import Model, ModelPool
from evalbench.core.order import AskingOrder, asking_order
from evalbench.core.plan import Slot
from evalbench.core.score import Score
from evalbench.graders.exact import Exact
from evalbench.providers.scripted import ScriptedProvider
from evalbench.runner.plan import TaskJob
from evalbench.stats.clusters import Floats

MARGIN, ALPHA = 0.05, 0.05
MOST_ITEMS = 1000
COSTS_USD = (0.01, 0.03, 0.10)

_AT_MARGIN, _EQUAL = Cells(0.025, 0.075, MOST_ITEMS), Cells(0.05, 0.05, MOST_ITEMS)
_TWO = Copula((Right(0.80), Right(0.80), Right(0.85)), MOST_ITEMS)


@dataclass(frozen=True)
class Stopping:
    """A world whose tier 0 is watched; `hidden` is the share of its lost items whose answer never comes."""

    name: str
    world: World
    is_wrong: tuple[str, ...] = ()
    hidden: float = 0.0


BOTH = ("good_enough", "not_good_enough")
STOPPINGS = (
    Stopping("at the margin", _AT_MARGIN, BOTH),
    Stopping("at the margin, 200 groups of 5", Cells(0.025, 0.075, MOST_ITEMS, 5, 0.4), BOTH),
    Stopping("at the margin, two candidates", _TWO, BOTH),
    Stopping("at the margin, half of the losses missing", _AT_MARGIN, BOTH, hidden=0.5),
    Stopping("half the margin lost", Cells(0.0375, 0.0625, MOST_ITEMS), ("not_good_enough",)),
    Stopping("equal", _EQUAL, ("not_good_enough",)),
    Stopping("equal, 200 groups of 5", Cells(0.05, 0.05, MOST_ITEMS, 5, 0.4), ("not_good_enough",)),
    Stopping("twice the margin lost", Cells(0.0, 0.10, MOST_ITEMS), ("good_enough",)),
)


@dataclass(frozen=True)
class Stops:
    """Shares of the runs by verdict on tier 0, and the items that it was asked about on average."""

    good_enough: float
    not_good_enough: float
    items: float


@dataclass
class _Asking:
    """One run on its way: what was asked of whom, in the order of asking, until all are settled."""

    job: TaskJob
    scores: Floats
    settled: frozenset[int] = frozenset()
    is_asked: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.is_asked = np.zeros(self.scores.shape, dtype=np.bool_)

    def ask(self, order: AskingOrder) -> None:
        stop = EarlyStop([self.job], _nothing)
        for place in order.places:
            for tier in range(len(self.scores)):
                if tier not in self.settled:
                    self.settled = self._tell(stop, tier, place)

    def _tell(self, stop: EarlyStop, tier: int, place: int) -> frozenset[int]:
        self.is_asked[tier, place] = True
        value = float(self.scores[tier, place])
        slot = Slot(0, tier, place, 0)
        if np.isnan(value):
            return stop.settled(self.job, slot, Failure("error", "never came"), None)
        answer = Completion("", cost_usd=_costs_usd(len(self.scores))[tier])
        return stop.settled(self.job, slot, answer, Score(value, ""))


def one(scenario: Stopping, number: int) -> tuple[Verdict, int]:
    """The verdict on tier 0 of one run, and after how many items; seeded by name and number alone."""
    rng = np.random.default_rng([crc32(scenario.name.encode()), number])
    drawn = scenario.world.draw(rng)
    scores = np.array(drawn["scores"])[:, :, 0]
    lost = scores[0] < scores[-1]
    scores[0, lost & (rng.random(len(lost)) < scenario.hidden)] = np.nan
    clusters = drawn.get("clusters")
    job, order = _job(len(scores), clusters, scores.shape[1])
    asking = _Asking(job, scores)
    asking.ask(order)
    places = np.asarray(order.places, dtype=np.int64)
    largest = 1 if clusters is None else int(np.bincount(clusters).max())
    arrays = Arrays(
        scores=np.where(asking.is_asked, scores, np.nan),
        statistics=None,
        metric=None,
        is_missing=np.isnan(scores) | ~asking.is_asked,
        costs_usd=np.array(_costs_usd(len(scores))),
        clusters=clusters,
        latency_s=None,
        slices=(),
        reference=len(scores) - 1,
        asked=Asked(places, asking.is_asked, largest),
    )
    verdict = decided(arrays, rules_of(job.task, ALPHA)).candidates[0].verdict
    return verdict, int(asking.is_asked[0].sum())


def stops_of(scenario: Stopping, runs: int, workers: int) -> Stops:
    """Many runs of one scenario."""
    with ProcessPoolExecutor(workers) as pool:
        found = list(pool.map(partial(one, scenario), range(runs), chunksize=10))
    verdicts = [verdict for verdict, _ in found]
    return Stops(
        round(verdicts.count(Verdict.GOOD_ENOUGH) / runs, 4),
        round(verdicts.count(Verdict.NOT_GOOD_ENOUGH) / runs, 4),
        round(sum(items for _, items in found) / runs, 1),
    )


def stops_of_all(runs: int, workers: int, tell: Callable[[str], None]) -> dict[str, Stops]:
    """Every scenario; the shares do not depend on the number of workers."""
    found = {}
    for scenario in STOPPINGS:
        found[scenario.name] = stops_of(scenario, runs, workers)
        tell(f"{scenario.name}: {found[scenario.name]}")
    return found


def rows(found: Mapping[str, Stops]) -> Iterator[tuple[str, ...]]:
    """A line of the page for each scenario."""
    for scenario in STOPPINGS:
        stops = found[scenario.name]
        yield (
            scenario.name,
            f"{stops.good_enough:.3f}",
            f"{stops.not_good_enough:.3f}",
            f"{1 - stops.good_enough - stops.not_good_enough:.3f}",
            f"{stops.items:.0f}",
            " and ".join(scenario.is_wrong).replace("_", " "),
        )


def _costs_usd(tiers: int) -> tuple[float, ...]:
    return (*COSTS_USD[: tiers - 1], COSTS_USD[-1])


def _nothing(text: str) -> None:
    del text


def _job(tiers: int, clusters: NDArray[np.int64] | None, items: int) -> tuple[TaskJob, AskingOrder]:
    rows = tuple(
        Item(str(place), Prompt(""), "yes", None if clusters is None else f"g{clusters[place]}")
        for place in range(items)
    )
    task = Task("calibration", TaskKind.QA, GraderSpec("exact"), "mean", MARGIN, 1 - ALPHA)
    names = [f"tier{tier}" for tier in range(tiers)]
    pool = ModelPool({name: Model(f"scripted/{name}") for name in names}, names[-1])
    order = asking_order(rows, task.name, 7)
    provider = ScriptedProvider(lambda _: Completion(""))
    job = TaskJob(0, task, rows, pool, dict.fromkeys(names, provider), Exact({}, task), _prompt, 1, order)
    return job, order


def _prompt(item: Item, tier: str) -> Prompt:
    del tier
    return item.prompt
