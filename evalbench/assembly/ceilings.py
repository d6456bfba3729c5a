"""Watch that no call costs more than was reserved for it, and ask no further where one has."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from evalbench.assembly.wiring import attempt_usd, call_ceiling_usd
from evalbench.core import money
from evalbench.core.completion import Completion, Failure
from evalbench.core.models import Tier
from evalbench.core.plan import Request
from evalbench.pricing.bounds import late_usd
from evalbench.runner.plan import TaskJob

_ROUNDING = 1 + 1e-9


@dataclass(slots=True)
class Ceilings:
    """The most that each call of a run may cost.

    A bound rests on a limit of tokens that an endpoint may ignore, and on prices that may be wrong. A
    tier of which one call was dearer than its bound is bounded no more, so that no cap has room for its
    next call: what is overspent is at most what was under way. `say` hears why.
    """

    timeout_s: float
    say: Callable[[str], None] = lambda _: None
    _broken: dict[Tier, str] = field(default_factory=dict)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Why tiers were asked no further, in a sentence each."""
        return tuple(self._broken.values())

    def ceiling_usd(self, job: TaskJob, request: Request) -> float | None:
        """The most that one attempt can cost, to be reserved for it."""
        return self.bound(request.tier, call_ceiling_usd(self.timeout_s, job, request))

    def billed_usd(
        self, job: TaskJob, tier: Tier, answer: Completion | Failure, busy_s: float, ceiling_usd: float | None
    ) -> float | None:
        """What one attempt has cost, held against what was reserved for it, if anything was."""
        price = job.pool.models[tier].price
        return self.held(tier, attempt_usd(job, tier, answer, busy_s), ceiling_usd, late_usd(price))

    def bound(self, tier: Tier, ceiling_usd: float | None) -> float | None:
        """This ceiling of the next call, or an endless one where one of its tier was broken."""
        return math.inf if tier in self._broken else ceiling_usd

    def held(
        self, tier: Tier, cost_usd: float | None, ceiling_usd: float | None, late_usd: float
    ) -> float | None:
        """The cost of a call, unchanged, once it was held against what was reserved for it.

        `late_usd` may come on top: a deadline that is noticed late says nothing about the next call.
        """
        if cost_usd is None or ceiling_usd is None or tier in self._broken:
            return cost_usd
        if cost_usd > ceiling_usd * _ROUNDING + late_usd:
            self._broken[tier] = (
                f"{tier} is asked no further: a call cost {money.price(cost_usd)}, more than the "
                f"{money.price(ceiling_usd)} that its limit of tokens and its price allow, so no cap can hold"
            )
            self.say(f"warning: {self._broken[tier]}")
        return cost_usd
