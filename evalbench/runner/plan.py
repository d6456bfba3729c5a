"""Plan a run: which trials there are, and which answers are stored already."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from evalbench.core.completion import Failure
from evalbench.core.evalset import Item, Prompt, Task
from evalbench.core.models import ModelPool, Tier
from evalbench.core.order import AskingOrder
from evalbench.core.plan import Request, Slot
from evalbench.core.score import AnyGrader
from evalbench.pricing.bounds import most_input_tokens, prompt_bytes
from evalbench.providers.protocol import Provider
from evalbench.runner.keys import answer_key
from evalbench.runner.pairs import Yardstick
from evalbench.runner.works import Work, Works

Stored = Callable[[Sequence[bytes]], Collection[bytes]]
"""Which of these keys have an answer that may be used again."""

_PLANNED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class TaskJob:
    """One task made ready to be asked: its items, who answers, and who judges.

    `order` is that of a run that may stop early: item by item, all repeats of one before the next.
    """

    position: int
    task: Task
    items: Sequence[Item]
    pool: ModelPool
    providers: Mapping[Tier, Provider]
    grader: AnyGrader
    prompt: Callable[[Item, Tier], Prompt]
    repeats: int = 1
    order: AskingOrder | None = None

    @property
    def yardstick(self) -> Yardstick:
        """What answers are compared with, where they are judged in pairs."""
        return Yardstick(self.pool.tiers.index(self.pool.current), len(self.pool.tiers))

    def request(self, slot: Slot) -> Request:
        """The question that a slot stands for."""
        return self.request_for(self.items[slot.item], slot)

    def request_for(self, item: Item, slot: Slot) -> Request:
        """The question that a slot stands for, whose item is at hand."""
        tier = self.pool.tiers[slot.tier]
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
        return (slot for slot, _ in self.trials())

    def trials(self) -> Iterator[tuple[Slot, Item]]:
        """Every slot with its item, in the order of `slots`."""
        if self.order is not None:
            yield from self._in_order(self.order)
            return
        for repeat in range(self.repeats):
            for place, item in enumerate(self.items):
                for tier in range(len(self.pool.tiers)):
                    yield Slot(self.position, tier, place, repeat), item

    def _in_order(self, order: AskingOrder) -> Iterator[tuple[Slot, Item]]:
        for place in order.places:
            item = self.items[place]
            for repeat in range(self.repeats):
                for tier in range(len(self.pool.tiers)):
                    yield Slot(self.position, tier, place, repeat), item


@dataclass(frozen=True, slots=True)
class TaskWork:
    """The trials of one task by what must be done for them.

    `pending` must be asked, `stored` have an answer in the ledger, `shared` wait for the answer
    of an earlier slot with the same prompt, and so the same key. `done` were answered by an
    interrupted first leg of a run that may stop early, which has to know what they came to. `failed`
    are the last failures of slots that an earlier leg was billed for, or that failed for good.
    """

    job: TaskJob
    pending: Works
    stored: Works
    shared: Works
    done: Works
    failed: Mapping[Slot, Failure] = field(default_factory=dict)


def plan_task(
    job: TaskJob,
    stored: Stored,
    claimed: set[bytes],
    done: Collection[Slot] = (),
    ungraded: Collection[Slot] = (),
    failed: Mapping[Slot, Failure] | None = None,
) -> TaskWork:
    """Sort every trial of a task into pending, stored and shared.

    `claimed` holds the keys that this run asks for already, over all its tasks; `done` are
    slots that an interrupted first leg of the run has answered, and `ungraded` those that it has
    answered and not judged, so that their own answers are taken up once more. What `failed` for
    good is asked last, unless the run has an order of its own.
    """
    pending, known_ones, shared, finished, last = (Works(job.position) for _ in range(5))
    work = TaskWork(job, pending, known_ones, shared, finished, failed or {})
    own: set[bytes] = set()
    for each in _among(job, {*done, *ungraded}):
        own.add(each.key)
        if job.order is not None and each.slot in done:
            work.done.add(each)
    left = ((slot, item) for slot, item in job.trials() if not done or slot not in done)
    while keyed := [_keyed(job, slot, item) for slot, item in islice(left, _PLANNED_AT_ONCE)]:
        known = stored([each.key for each in keyed if each.key not in own])
        for each in keyed:
            if each.key in own:
                work.stored.add(replace(each, is_own=True))
            elif each.key in known:
                work.stored.add(each)
            elif each.key in claimed:
                work.shared.add(each)
            else:
                claimed.add(each.key)
                (last if _can_wait(work, each.slot) else work.pending).add(each)
    work.pending.extend(last)
    return work


def _can_wait(work: TaskWork, slot: Slot) -> bool:
    failure = work.failed.get(slot)
    return failure is not None and failure.is_items_own and work.job.order is None


def _among(job: TaskJob, slots: Collection[Slot]) -> Iterator[Work]:
    return (_keyed(job, slot, item) for slot, item in job.trials() if slot in slots) if slots else iter(())


def _keyed(job: TaskJob, slot: Slot, item: Item) -> Work:
    request = job.request_for(item, slot)  # Rendered once: the key and the size are both taken from it.
    sent_bytes = prompt_bytes(request)
    return Work(
        slot,
        answer_key(request, job.providers[request.tier]),
        sent_bytes=sent_bytes,
        most_input_tokens=most_input_tokens(request, sent_bytes),
    )
