"""A task whose answers are handed to the watch of an early stop one by one, and what was stored of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalbench.advice.decide import decided
from evalbench.advice.decision import Decision
from evalbench.advice.in_order import arrays_in_order, rules_of
from evalbench.advice.observations import observe
from evalbench.assembly.early_stop import EarlyStop
from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import Item
from evalbench.core.models import Tier
from evalbench.core.order import asking_order
from evalbench.core.plan import Slot
from evalbench.core.run import TaskRun
from evalbench.core.score import Grader, Score, needs_target
from evalbench.core.trial import Trial
from evalbench.providers.scripted import ScriptedProvider
from evalbench.runner.plan import TaskJob
from tests.build import make_item, make_pool, make_task
from tests.runner.test_execute import Equal

SEED = 7
COSTS_USD = {"small": 0.01, "medium": 0.03, "large": 0.10}
Values = Sequence[float | None] | NDArray[np.float64]


@dataclass
class Watched:
    """`tell` hands one answer over; `tell_all` those of whole items, until nobody needs any more."""

    job: TaskJob
    stop: EarlyStop
    said: list[str] = field(default_factory=list)
    trials: dict[Slot, Trial] = field(default_factory=dict)
    settled: frozenset[int] = frozenset()

    @property
    def order(self) -> list[int]:
        assert self.job.order is not None
        return list(self.job.order.places)

    @property
    def settled_tiers(self) -> set[Tier]:
        return {self.job.pool.tiers[tier] for tier in self.settled}

    def tell(  # noqa: PLR0913 - an answer has as many sides
        self,
        tier: int,
        item: int,
        score: float | None,
        repeat: int = 0,
        *,
        cost_usd: float | None = -1.0,
        is_valid: bool = True,
        kind: str = "error",
        ungraded: str | None = None,
    ) -> None:
        slot, name = Slot(0, tier, item, repeat), self.job.pool.tiers[tier]
        cost_usd = COSTS_USD[name] if cost_usd == -1.0 else cost_usd
        answer = Failure(kind, "no") if score is None else Completion("yes", cost_usd=cost_usd, latency_s=0.1)
        is_scored = needs_target(self.job.grader) <= (self.job.items[item].target is not None)
        is_judged = score is not None and is_scored and ungraded is None
        judged = Score(score or 0.0, "yes", is_valid=is_valid) if is_judged else None
        failure = Failure(ungraded or kind, "no")
        self.settled = self.stop.settled(self.job, slot, answer, judged)
        self.trials[slot] = Trial(
            self.job.items[item].id,
            name,
            repeat,
            completion=answer if isinstance(answer, Completion) else None,
            failure=failure if isinstance(answer, Failure) or ungraded else None,
            score=judged,
        )

    def tell_all(self, scores: Mapping[Tier, Values], **changes: Any) -> int:
        """Whole items in their order, of tiers not settled; returns after how many all were settled."""
        tiers = self.job.pool.tiers
        for number, place in enumerate(self.order):
            if len(self.settled) == len(tiers):
                return number
            for tier, name in enumerate(tiers):
                if tier not in self.settled:
                    value = scores[name][place]
                    self.tell(tier, place, None if value is None else float(value), **changes)
        return len(self.order)

    @property
    def run(self) -> TaskRun:
        """The run as the ledger has it."""
        job = self.job
        trials = tuple(self.trials[slot] for slot in sorted(self.trials, key=_place))
        return TaskRun(job.task, job.pool, job.items, trials, "label@1", "s", order_seed=SEED)

    def decide(self) -> Decision:
        """What is decided of the run by its answers alone."""
        run = self.run
        assert run.order is not None
        tiers = run.models.tiers
        costs_usd = np.array([COSTS_USD[tier] for tier in tiers])
        alpha = round(1 - run.task.confidence, 12)
        return decided(
            arrays_in_order(run, run.order, observe(run, tiers), costs_usd), rules_of(run.task, alpha)
        )


def watched(
    items: int | Sequence[Item] = 200,
    tiers: Sequence[str] = ("small", "large"),
    current: str | None = None,
    repeats: int = 1,
    graded_by: Grader | None = None,
    **task: Any,
) -> Watched:
    rows = [make_item(f"i{number}") for number in range(items)] if isinstance(items, int) else list(items)
    kind = make_task(**task)
    pool = make_pool(tiers, current)
    job = TaskJob(
        position=0,
        task=kind,
        items=rows,
        pool=pool,
        providers=dict.fromkeys(tiers, ScriptedProvider(lambda _: Completion("yes"))),
        grader=graded_by or Equal(),
        prompt=lambda item, _: item.prompt,
        repeats=repeats,
        order=asking_order(rows, kind.name, SEED),
    )
    said: list[str] = []
    return Watched(job, EarlyStop([job], said.append), said)


def pairs(
    rng: np.random.Generator, items: int, wins: float, losses: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Right or wrong answers of two tiers that differ on so many items."""
    kind = rng.choice(3, items, p=[wins, losses, 1 - wins - losses])
    agreed = (rng.random(items) < 0.8).astype(float)
    return np.where(kind == 0, 1.0, np.where(kind == 1, 0.0, agreed)), np.where(
        kind == 0, 0.0, np.where(kind == 1, 1.0, agreed)
    )


def _place(slot: Slot) -> tuple[int, int, int]:
    return slot.tier, slot.item, slot.repeat
