"""What a run needs of its neighbours, how hard it tries, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from evalbench.core.completion import Completion, Failure
from evalbench.core.models import Tier
from evalbench.core.plan import Entry, Request, Slot
from evalbench.core.score import Score
from evalbench.errors import StoreError
from evalbench.runner.desk import Desk
from evalbench.runner.lane import LaneSpec
from evalbench.runner.plan import TaskJob
from evalbench.runner.turns import Settled


@dataclass(frozen=True, slots=True)
class Settings:
    """How hard to try: a deadline for each attempt, and how often to try again."""

    timeout_s: float = 60.0
    retries: int = 5

    @property
    def item_s(self) -> float:
        """The deadline of an item over all its attempts and the waits between them."""
        return self.timeout_s * (1 + self.retries)


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a run needs of its neighbours.

    `record` makes an entry durable, `trouble` says why soon nothing more can be stored (None
    while all is well), `recall` finds stored answers by their keys, `billed_usd` prices an attempt
    that took so many busy seconds, for which so much was reserved (None without a cap, or where
    nobody knows), `ceiling_usd` is the most a call can cost (None where nobody knows), `starting` is
    told when a model gets ready, and `lane_of` names the endpoint a tier is asked at: tiers of one
    endpoint share its limits. `settled` hears every answer of a run that may stop early and says
    which tiers need no further one; None where everything is asked. It hears first what a resumed run
    has judged, by the stored `scores`. At the `desk` graders ask the model that judges, if one does.
    """

    record: Callable[[Entry], None]
    recall: Callable[[Sequence[bytes]], Mapping[bytes, Completion]]
    billed_usd: Callable[[TaskJob, Tier, Completion | Failure, float, float | None], float | None]
    ceiling_usd: Callable[[TaskJob, Request], float | None]
    starting: Callable[[str, Tier], None]
    lane_of: Callable[[TaskJob, Tier], LaneSpec]
    trouble: Callable[[], StoreError | None] = lambda: None
    settled: Settled | None = None
    scores: Callable[[Sequence[Slot]], Mapping[Slot, Score]] = lambda _: {}
    desk: Desk | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended: by which signal, if any, and how many calls the spend cap left out.

    `stopped` tells, in a sentence each, which endpoints were given up and why. `late_s` is how long, on
    the average, this process let wait what was due.
    """

    signal_number: int | None
    over_budget: int
    stopped: tuple[str, ...] = ()
    late_s: float = 0.0
