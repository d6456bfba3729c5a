"""Trials: one attempt of one tier at one item, graded or failed."""

from __future__ import annotations

from dataclasses import dataclass

from evalbench.core.completion import Completion, Effort, Failure, Status
from evalbench.core.models import Tier
from evalbench.core.score import Score


@dataclass(frozen=True, slots=True)
class Trial:
    """One attempt of one tier at one item.

    Either `completion` is there, or `failure` says why not. `score` is None when the item has
    no target, or when the grader could not run: `failure` then says why, beside the answer.
    `is_reused` marks an answer that was in the ledger before the run began; `bill` is then what this
    run had paid in vain for such an answer.
    """

    item_id: str
    tier: Tier
    repeat: int = 0
    completion: Completion | None = None
    score: Score | None = None
    failure: Failure | None = None
    is_reused: bool = False
    bill: Effort | None = None

    @property
    def in_vain(self) -> Effort | None:
        """What the run paid for attempts that gave no answer, apart from an answer's own cost."""
        if self.bill is not None or self.completion is not None or self.failure is None:
            return self.bill
        return self.failure.effort.bill if self.failure.effort.is_billed else None

    @property
    def status(self) -> Status:
        """What became of the call, the grader's `invalid` included."""
        if self.completion is None:
            return Status.MISSING
        if self.completion.status is Status.OK and self.score is not None and not self.score.is_valid:
            return Status.INVALID
        return self.completion.status
