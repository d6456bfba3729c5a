"""From a finished run of one task to its finding: estimates, comparisons, a verdict in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from evalbench.advice.benefit import benefit_of
from evalbench.advice.caveats import caveats, next_commands
from evalbench.advice.conclusion import Conclusion, Need, Saving
from evalbench.advice.confusion import confusion_of
from evalbench.advice.corpus import corpus_metric
from evalbench.advice.decide import decide, decided
from evalbench.advice.decision import Candidate, Decision
from evalbench.advice.estimates import estimate_tier
from evalbench.advice.in_order import arrays_in_order, rules_of
from evalbench.advice.looks import allowance
from evalbench.advice.observations import (
    clusters_of,
    is_right_or_wrong,
    item_costs_usd,
    labelled,
    mean_metric,
    observe,
)
from evalbench.advice.preferences import position_bias, unsteady_tiers
from evalbench.advice.sentences import evidence, headline, sentence
from evalbench.advice.stopped import with_stops
from evalbench.advice.traffic import monthly_bill
from evalbench.advice.worth import with_standings, with_worth
from evalbench.core.comparison import Comparison
from evalbench.core.estimate import Estimate, TierEstimate
from evalbench.core.evalset import Criticality
from evalbench.core.looks import Allowance, LookTaken
from evalbench.core.models import Tier
from evalbench.core.money import THOUSAND
from evalbench.core.recommendation import Finding, MonthlyBill, Outcome, Recommendation
from evalbench.core.run import TaskRun
from evalbench.stats.costs import fieller_interval

COST_LEVEL = 0.95
"""The level of the interval of a cost ratio."""


def find(run: TaskRun, flags: Sequence[str] = (), regraded_from: str | None = None) -> Finding:
    """Everything that one task of a run shows, decided once.

    `flags` are those that a run like this one needs, for the command that repeats it; `regraded_from` is
    the run to resume, where this one has only graded the answers of another.
    Pure: the same run gives the same finding, wherever and whenever it is computed.
    """
    estimates = with_standings(run, {tier: estimate_tier(run, tier) for tier in run.models.tiers})
    items = len(run.items)
    allowed = allowance(run.task, run.looks, items, len(run.models.tiers) - 1)
    look = LookTaken(run.looks, run.task.looks, allowed)
    decision = _decided(run, estimates, allowed)
    estimates = with_stops(run, estimates, decision, allowed.tested_at)
    conclusion = replace(
        _conclude(run, estimates, decision, look), flags=tuple(flags), regraded_from=regraded_from
    )
    compared = {**conclusion.cheaper, **conclusion.dearer}
    confusions = (confusion_of(run, tier) for tier in run.models.tiers)
    return Finding(
        run=run,
        unlabelled=int((~labelled(run)).sum()),
        estimates=tuple(estimates.values()),
        comparisons=tuple(compared[tier] for tier in run.models.tiers if tier in compared),
        recommendation=_recommendation(conclusion),
        confusions=tuple(confusion for confusion in confusions if confusion is not None),
        look=look,
        benefit=conclusion.benefit,
    )


def _decided(run: TaskRun, estimates: Mapping[Tier, TierEstimate], allowed: Allowance) -> Decision:
    task, tiers = run.task, run.models.tiers
    seen = observe(run, tiers)
    per_item_usd = [estimates[tier].cost.per_item_usd for tier in tiers]
    costs_usd = np.array([np.nan if cost is None else cost for cost in per_item_usd])
    bars = unsteady_tiers(run)
    if run.order is not None:
        rules = rules_of(task, allowed.tested_at, bars)
        return decided(arrays_in_order(run, run.order, seen, costs_usd), rules)
    return decide(
        seen.scores,
        costs_usd,
        status=seen.status,
        clusters=seen.clusters,
        latency=seen.latency_s,
        reference=tiers.index(run.models.current),
        margin=task.max_drop,
        alpha=allowed.tested_at,
        next_alpha=allowed.left or None,
        bar=allowed.bar,
        bars=bars,
        metric=corpus_metric(task) or mean_metric(run),
        statistics=seen.statistics,
        max_p95_s=task.limits.max_p95_s,
        floor=task.limits.min_score,
        max_cost_usd=task.limits.max_cost_usd,
        criticality=task.criticality,
        allow_downgrade=task.allow_downgrade,
    )


def _conclude(
    run: TaskRun, estimates: Mapping[Tier, TierEstimate], decision: Decision, look: LookTaken
) -> Conclusion:
    tiers = run.models.tiers
    ratios = _cost_ratios(run, estimates)
    outcome, tier = _capped(run, decision)
    candidates = {**decision.candidates, **decision.dearer}
    compared = with_worth(
        run,
        [_comparison(look, (run, tiers[index]), each, ratios) for index, each in candidates.items()],
        estimates,
    )
    cheaper = {tiers[index]: compared[tiers[index]] for index in sorted(decision.candidates)}
    dearer = {
        tiers[index]: _with_price_of_better(run, compared[tiers[index]], estimates)
        for index in sorted(decision.dearer)
    }
    found = Conclusion(
        run=run,
        outcome=outcome,
        tier=tier,
        estimates=estimates,
        cheaper=cheaper,
        dearer=dearer,
        is_share=is_right_or_wrong(run),
        repeats=run.repeats,
        saving=_saving(run, tier, estimates, ratios),
        bill=_bill(run, tier, estimates, ratios),
        notes=decision.notes,
        look=look,
        is_capped=outcome is not decision.outcome,
    )
    need = _need(found, decision)
    return replace(found, need=need, benefit=benefit_of(run, estimates, need))


def _capped(run: TaskRun, decision: Decision) -> tuple[Outcome, Tier | None]:
    """Outcome and tier; a judge without labels of people to check it by proves nothing (statistics 6.5).

    Critical tasks know no provisional answer, so there nothing changes on a judge's word.
    """
    tier = None if decision.tier is None else run.models.tiers[decision.tier]
    if not run.is_judged or decision.outcome is not Outcome.RECOMMENDED:
        return decision.outcome, tier
    if run.task.criticality is Criticality.CRITICAL:
        return Outcome.INCONCLUSIVE, run.models.current
    return Outcome.PROVISIONAL, tier


def _cost_ratios(run: TaskRun, estimates: Mapping[Tier, TierEstimate]) -> dict[Tier, Estimate]:
    """Each tier's cost over the current one's, on the items that both answered."""
    tiers = tuple(tier for tier, found in estimates.items() if found.cost.per_item_usd is not None)
    if run.models.current not in tiers:
        return {}
    costs_usd = item_costs_usd(run, tiers)
    current = costs_usd[tiers.index(run.models.current)]
    both_known = {tier: ~np.isnan(costs_usd[row] + current) for row, tier in enumerate(tiers)}
    return {
        tier: fieller_interval(costs_usd[row][both], current[both], COST_LEVEL, clusters_of(run, both))
        for row, (tier, both) in enumerate(both_known.items())
        if tier != run.models.current and current[both].sum() > 0
    }


def _comparison(
    look: LookTaken, compared: tuple[TaskRun, Tier], candidate: Candidate, ratios: Mapping[Tier, Estimate]
) -> Comparison:
    run, tier = compared
    return Comparison(
        tier=tier,
        reference=run.models.current,
        difference=candidate.difference,
        low=candidate.low,
        high=candidate.high,
        level=round(1 - 2 * look.allowance.tested_at, 12),
        wins=candidate.wins,
        losses=candidate.losses,
        items=candidate.items,
        p_value=candidate.p_value,
        p_adjusted=candidate.p_adjusted,
        verdict=candidate.verdict,
        reasons=candidate.reasons,
        proven_drop=candidate.proven_drop,
        cost_ratio=ratios.get(tier),
        groups=candidate.groups,
        missing=candidate.missing,
        is_sequential=run.order is not None,
        position=position_bias(run, tier),
        scores=candidate.scores,
    )


def _with_price_of_better(
    run: TaskRun, comparison: Comparison, estimates: Mapping[Tier, TierEstimate]
) -> Comparison:
    """A dearer tier's comparison with what one more right answer costs, if it gives any."""
    own_usd = estimates[comparison.tier].cost.per_item_usd
    current_usd = estimates[comparison.reference].cost.per_item_usd
    gain = comparison.difference
    if run.is_pairwise or own_usd is None or current_usd is None or gain is None or gain <= 0:
        return comparison
    return replace(comparison, usd_per_extra_correct=(own_usd - current_usd) / gain)


def _need(found: Conclusion, decision: Decision) -> Need | None:
    """What the decision asks for, with the cost of asking every tier about the items lacking."""
    if decision.need_items is None or not found.open_tiers or found.is_last_look:
        return None
    tier, plan = found.open_tiers[0], found.run.task.looks
    # The level that more items are counted at is that of the last look, at all items planned.
    items = decision.need_items if plan is None else max(decision.need_items, plan.items or 0)
    lacking = items - found.cheaper[tier].items
    if lacking <= 0:
        return None
    costs_usd = [estimate.cost.per_item_usd for estimate in found.estimates.values()]
    known = [cost for cost in costs_usd if cost is not None]
    is_known = len(known) == len(costs_usd)
    return Need(
        tier=tier,
        items=items,
        items_if_equal=decision.need_items_if_equal,
        lacking=lacking,
        usd=sum(known) * found.repeats * lacking if is_known else None,
    )


def _saving(
    run: TaskRun,
    tier: Tier | None,
    estimates: Mapping[Tier, TierEstimate],
    ratios: Mapping[Tier, Estimate],
) -> Saving | None:
    current_usd = estimates[run.models.current].cost.per_item_usd
    if tier is None or current_usd is None:
        return None
    if tier == run.models.current:
        return Saving(0.0, 0.0)
    if tier not in ratios or estimates[tier].cost.per_item_usd is None:
        return None
    share = 1 - ratios[tier].value
    return Saving(share, share * current_usd)


def _bill(
    run: TaskRun,
    tier: Tier | None,
    estimates: Mapping[Tier, TierEstimate],
    ratios: Mapping[Tier, Estimate],
) -> MonthlyBill | None:
    """The month as recommended; where nothing is, it is what keeping the current tier costs."""
    chosen = tier or run.models.current
    costs = estimates[run.models.current].cost, estimates[chosen].cost
    return monthly_bill(run.task.traffic, *costs, ratios.get(chosen))


def _recommendation(found: Conclusion) -> Recommendation:
    return Recommendation(
        outcome=found.outcome,
        tier=found.tier,
        model=None if found.tier is None else found.run.models.models[found.tier].id,
        headline=headline(found),
        evidence=evidence(found),
        sentence=sentence(found),
        need_items=found.need.items if found.need else None,
        need_items_if_equal=found.need.items_if_equal if found.need else None,
        need_usd=found.need.usd if found.need else None,
        saving_share=found.saving.share if found.saving else None,
        saving_usd_per_1k=THOUSAND.cost_usd(found.saving.usd_per_item) if found.saving else None,
        saving_usd_per_month=found.bill.current_usd - found.bill.recommended_usd if found.bill else None,
        monthly=found.bill,
        caveats=caveats(found),
        next_commands=next_commands(found),
    )
