"""Tiers that were left early because they were settled: what of them is missing, and what is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from evalbench.advice.conclusion import Conclusion
from evalbench.advice.constraints import quality_part
from evalbench.advice.decision import Decision
from evalbench.advice.in_order import arrays_in_order, beginning, items_asked, rules_of
from evalbench.advice.observations import observe, rows_of
from evalbench.advice.words import how_many, listed
from evalbench.core.comparison import Verdict
from evalbench.core.completion import Status
from evalbench.core.estimate import TierEstimate
from evalbench.core.models import Tier
from evalbench.core.run import TaskRun


def with_stops(
    run: TaskRun, estimates: Mapping[Tier, TierEstimate], decision: Decision, alpha: float
) -> dict[Tier, TierEstimate]:
    """The estimates with how far each tier was asked, of a run that may have stopped early.

    What was not asked of a tier that is settled was not needed; of any other tier it is missing.
    """
    if run.order is None:
        return dict(estimates)
    tiers, asked = run.models.tiers, items_asked(run).tolist()
    left = {tier: count for tier, count in zip(tiers, asked, strict=True) if count < len(run.items)}
    settled = {tier for tier in left if _is_settled(run, decision, tier, alpha)}
    others = set(tiers) - {run.models.current}
    if others and not (others & left.keys()) - settled:
        settled.add(run.models.current)
    return {
        tier: _told(run, estimates[tier], count, is_settled=tier in settled)
        for tier, count in zip(tiers, asked, strict=True)
    }


def left_early(found: Conclusion) -> tuple[str, ...]:
    """Which tiers were left early, and after how many items."""
    stopped = [estimate for estimate in found.estimates.values() if estimate.is_stopped_early]
    if not stopped:
        return ()
    each = listed([f"{estimate.tier} after {estimate.items_asked:,}" for estimate in stopped])
    return (f"left early, being settled: {each} of {how_many(len(found.run.items), 'item')}",)


def about_stops(found: Conclusion) -> tuple[str, ...]:
    """What a reader should know of the figures of tiers that were left early."""
    if not left_early(found):
        return ()
    leans = "the score of a tier that was left early leans towards what settled it"
    return (f"{leans}; how much worse or better it can be holds all the same",)


def _is_settled(run: TaskRun, decision: Decision, tier: Tier, alpha: float) -> bool:
    index = run.models.tiers.index(tier)
    candidate = decision.candidates.get(index)
    if candidate is None:
        return tier != run.models.current and _was_settled(run, index, alpha)
    if candidate.verdict is Verdict.NOT_GOOD_ENOUGH:
        return True
    return candidate.p_adjusted is not None and candidate.p_adjusted <= alpha


def _was_settled(run: TaskRun, index: int, alpha: float) -> bool:
    """Whether a tier was settled that is no candidate now: it was cheaper when asked than at these prices."""
    tiers = run.models.tiers
    if run.order is None:
        return False
    arrays = arrays_in_order(run, run.order, observe(run, tiers), np.full(len(tiers), np.nan))
    quality = quality_part(beginning(arrays, index), rules_of(run.task, alpha), index)
    if quality is None:
        return False
    return quality.p_violated <= alpha or quality.p_value <= alpha / (len(tiers) - 1)


def _told(run: TaskRun, estimate: TierEstimate, asked: int, *, is_settled: bool) -> TierEstimate:
    told = replace(estimate, items_asked=asked)
    lacking = len(run.items) * run.repeats - len(rows_of(run, estimate.tier))
    if not lacking:
        return told
    if is_settled:
        return replace(told, is_stopped_early=asked < len(run.items))
    missing = estimate.answers.get(Status.MISSING, 0) + lacking
    answers = {**estimate.answers, Status.MISSING: missing}
    return replace(told, trials=estimate.trials + lacking, answers=answers)
