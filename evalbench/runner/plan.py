"""Plan a run: which trials there are, which answers are stored already, and what the rest costs at most."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from evalbench.core.evalset import Item, Prompt, Task
from evalbench.core.models import ModelPool, Tier
from evalbench.core.plan import Request, Slot, TierPlan
from evalbench.core.score import Grader
from evalbench.providers.protocol import Provider
from evalbench.runner.keys import answer_key

Stored = Callable[[Sequence[bytes]], Collection[bytes]]
"""Which of these keys have an answer that may be used again."""


@dataclass(frozen=True, slots=True)
class TaskJob:
    """One task made ready to be asked: its items, who answers, and who judges."""

    position: int
    task: Task
    items: tuple[Item, ...]
    pool: ModelPool
    providers: Mapping[Tier, Provider]
    grader: Grader
    prompt: Callable[[Item, Tier], Prompt]
    repeats: int = 1

    def request(self, slot: Slot) -> Request:
        """The question that a slot stands for."""
        tier = self.pool.tiers[slot.tier]
        item = self.items[slot.item]
        return Request(
            task=self.task.name,
            item_id=item.id,
            tier=tier,
            model=self.pool.models[tier],
            prompt=self.prompt(item, tier),
            repeat=slot.repeat,
            schema=self.task.schema,
            tools=self.task.tools,
        )

    def slots(self) -> Iterator[Slot]:
        """Every trial of the task: item by item, so that a run cut short has all tiers of most items."""
        for repeat in range(self.repeats):
            for item in range(len(self.items)):
                for tier in range(len(self.pool.tiers)):
                    yield Slot(self.position, tier, item, repeat)


@dataclass(frozen=True, slots=True)
class Work:
    """One slot with the key of its answer; `is_own` when this very run has that answer already."""

    slot: Slot
    key: bytes
    is_own: bool = False


@dataclass(slots=True)
class TaskWork:
    """The trials of one task by what must be done for them.

    `pending` must be asked, `stored` have an answer in the ledger, `shared` (by key) wait for
    the answer of an earlier slot with the same prompt.
    """

    job: TaskJob
    pending: list[Work] = field(default_factory=list)
    stored: list[Work] = field(default_factory=list)
    shared: dict[bytes, list[Work]] = field(default_factory=dict)

    def summary(self, ceilings_usd: Mapping[Tier, float | None]) -> tuple[TierPlan, ...]:
        """What each tier will be asked, with the most that can cost."""
        tiers = self.job.pool.tiers
        calls, stored, shared = ([0] * len(tiers) for _ in range(3))
        for work in self.pending:
            calls[work.slot.tier] += 1
        for work in self.stored:
            stored[work.slot.tier] += 1
        for waiting in self.shared.values():
            for work in waiting:
                shared[work.slot.tier] += 1
        return tuple(
            TierPlan(
                task=self.job.task.name,
                tier=tier,
                calls=calls[number],
                stored=stored[number],
                duplicates=shared[number],
                ceiling_usd=_product(ceilings_usd[tier], calls[number]),
            )
            for number, tier in enumerate(tiers)
        )


def plan_task(job: TaskJob, stored: Stored, claimed: set[bytes], done: Collection[Slot] = ()) -> TaskWork:
    """Sort every trial of a task into pending, stored and shared.

    `claimed` holds the keys that this run asks for already, over all its tasks; `done` are
    slots that an interrupted first leg of the run has answered.
    """
    work = TaskWork(job)
    keyed = [
        Work(slot, answer_key(job.request(slot), job.providers[job.pool.tiers[slot.tier]]))
        for slot in job.slots()
    ]
    own = {each.key for each in keyed if each.slot in done}
    keyed = [each for each in keyed if each.slot not in done]
    known = stored([each.key for each in keyed if each.key not in own])
    for each in keyed:
        if each.key in own:
            work.stored.append(replace(each, is_own=True))
        elif each.key in known:
            work.stored.append(each)
        elif each.key in claimed:
            work.shared.setdefault(each.key, []).append(each)
        else:
            claimed.add(each.key)
            work.pending.append(each)
    return work


def _product(ceiling_usd: float | None, calls: int) -> float | None:
    return None if ceiling_usd is None else ceiling_usd * calls
