"""Put a model behind the graders that ask one: who it is, what it may cost, where its answers go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from evalbench.assembly.ceilings import Ceilings
from evalbench.assembly.project import Setting
from evalbench.assembly.wiring import Wiring
from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import Traffic
from evalbench.core.models import Model
from evalbench.core.plan import Judgement, Request
from evalbench.errors import InputError
from evalbench.graders.asking import TIER, Assessor
from evalbench.pricing.bounds import ceiling_usd, late_usd, most_input_tokens, prompt_bytes
from evalbench.pricing.cost import billed_usd
from evalbench.providers.protocol import Provider
from evalbench.runner.desk import Desk, DeskHooks, DeskLimits
from evalbench.runner.keys import answer_key


@dataclass(slots=True)
class Bench:
    """The model that judges in one command, made ready only if a grader asks for it.

    Graders are made before anything can be asked, so they get `assessor`; who then runs them
    first says by `desk` where answers come from and go to. `said` is all that was recorded.
    """

    setting: Setting
    wiring: Wiring
    said: list[Judgement] = field(default_factory=list)
    _provider: Provider | None = None
    _desk: Desk | None = None

    @property
    def model(self) -> Model:
        """The model that judges; naming none is an error that says how."""
        if self.setting.judge is None:
            raise InputError(
                "grader 'judge' asks a model, and evalbench.yaml names none that judges",
                "add to evalbench.yaml, for example: `judge: openai/gpt-5`.",
            )
        return self.setting.judge

    def assessor(self) -> Assessor:
        """The model as a grader sees it; its key is looked for here, before the first call."""
        if self._provider is None:
            self._provider = self.wiring.judge(self.model)
        return Assessor(self.model, self._complete)

    def desk(
        self,
        recall: Callable[[Sequence[bytes]], Mapping[bytes, Completion]],
        record: Callable[[Judgement], None],
        ceilings: Ceilings | None = None,
    ) -> Desk | None:
        """Where questions are answered from now on; None where no grader has any."""
        if self._provider is None:
            return None
        limits = DeskLimits(
            self.setting.timeout_s,
            self.setting.retries,
            self.model.requests_per_minute,
            self.model.tokens_per_minute,
        )
        watch = ceilings or Ceilings(self.setting.timeout_s)
        hooks = DeskHooks(
            recall,
            record,
            lambda answer, busy_s, most_usd: watch.held(
                TIER, self._billed_usd(answer, busy_s), most_usd, late_usd(self.model.price)
            ),
            lambda request: watch.bound(TIER, self.ceiling_usd(request)),
        )
        self._desk = Desk(self._provider, limits, hooks)
        return self._desk

    def key(self, request: Request) -> bytes:
        """What the answer to a question is stored under."""
        if self._provider is None:
            raise AssertionError(request)
        return answer_key(request, self._provider)

    def ceiling_usd(self, request: Request) -> float | None:
        """The most that one question can cost, or None when nobody can say."""
        tokens = most_input_tokens(request, prompt_bytes(request))
        return ceiling_usd(self.model, tokens, self.setting.timeout_s)

    def _billed_usd(self, answer: Completion | Failure, busy_s: float) -> float | None:
        return billed_usd(answer, busy_s, self.model.price, Traffic())

    def _complete(self, request: Request) -> Completion | Failure:
        if self._desk is None:
            return Failure("judge", "this command asks no judge", retryable=True)
        return self._desk.complete(request)
