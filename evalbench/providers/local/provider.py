"""The local ladder: an answer from a model that was learned from the training split minutes ago."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import Item, JsonValue, Task, TaskKind
from evalbench.core.plan import Request
from evalbench.core.sight import Sight
from evalbench.errors import InputError, UnknownNameError
from evalbench.providers.local.confidence import Confidence, learn_confidence
from evalbench.providers.local.ladder import LADDER_VERSION, LADDERS, RUNGS, ladder_of, names_sets
from evalbench.providers.local.learned import Learned, within
from evalbench.providers.local.reading import object_target

_FEWEST = 2


def objection(task: Task, train: Sequence[Item]) -> InputError | None:
    """Why no classical model can learn this task, found before anything is asked; None if one can."""
    if task.kind not in LADDERS:
        return InputError(
            f"{task.name!r} is {task.kind.value}, for which there is no classical model",
            f"use another model for this task; classical ones do: {', '.join(sorted(LADDERS))}.",
        )
    items = [item for item in train if item.target is not None]
    if len(items) < _FEWEST:
        return InputError(
            f"classical models learn from a training split, and that of {task.name!r} has "
            f"{len(items)} items with a target; they need {_FEWEST} or more",
            "give the eval set a `train:` split, or make one with `evalbench evalsets new FILE`.",
        )
    if task.kind is TaskKind.EXTRACTION:
        try:
            for item in items:
                object_target(item)
        except InputError as error:
            return error
    return None


class LocalProvider:
    """One rung of the local ladder on one task: `small`, `medium`, `large` or `linear`.

    It learns from the training split alone, and always the same for a seed. Of an item it reads
    what `sight` leaves: what the prompt shows to a language model, and never the target. Classical
    models have no tokens, so usage stays unknown; `confidence` is the probability of being right
    that held-out training items suggest.
    """

    version = LADDER_VERSION
    concurrency = 1

    def __init__(self, name: str, seed: int, task: Task, sight: Sight) -> None:
        if name not in RUNGS:
            raise UnknownNameError("classical model", name, RUNGS)
        self.name = name
        self._seed = seed
        self._task = task
        self._sight = sight
        self._model: tuple[Learned, Confidence] | None = None

    def identity(self, request: Request) -> Mapping[str, JsonValue]:
        """What the model is learned from and by, and all that it reads of the item."""
        shown = self._sight.of(request.prompt)
        return {
            "ladder": LADDER_VERSION,
            "rung": self.name,
            "seed": self._seed,
            "train": self._task.train_digest,
            "kind": self._task.kind.value,
            "labels": list(self._task.labels),
            # Only where it applies: what was stored for tasks of one label stays the same answer.
            **({"answer": "label set"} if names_sets(self._task) else {}),
            # Training items may have columns that this one lacks, so what is shown of them counts as well.
            "sight": [self._sight.has_input, sorted(self._sight.columns)],
            "text": shown.text,
            "fields": dict(shown.fields),
        }

    def fit(self, train: Sequence[Item], task: Task) -> None:
        """Learn the model, and what its answers are worth."""
        refusal = objection(task, train)
        if refusal is not None:
            raise refusal
        items = [item for item in train if item.target is not None]
        ladder = ladder_of(task)
        learn = within(self._sight, ladder.rung(self.name))
        confidence = learn_confidence(learn, items, ladder.is_right, self._seed)
        self._model = learn(items, self._seed), confidence

    def answer(self, request: Request) -> Completion | Failure:
        """The answer to one item, with the time that it took."""
        if self._model is None:
            return Failure("not_learned", f"local/{self.name} was asked before it had learned")
        model, confidence = self._model
        started = time.perf_counter()
        found = model.answer(request.prompt)
        sure = confidence.of(found)
        took_s = time.perf_counter() - started
        return Completion(
            found.text,
            latency_s=took_s,
            busy_s=took_s,
            confidence=sure,
            finish_reason="stop",
            detail={"kind": "classical model"},
        )
