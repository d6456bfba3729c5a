"""Plan a run: which trials there are, and which answers are stored already."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from evalbench.core.evalset import Item, Prompt, Task
from evalbench.core.models import ModelPool, Tier
from evalbench.core.plan import Request, Slot
from evalbench.core.score import Grader
from evalbench.pricing.bounds import most_input_tokens, prompt_bytes
from evalbench.providers.protocol import Provider
from evalbench.runner.keys import answer_key

Stored = Callable[[Sequence[bytes]], Collection[bytes]]
"""Which of these keys have an answer that may be used again."""


@dataclass(frozen=True, slots=True)
class TaskJob:
    """One task made ready to be asked: its items, who answers, and who judges."""

    position: int
    task: Task
    items: Sequence[Item]
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
    """One slot with the key of its answer; `is_own` when this very run has that answer already.

    `sent_bytes` is the size of the question, and `most_input_tokens` more than it can have.
    """

    slot: Slot
    key: bytes
    is_own: bool = False
    sent_bytes: int = 0
    most_input_tokens: int = 0


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


def plan_task(job: TaskJob, stored: Stored, claimed: set[bytes], done: Collection[Slot] = ()) -> TaskWork:
    """Sort every trial of a task into pending, stored and shared.

    `claimed` holds the keys that this run asks for already, over all its tasks; `done` are
    slots that an interrupted first leg of the run has answered.
    """
    work = TaskWork(job)
    keyed = [_keyed(job, slot) for slot in job.slots()]
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


def _keyed(job: TaskJob, slot: Slot) -> Work:
    request = job.request(slot)  # Rendered once: the key and the size are both taken from it.
    sent_bytes = prompt_bytes(request)
    return Work(
        slot,
        answer_key(request, job.providers[request.tier]),
        sent_bytes=sent_bytes,
        most_input_tokens=most_input_tokens(request, sent_bytes),
    )
