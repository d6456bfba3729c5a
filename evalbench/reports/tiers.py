"""The rows of the two tables every task has: what each tier did, and how it compares."""

from __future__ import annotations

from dataclasses import dataclass

from evalbench.core.comparison import Comparison
from evalbench.core.completion import Status
from evalbench.core.estimate import Estimate, Percentiles, TierEstimate
from evalbench.core.money import CENT_USD, batch_of
from evalbench.core.recommendation import Finding
from evalbench.reports import numbers, phrases
from evalbench.reports.plain_text import one_line
from evalbench.reports.preferences import swapped
from evalbench.reports.roles import roles
from evalbench.reports.strips import DifferenceStrip, difference_strip


@dataclass(frozen=True, slots=True)
class TierRow:
    """One tier in the table, every cell ready to print."""

    tier: str
    model: str
    roles: tuple[str, ...]
    score: str
    score_span: str
    cost: str
    cost_span: str
    cost_per_correct: str
    latency: tuple[str, str, str]
    latency_calls: str
    p95_bound: str
    answered: str
    failures: tuple[str, ...]
    stopped: str
    frontier: str
    standing: str


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One tier against the tier in use today, every cell ready to print."""

    tier: str
    reference: str
    difference: str
    span: str
    strip: DifferenceStrip | None
    wins: str
    losses: str
    items: str
    swapped: str
    probability: str
    verdict: str
    reasons: str
    proven_drop: str
    cost_ratio: str
    cost_span: str
    extra_correct: str


def tier_rows(finding: Finding) -> tuple[TierRow, ...]:
    """Every tier, cheapest first as the ladder has it."""
    return tuple(_tier_row(finding, estimate) for estimate in finding.estimates)


def comparison_rows(finding: Finding) -> tuple[ComparisonRow, ...]:
    """Every tier that was compared with the one in use today."""
    return tuple(_comparison_row(finding, comparison) for comparison in finding.comparisons)


def _tier_row(finding: Finding, found: TierEstimate) -> TierRow:
    answers = {status: found.answers.get(status, 0) for status in Status}
    cost, batch = found.cost, finding.batch
    low, high = cost.low_per_item_usd, cost.high_per_item_usd
    return TierRow(
        tier=one_line(found.tier),
        model=one_line(finding.run.models.models[found.tier].shown),
        roles=roles(finding, found),
        score=phrases.YARDSTICK
        if finding.run.is_yardstick(found.tier)
        else numbers.score(found.score.value if found.score else None),
        score_span=_score_span(found.score),
        cost=numbers.batch_cost(batch.cost_usd(cost.per_item_usd)),
        cost_span=numbers.distinct_span(batch.cost_usd(low), batch.cost_usd(high), numbers.batch_cost),
        cost_per_correct=numbers.batch_cost(batch.cost_usd(cost.per_correct_usd)),
        latency=_latency(found.latency),
        p95_bound=_p95_bound(found.latency),
        latency_calls=numbers.plural(found.latency.trials, "call") if found.latency else "",
        answered=f"{numbers.count(answers[Status.OK])} of {numbers.count(found.trials)}",
        failures=tuple(
            f"{numbers.count(number)} {phrases.STATUSES[status]}"
            for status, number in answers.items()
            if number and status is not Status.OK
        ),
        stopped=_stopped(finding, found),
        frontier=numbers.UNKNOWN if found.frontier_share is None else f"{found.frontier_share * 100:.0f} %",
        standing=phrases.STANDINGS[found.standing] if found.standing else "",
    )


def _stopped(finding: Finding, found: TierEstimate) -> str:
    if not found.is_stopped_early:
        return ""
    return f"left early, settled: {numbers.count(found.items_asked)} of {len(finding.run.items):,} items"


def price_notes(finding: Finding) -> tuple[tuple[str, str], ...]:
    """Where the costs come from, and the tiers that each answer holds for."""
    tiers: dict[str, list[str]] = {}
    for found in finding.estimates:
        if found.price_note:
            tiers.setdefault(one_line(found.price_note), []).append(one_line(found.tier))
    return tuple((", ".join(names), note) for note, names in tiers.items())


def _p95_bound(found: Percentiles | None) -> str:
    if found is None or found.p95_high is None:
        return ""
    bound = numbers.seconds(found.p95_high)
    return "" if bound == numbers.seconds(found.p95) else f"at most {bound}"


def _score_span(found: Estimate | None) -> str:
    return "" if found is None else numbers.span(found.low, found.high, numbers.score)


def _latency(found: Percentiles | None) -> tuple[str, str, str]:
    if found is None:
        return (numbers.UNKNOWN, numbers.UNKNOWN, numbers.UNKNOWN)
    return (numbers.seconds(found.p50), numbers.seconds(found.p95), numbers.seconds(found.p99))


def _comparison_row(finding: Finding, found: Comparison) -> ComparisonRow:
    ratio, extra = found.cost_ratio, found.extra_correct_usd
    extra_usd = extra.value if extra else found.usd_per_extra_correct
    return ComparisonRow(
        tier=one_line(found.tier),
        reference=one_line(found.reference),
        difference=numbers.points(found.difference),
        span=numbers.span(found.low, found.high, numbers.points),
        strip=difference_strip(found, finding.comparisons, finding.run.task.max_drop),
        wins=numbers.count(found.wins),
        losses=numbers.count(found.losses),
        items=_units(found),
        swapped=swapped(found.position),
        probability=numbers.probability(found.p_adjusted),
        verdict=f"{phrases.SIGNS[found.verdict]} {phrases.VERDICTS[found.verdict]}",
        reasons=phrases.explain(found.reasons),
        proven_drop=numbers.drop(found.proven_drop),
        cost_ratio=f"\u00d7 {numbers.ratio(ratio.value)}" if ratio else numbers.UNKNOWN,
        cost_span=numbers.span(ratio.low, ratio.high, numbers.ratio) if ratio else "",
        extra_correct=_per_extra(extra_usd, extra) if extra_usd else "",
    )


def _per_extra(usd: float, extra: Estimate | None) -> str:
    """What one more right answer of the dearer tier costs, or many where one costs next to nothing."""
    batch = batch_of([usd])
    count, per = (1, "extra right answer")
    if usd < CENT_USD:
        count, per = batch.items, f"{batch.name.removesuffix(' items')} extra right answers"
    span = numbers.span(_times(extra.low, count), _times(extra.high, count), numbers.price) if extra else ""
    return f"{numbers.price(usd * count)} per {per} of the dearer one{f' ({span})' if span else ''}"


def _times(usd: float | None, count: int) -> float | None:
    return None if usd is None else usd * count


def _units(found: Comparison) -> str:
    parts = [numbers.plural(found.items, "item")]
    if found.groups is not None:
        parts.append(numbers.plural(found.groups, "group"))
    if found.missing:
        parts.append(f"{numbers.count(found.missing)} missing")
    return ", ".join(parts)
