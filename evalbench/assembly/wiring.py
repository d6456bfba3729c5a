"""Put a provider behind every tier of a task, and decide which tiers share an endpoint."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from dotenv import load_dotenv

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import EvalSet, Task
from evalbench.core.models import Model, ModelPool, Tier
from evalbench.core.plan import Request
from evalbench.errors import InputError, UnknownNameError
from evalbench.interchange.recordings import Recordings, read_recordings
from evalbench.loaders.prompts import sight_of
from evalbench.pricing.bounds import ceiling_usd, most_input_tokens, prompt_bytes
from evalbench.pricing.cost import billed_usd, paid_usd, priced
from evalbench.pricing.sources import with_price
from evalbench.providers.live import live_provider
from evalbench.providers.protocol import Provider
from evalbench.providers.python_callable import callable_provider
from evalbench.providers.recorded import RecordedProvider
from evalbench.providers.threads import InThread, Threads
from evalbench.registry import known, load
from evalbench.runner.grading import limited
from evalbench.runner.lane import LaneSpec
from evalbench.runner.plan import TaskJob

LOCAL_TIERS: Mapping[Tier, Model] = {name: Model(f"local/{name}") for name in ("small", "medium", "large")}
"""The ladder of classical models: what a run uses where no models are named."""

CLASSICAL_TIER = "classical"
_CLASSICAL_MODEL = Model("local/linear")
_IN_PROCESS = "in-process"
_CAUTIOUS_CALLS = 8


@dataclass(slots=True)
class Wiring:
    """Makes providers, each recording read once; paths start from `folder`."""

    folder: Path
    seed: int
    concurrency: int | None = None
    _recordings: dict[Path, Recordings] = field(default_factory=dict)
    _threads: dict[str, Threads] = field(default_factory=dict)

    def providers(self, evalset: EvalSet, pool: ModelPool) -> dict[Tier, Provider]:
        """Who answers at each tier; every name and file is checked here, before any call."""
        return {tier: self.provider(tier, model, evalset) for tier, model in pool.models.items()}

    def judge(self, model: Model) -> Provider:
        """Who judges: a model that is called, or a function; recordings know no questions of a judge."""
        kind = model.id.partition("/")[0]
        if kind in ("local", "recorded"):
            raise InputError(
                f"{model.id!r} cannot judge: a judge is asked about answers that are new",
                "name a model that can be called, for example `judge: openai/gpt-5`.",
            )
        return self._callable(model) if kind == "python" else live_provider(model, os.environ)

    def provider(self, tier: Tier, model: Model, evalset: EvalSet) -> Provider:
        """Who answers for the model of a tier; its name and its file are checked."""
        kind, _, name = model.id.partition("/")
        if kind == "local":
            return self._local(tier, name, evalset)
        if kind == "recorded":
            return self._recorded(name, evalset.task)
        if kind == "python":
            return self._callable(model)
        if kind in known("providers"):
            plugin: Provider = load("providers", kind)(model, evalset.task, self.seed)
            return plugin
        if model.id in ("small", "medium", "large", "linear"):
            raise UnknownNameError("model", model.id, (f"local/{model.id}",))
        return live_provider(model, os.environ, concurrency=self.concurrency)

    def _local(self, tier: Tier, name: str, evalset: EvalSet) -> Provider:
        from evalbench.providers.local.provider import LocalProvider, objection

        learner = LocalProvider(name, self.seed, evalset.task, sight_of(evalset.task, tier))
        refusal = objection(evalset.task, evalset.train)
        if refusal is not None:
            raise refusal
        prepare = partial(learner.fit, evalset.train, evalset.task)
        return InThread(learner, self._threads_of(_IN_PROCESS, 1), prepare)

    def _recorded(self, name: str, task: Task) -> Provider:
        file, mark, model = name.rpartition("#")
        if not mark:
            raise InputError(f"'recorded/{name}' names no model", "write recorded/FILE#MODEL.")
        path = self.folder / file
        if path not in self._recordings:
            self._recordings[path] = read_recordings(path)
        found = self._recordings[path]
        return RecordedProvider(found.answers(model, task.name), found.digest)

    def _callable(self, model: Model) -> Provider:
        found = callable_provider(model, self.folder)
        if self.concurrency is not None:
            found = replace(found, concurrency=self.concurrency)
        return InThread(found, self._threads_of(model.id, found.concurrency))

    def _threads_of(self, name: str, count: int) -> Threads:
        return self._threads.setdefault(name, Threads(count))


def priced_pool(pool: ModelPool) -> ModelPool:
    """The pool with the price of every model, as it is known today."""
    return replace(pool, models={tier: with_price(model) for tier, model in pool.models.items()})


def pool_for(pool: ModelPool, evalset: EvalSet, *, classical: bool) -> ModelPool:
    """The pool of one task: a classical tier joins it where there is something to learn from.

    It stands first, being the cheapest; a pool of classical models needs no further one.
    """
    is_there = any(model.is_classical for model in pool.models.values()) or CLASSICAL_TIER in pool.models
    if not classical or is_there or not evalset.train:
        return pool
    from evalbench.providers.local.provider import objection

    if objection(evalset.task, evalset.train) is not None:
        return pool
    return replace(pool, models={CLASSICAL_TIER: with_price(_CLASSICAL_MODEL), **pool.models})


def lane_of(concurrency: int | None, job: TaskJob, tier: Tier) -> LaneSpec:
    """The endpoint a tier is asked at: all classical models share this process and take turns.

    A number of calls that somebody chose is used from the first answer on; where nobody did,
    it is found by trying, from a few calls upwards.
    """
    model, most = job.pool.models[tier], job.providers[tier].concurrency
    if model.is_classical:
        return LaneSpec(_IN_PROCESS, most, most)
    is_chosen = concurrency is not None or model.concurrency is not None
    return LaneSpec(
        f"{model.id} at {model.api_base}" if model.api_base else model.id,
        most,
        most if is_chosen else min(most, _CAUTIOUS_CALLS),
        model.requests_per_minute,
        model.tokens_per_minute,
        is_stated=is_chosen,
    )


def finish(task: Task, model: Model, completion: Completion) -> Completion:
    """An answer as it counts in a run: priced, and late when production would not have waited."""
    return limited(priced(completion, model.price, task.traffic), task.limits)


def cost_usd(job: TaskJob, tier: Tier, completion: Completion) -> float | None:
    """What a new answer has cost."""
    return paid_usd(completion, job.pool.models[tier].price, job.task.traffic)


def attempt_usd(job: TaskJob, tier: Tier, answer: Completion | Failure, busy_s: float) -> float | None:
    """What one attempt has cost, which kept its endpoint busy for so many seconds."""
    return billed_usd(answer, busy_s, job.pool.models[tier].price, job.task.traffic)


def call_ceiling_usd(timeout_s: float, job: TaskJob, request: Request) -> float | None:
    """The most that one attempt at this very call can cost; recorded answers are free to replay."""
    if job.providers[request.tier].replays:
        return 0.0
    input_tokens = most_input_tokens(request, prompt_bytes(request))
    return ceiling_usd(request.model, input_tokens, timeout_s)


def load_env_file(path: Path) -> None:
    """Put the variables of a `.env` file into the environment; those already set win."""
    if not path.is_file():
        raise InputError(f"there is no file {str(path)!r}", "name an existing file of NAME=value lines.")
    load_dotenv(path, override=False)
