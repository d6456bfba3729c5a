"""Trials: one attempt of one tier at one item, graded or failed."""

from __future__ import annotations

from dataclasses import dataclass

from evalbench.core.completion import Completion, Failure, Status
from evalbench.core.models import Tier
from evalbench.core.score import Score


@dataclass(frozen=True, slots=True)
class Trial:
    """One attempt of one tier at one item.

    Either `completion` is there, or `failure` says why not. `score` is None when the item has
    no target, or when the grader could not run: `failure` then says why, beside the answer.
    `is_reused` marks an answer that was in the ledger before the run began.
    """

    item_id: str
    tier: Tier
    repeat: int = 0
    completion: Completion | None = None
    score: Score | None = None
    failure: Failure | None = None
    is_reused: bool = False

    @property
    def status(self) -> Status:
        """What became of the call, the grader's `invalid` included."""
        if self.completion is None:
            return Status.MISSING
        if self.completion.status is Status.OK and self.score is not None and not self.score.is_valid:
            return Status.INVALID
        return self.completion.status
