"""What a tier is on a page: recommended, in use today, a classical model."""

from __future__ import annotations

from evalbench.core.estimate import TierEstimate
from evalbench.core.models import Tier
from evalbench.core.recommendation import Finding, Outcome
from evalbench.reports import phrases


def recommended_tier(finding: Finding) -> Tier | None:
    """The tier to mark as recommended; None while nothing can be recommended."""
    found = finding.recommendation
    return found.tier if found.outcome in (Outcome.RECOMMENDED, Outcome.PROVISIONAL) else None


def roles(finding: Finding, estimate: TierEstimate) -> tuple[str, ...]:
    """What a tier is here, in words: recommended, likely, in use today, classical."""
    found = []
    if estimate.tier == recommended_tier(finding):
        is_certain = finding.recommendation.outcome is Outcome.RECOMMENDED
        found.append("recommended" if is_certain else "likely")
    if estimate.tier == finding.run.models.current:
        found.append("in use today")
    if estimate.is_classical:
        found.append(phrases.CLASSICAL)
    return tuple(found)
