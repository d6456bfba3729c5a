"""One task of a recording on its way to the ledger: what each tier answered, and who says how well."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import orjson

from evalbench import __version__
from evalbench.core.completion import Status
from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.models import ModelPool, Tier
from evalbench.core.plan import Entry, Slot
from evalbench.core.score import Grader, Score
from evalbench.interchange.recordings import Recording
from evalbench.loaders.canonical import canonical
from evalbench.runner.later import grade_all
from evalbench.runner.storable import storable_text
from evalbench.store.records import TaskCard

TRUSTED = "trusted@1"


@dataclass(frozen=True, slots=True)
class RecordedTask:
    """One task of a recording, ready to become a task of a run.

    `entries` are its answers by model, item id and repeat, `names` the model that stands at each tier of
    `pool`. Without a `grader` the scores are those of the recording.
    """

    task: Task
    items: Sequence[Item]
    grader: Grader | None
    entries: Mapping[tuple[str, str, int], Recording]
    pool: ModelPool
    names: Mapping[Tier, str]

    @property
    def judged_by(self) -> str:
        """The signature of whoever says how good the answers are."""
        return TRUSTED if self.grader is None else self.grader.signature

    @property
    def repeats(self) -> int:
        """How often each item was asked."""
        return 1 + max(repeat for _, _, repeat in self.entries)

    @property
    def wanted(self) -> int:
        """How many answers make the task complete."""
        return len(self.items) * len(self.pool.tiers) * self.repeats

    def notes(self) -> Iterator[str]:
        """What of the recording is not used, or lacks, with counts: nothing is dropped in silence."""
        name = self.task.name
        others = {model for model, _, _ in self.entries} - set(self.names.values())
        if others:
            yield f"{name}: no tier was given to {', '.join(sorted(others))}"
        absent = [tier for tier in self.names if tier not in self.pool.models]
        if absent:
            told = ", ".join(f"{tier} ({self.names[tier]})" for tier in absent)
            yield f"{name}: has no answers of {told}, which so takes no part in it"
        unknown = {item_id for _, item_id, _ in self.entries} - {item.id for item in self.items}
        if unknown:
            yield f"{name}: {len(unknown)} recorded items are not in the eval set"

    def card(self) -> TaskCard:
        """What the ledger keeps of the task."""
        models = ",".join(f"{tier}:{model.id}" for tier, model in self.pool.models.items())
        shown = _packed([[item.id, item.prompt.text, item.target] for item in self.items])
        digest = self.task.digest or hashlib.sha256(shown).hexdigest()
        task = replace(self.task, digest=digest)
        signature = f"{task.name}@{digest[:8]}|n:{len(self.items)}|{self.judged_by}|{models}|v:{__version__}"
        return TaskCard(task, self.pool, self.judged_by, signature, {}, self.repeats)

    def stored(self, position: int) -> Iterator[Entry]:
        """The answers with their scores, as the ledger takes them, for the task at this position of a run."""
        if self.grader is None:
            for entry, found, _ in self._answers(position):
                yield replace(entry, score=_given_score(found))
            return
        answers = ((entry, found.completion, item) for entry, found, item in self._answers(position))
        yield from grade_all(answers, self.task, self.grader)

    def _answers(self, position: int) -> Iterator[tuple[Entry, Recording, Item]]:
        repeats = range(self.repeats)
        for tier, name in enumerate(self.names[tier] for tier in self.pool.tiers):
            for number, item in enumerate(self.items):
                for repeat in repeats:
                    found = self.entries.get((name, item.id, repeat))
                    if found is not None and found.completion.status is not Status.MISSING:
                        entry = _entry(Slot(position, tier, number, repeat), found)
                        yield entry, found, item


def pool_of(names: Mapping[Tier, str], pool: ModelPool, entries: Sequence[Recording]) -> ModelPool:
    """The tiers that take part in a task: those whose model was asked there, and the current one."""
    asked = {entry.model for entry in entries}
    models = {
        tier: model for tier, model in pool.models.items() if names[tier] in asked or tier == pool.current
    }
    return replace(pool, models=models)


def _given_score(found: Recording) -> Score | None:
    if found.score is None:
        return None
    return Score(found.score, None, "as recorded", is_valid=found.is_valid or found.score > 0)


def _entry(slot: Slot, found: Recording) -> Entry:
    identity = [found.task, found.model, found.item_id, found.repeat, found.line, repr(found.completion)]
    text = storable_text(found.completion.text)
    completion = found.completion if text is found.completion.text else replace(found.completion, text=text)
    return Entry(slot, hashlib.sha256(orjson.dumps(identity)).digest(), completion=completion)


def _packed(value: JsonValue) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # a whole number beyond 64 bits; what was imported before keeps its digest
        return canonical(value)
