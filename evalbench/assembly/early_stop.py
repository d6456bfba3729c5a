"""Stop paying for a tier once its verdict is settled: every answer is watched, in the order of asking."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

from evalbench.assembly.wiring import cost_usd
from evalbench.core.completion import NOT_ASKED_KINDS, Completion, Failure
from evalbench.core.enough import FEWEST_GROUPS, FEWEST_ITEMS, MOST_MISSING
from evalbench.core.evalset import Task
from evalbench.core.order import AskingOrder
from evalbench.core.plan import Slot
from evalbench.core.score import CORPUS_METRICS, NET_WIN_RATE, Score, needs_target
from evalbench.errors import InputError
from evalbench.runner.plan import TaskJob
from evalbench.stats.wager import Wager


def refuse_unsuited(tasks: Sequence[Task]) -> None:
    """Say before anything is paid which task cannot be stopped early.

    That is one whose scores exist only for all items together, and one whose looks are planned:
    bets that may be watched all the time need no plan, and their risk is not part of one.
    """
    for task in tasks:
        if task.metric == NET_WIN_RATE:
            raise InputError(
                f"{task.name} cannot be stopped early: its answers are compared in pairs, "
                "which are not watched as they come",
                "run it without --early-stop.",
            )
        if task.metric in CORPUS_METRICS:
            raise InputError(
                f"{task.name} cannot be stopped early: metric {task.metric!r} has no score for a single item",
                "run it without --early-stop, or say `metric: accuracy` (or `mean`) in its evalset.yaml.",
            )
        if task.looks is not None:
            raise InputError(
                f"{task.name} has planned looks (`looks:`), and a run that may stop early looks all the time",
                "run it without --early-stop, or take `looks:` out of its evalset.yaml.",
            )


class EarlyStop:
    """Watches the answers of a run as they arrive, whatever their order, and says who is settled.

    Nothing of it is kept: a resumed run hears its stored answers first, and is where it was.
    """

    def __init__(self, jobs: Sequence[TaskJob], say: Callable[[str], None]) -> None:
        self._watched = {job.position: _Watched(job, job.order, say) for job in jobs if job.order is not None}

    def settled(
        self, job: TaskJob, slot: Slot, answer: Completion | Failure, score: Score | None
    ) -> frozenset[int]:
        """Take an answer in; the tiers of its task, by position, that need no further one."""
        del job
        watched = self._watched[slot.task]
        watched.hear(slot, answer, score)
        return watched.settled

    def lacking(self, job: TaskJob, answered: dict[int, int]) -> int:
        """How many answers are missing of a task, by how many there are: what was left out is not."""
        watched = self._watched[job.position]
        wanted = len(job.items) * job.repeats
        return sum(
            watched.failed_before(tier) if tier in watched.settled else wanted - answered.get(tier, 0)
            for tier in range(len(job.pool.tiers))
        )


class _Watched:
    """One task: what each tier scored and cost so far, and the bets on every tier but the current one."""

    def __init__(self, job: TaskJob, order: AskingOrder, say: Callable[[str], None]) -> None:
        self.settled: frozenset[int] = frozenset()
        self._job = job
        self._say = say
        self._current = job.pool.tiers.index(job.pool.current)
        self._clusters, self._cluster_of = _clusters(job, order)
        self._largest = max(map(len, self._clusters), default=1)
        items = len(job.items)
        self._heard = [array("i", [0]) * items for _ in job.pool.tiers]
        self._scored = [array("i", [0]) * items for _ in job.pool.tiers]
        self._totals = [array("d", [0.0]) * items for _ in job.pool.tiers]
        self._spent = [_Spent() for _ in job.pool.tiers]
        self._failed: list[Slot] = []
        self._rivals = {
            tier: _Rival(job.task.max_drop) for tier in range(len(job.pool.tiers)) if tier != self._current
        }
        self._stops: dict[int, int] = {}

    def hear(self, slot: Slot, answer: Completion | Failure, score: Score | None) -> None:
        """Take one answer in, and every bet that it completes."""
        tier, item = slot.tier, slot.item
        if isinstance(answer, Completion):
            self._spent[tier].add(cost_usd(self._job, self._job.pool.tiers[tier], answer))
        elif answer.kind in NOT_ASKED_KINDS:
            return
        else:
            self._failed.append(slot)
        if self._cluster_of[item] < 0:
            return
        self._heard[tier][item] += 1
        if score is not None:
            self._scored[tier][item] += 1
            # As a decision has it: an answer that cannot be read is wrong, whatever else is said of it.
            self._totals[tier][item] += score.value if score.is_valid else 0.0
        if self._heard[tier][item] >= self._job.repeats:
            self._advance(self._rivals if tier == self._current else (tier,))

    def failed_before(self, tier: int) -> int:
        """How many calls to a settled tier failed for good before that was known."""
        stop = self._stops[tier]
        return sum(slot.tier == tier and 0 <= self._cluster_of[slot.item] < stop for slot in self._failed)

    def _advance(self, tiers: Sequence[int] | dict[int, _Rival]) -> None:
        for tier in tiers:
            rival, before = self._rivals[tier], self._rivals[tier].bets
            while rival.bets < len(self._clusters) and self._is_complete(tier, self._clusters[rival.bets]):
                self._bet(rival, tier, self._clusters[rival.bets])
            if rival.bets > before and tier not in self.settled and self._is_settled(tier, rival):
                self._settle(tier, rival.bets)
        others = [rival.bets for rival in self._rivals.values()]
        is_alone = bool(others) and self.settled.issuperset(self._rivals)
        if is_alone and self._current not in self.settled and not has_limits(self._job.task):
            self._settle(self._current, max(others))

    def _is_complete(self, tier: int, places: list[int]) -> bool:
        wanted = self._job.repeats
        return all(
            self._heard[tier][place] >= wanted and self._heard[self._current][place] >= wanted
            for place in places
        )

    def _bet(self, rival: _Rival, tier: int, places: list[int]) -> None:
        lowest = highest = 0.0
        for place in places:
            own, current = self._mean(tier, place), self._mean(self._current, place)
            is_missing = own is None or current is None
            difference = 0.0 if own is None or current is None else own - current
            lowest += -1.0 if is_missing else difference
            highest += 1.0 if is_missing else difference
            rival.missing += is_missing
        rival.items += len(places)
        size = len(places)
        rival.place(lowest / size, highest / size, size / self._largest)

    def _mean(self, tier: int, place: int) -> float | None:
        answers = self._scored[tier][place]
        return self._totals[tier][place] / answers if answers else None

    def _is_settled(self, tier: int, rival: _Rival) -> bool:
        answered = rival.items - rival.missing
        if answered < FEWEST_ITEMS or not self._is_cheaper(tier):
            return False
        alpha = round(1 - self._job.task.confidence, 12)
        if rival.against.has_reached(alpha):
            return True
        has_groups = self._largest > 1
        return (
            not has_limits(self._job.task)
            and (not has_groups or rival.bets >= FEWEST_GROUPS)
            and rival.missing <= MOST_MISSING * rival.items
            and rival.in_favour.has_reached(alpha / self._tests())
        )

    def _is_cheaper(self, tier: int) -> bool:
        own, current = self._spent[tier].mean_usd, self._spent[self._current].mean_usd
        return own is not None and current is not None and own < current

    def _tests(self) -> int:
        """How many tiers a decision may test at once: all but those known to cost no less."""
        current = self._spent[self._current].mean_usd
        means = [self._spent[tier].mean_usd for tier in self._rivals]
        return sum(mean is None or current is None or mean < current for mean in means)

    def _settle(self, tier: int, bets: int) -> None:
        self.settled |= {tier}
        self._stops[tier] = bets
        items = sum(map(len, self._clusters[:bets]))
        whole = sum(map(len, self._clusters))
        if bets < len(self._clusters):
            name = self._job.pool.tiers[tier]
            self._say(f"{self._job.task.name} {name}: settled after {items:,} of {whole:,} items")


class _Spent:
    """What a tier's answers cost so far; None as soon as nobody knows of one."""

    def __init__(self) -> None:
        self._total_usd: float | None = 0.0
        self._answers = 0

    def add(self, usd: float | None) -> None:
        self._total_usd = None if usd is None or self._total_usd is None else self._total_usd + usd
        self._answers += 1

    @property
    def mean_usd(self) -> float | None:
        return self._total_usd / self._answers if self._total_usd is not None and self._answers else None


class _Rival:
    """The bets on one tier: that it is good enough, and that it is not."""

    def __init__(self, margin: float) -> None:
        self.in_favour = Wager(margin)
        self.against = Wager(-margin)
        self.bets = 0
        self.items = 0
        self.missing = 0
        self._margin = margin

    def place(self, lowest: float, highest: float, weight: float) -> None:
        """Bet on one cluster: its mean difference, were all that is missing lost, and were it won."""
        self.bets += 1
        self.in_favour.place(weight * (lowest + self._margin) - self._margin)
        self.against.place(weight * (-highest - self._margin) + self._margin)


def has_limits(task: Task) -> bool:
    """Whether something is to be shown besides quality, which takes all items and its own test."""
    return task.limits.max_p95_s is not None or task.limits.min_score is not None


def _clusters(job: TaskJob, order: AskingOrder) -> tuple[list[list[int]], list[int]]:
    """The items that are scored, cluster by cluster as they are asked, and each item's cluster (or -1)."""
    is_scored = [item.target is not None or not needs_target(job.grader) for item in job.items]
    clusters: list[list[int]] = []
    cluster_of = [-1] * len(is_scored)
    before = -1
    for place, cluster in zip(order.places, order.clusters, strict=True):
        if is_scored[place]:
            if cluster != before:
                clusters.append([])
            clusters[-1].append(place)
            cluster_of[place] = len(clusters) - 1
            before = cluster
    return clusters, cluster_of
