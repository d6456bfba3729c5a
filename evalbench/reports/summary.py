"""The run in numbers for scripts: `evalbench.summary/1`, where unknown is null and never 0."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, TypeAlias

from evalbench.core.comparison import Comparison
from evalbench.core.completion import Status
from evalbench.core.estimate import CostEstimate, Estimate, Percentiles, TierEstimate, TokenTotals
from evalbench.core.models import Price, PriceStep
from evalbench.core.recommendation import Benefit, Finding, MonthlyBill, Recommendation
from evalbench.core.run import Judging, Run
from evalbench.reports.looks import looks_value
from evalbench.reports.plain_text import storable
from evalbench.reports.preferences import preferences_value
from evalbench.reports.tally import tally

SCHEMA = "evalbench.summary/1"

Json: TypeAlias = dict[str, Any]


def summary(run: Run, findings: Sequence[Finding], monthly: MonthlyBill | None = None) -> Json:
    """Everything that was concluded, ready for JSON; keys may be added, never renamed."""
    whole = {
        "schema": SCHEMA,
        "run": _run(run),
        "tasks": [_task(finding) for finding in findings],
        "totals": {
            "cost_usd": _total_cost_usd(findings),
            "spent_usd": run.spent_usd,
            "calls": run.calls,
            "wall_s": run.wall_s,
            "monthly": _monthly(monthly),
        },
    }
    found: Json = _strict(whole)
    return found


def to_json(found: Json) -> str:
    """Strict, readable JSON text that ends with a line end."""
    return json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _strict(value: Any) -> Any:
    """`value` with what JSON cannot hold made null, so that no reader meets NaN or Infinity."""
    if isinstance(value, dict):
        return {storable(key): _strict(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(inner) for inner in value]
    if isinstance(value, str):
        return storable(str(value))
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _run(run: Run) -> Json:
    manifest = run.manifest
    return {
        "id": manifest.id,
        "created": manifest.created,
        "version": manifest.version,
        "seed": manifest.seed,
        "early_stop": any(task.order_seed is not None for task in run.tasks),
        "repeats": manifest.repeats,
        "complete": run.is_complete,
        "signature": run.signature,
        "answers_new": run.answers_new,
        "answers_reused": run.answers_reused,
        "notes": list(run.notes),
        "judge": None if run.judge is None else _judge(run.judge),
    }


def _judge(found: Judging) -> Json:
    return {
        "answers_new": found.answers_new,
        "answers_reused": found.answers_reused,
        "cost_usd": found.cost_usd,
    }


def _task(finding: Finding) -> Json:
    task = finding.run.task
    return {
        "name": task.name,
        "task": task.kind,
        "metric": task.metric,
        "items": len(finding.run.items),
        "unlabelled": finding.unlabelled,
        "current": finding.run.models.current,
        "max_drop": task.max_drop,
        "confidence": task.confidence,
        "criticality": task.criticality,
        "grader": finding.run.grader,
        "signature": finding.run.signature,
        "tiers": [_tier(estimate) for estimate in finding.estimates],
        "comparisons": [_comparison(comparison, finding) for comparison in finding.comparisons],
        "recommendation": _recommendation(finding.recommendation),
        "looks": looks_value(finding.look),
        "benefit": _benefit(finding.benefit),
        "policies": [],
    }


def _benefit(found: Benefit | None) -> Json | None:
    """What the tiers gain a month over the current one, at the value stated for a right answer."""
    if found is None:
        return None
    return {
        "value_usd": found.value_usd,
        "requests_per_month": found.requests,
        "gains_usd_per_month": {tier: _estimate(gain) for tier, gain in found.gains.items()},
        "perfect_information_usd_per_month": found.perfect_usd,
        "more_items": found.more_items,
        "more_items_usd": found.more_usd,
    }


def _tier(found: TierEstimate) -> Json:
    return {
        "tier": found.tier,
        "model": found.model,
        "classical": found.is_classical,
        "trials": found.trials,
        "items_asked": found.items_asked,
        "stopped_early": found.is_stopped_early,
        "score": _estimate(found.score),
        "answers": {status.value: found.answers.get(status, 0) for status in Status},
        "cost_usd": _cost(found.cost),
        "latency_s": _percentiles(found.latency),
        "first_token_s": _percentiles(found.first_token),
        "tokens": _tokens(found.tokens),
        "price_note": found.price_note,
        "prices": _prices(found),
        "unknown_bills": found.unknown_bills,
        "standing": found.standing,
        "frontier_share": found.frontier_share,
    }


def _prices(found: TierEstimate) -> Json | None:
    """What the tier is priced at, as it was known when the run was made or shown."""
    price = found.price
    if price is None:
        return None
    return {
        "source": price.source,
        "as_of": price.as_of,
        "digest": price.digest,
        "assumed": price.is_assumed,
        "applied": not found.is_cost_stated,
        "usd_per_million": None if price.input is None else _rates(price),
        "steps": [{"above_tokens": step.above_tokens, **_rates(step)} for step in price.steps],
        "usd_per_hour": price.per_hour,
        "usd_per_month": price.per_month,
        "max_rps": price.max_rps,
    }


def _rates(found: Price | PriceStep) -> Json:
    return {
        "input": found.input,
        "output": found.output,
        "cache_read": found.cache_read,
        "cache_write": found.cache_write,
        "reasoning": found.reasoning,
    }


def _estimate(found: Estimate | None) -> Json | None:
    if found is None:
        return None
    return {
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "level": found.level,
        "method": found.method,
        "count": found.count,
    }


def _cost(found: CostEstimate) -> Json:
    return {
        "total": found.total_usd,
        "per_item": found.per_item_usd,
        "per_correct": found.per_correct_usd,
        "as_if_uncached": found.as_if_uncached_usd,
        "per_item_low": found.low_per_item_usd,
        "per_item_high": found.high_per_item_usd,
        "lost": found.lost_usd,
    }


def _percentiles(found: Percentiles | None) -> Json | None:
    if found is None:
        return None
    return {
        "p50": found.p50,
        "p95": found.p95,
        "p99": found.p99,
        "trials": found.trials,
        "p95_high": found.p95_high,
    }


def _tokens(found: TokenTotals) -> Json:
    return {
        "input": found.input,
        "cache_read": found.cache_read,
        "cache_write": found.cache_write,
        "output": found.output,
        "reasoning": found.reasoning,
    }


def _comparison(found: Comparison, finding: Finding) -> Json:
    return {
        "tier": found.tier,
        "reference": found.reference,
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
        "level": found.level,
        "method": "confidence sequence" if found.is_sequential else "one test of all items",
        "wins": tally(found.wins),
        "losses": tally(found.losses),
        "items": found.items,
        "groups": found.groups,
        "missing": found.missing,
        "p_value": found.p_value,
        "p_adjusted": found.p_adjusted,
        "verdict": found.verdict,
        "reasons": list(found.reasons),
        "proven_drop": found.proven_drop,
        "cost_ratio": _estimate(found.cost_ratio),
        "usd_per_extra_correct": found.usd_per_extra_correct,
        "extra_correct_usd": _estimate(found.extra_correct_usd),
        "acceptability": [
            {"usd_per_correct": value_usd, "surety": surety} for value_usd, surety in found.acceptability
        ],
        "losses_to_fail": found.losses_to_fail,
        "preferences": preferences_value(finding.run, found),
    }


def _recommendation(found: Recommendation) -> Json:
    return {
        "outcome": found.outcome,
        "tier": found.tier,
        "model": found.model,
        "policy": None,
        "need_items": found.need_items,
        "need_items_if_equal": found.need_items_if_equal,
        "need_usd": found.need_usd,
        "saving_share": found.saving_share,
        "saving_usd_per_1k": found.saving_usd_per_1k,
        "saving_usd_per_month": found.saving_usd_per_month,
        "monthly": _monthly(found.monthly),
        "headline": found.headline,
        "evidence": list(found.evidence),
        "sentence": found.sentence,
        "caveats": list(found.caveats),
        "next": list(found.next_commands),
    }


def _monthly(found: MonthlyBill | None) -> Json | None:
    if found is None:
        return None
    return {
        "current_usd": found.current_usd,
        "recommended_usd": found.recommended_usd,
        "low": found.low_usd,
        "high": found.high_usd,
    }


def _total_cost_usd(findings: Sequence[Finding]) -> float | None:
    """What all answers cost, reused ones included; None as soon as one tier's cost is unknown."""
    costs = [estimate.cost.total_usd for finding in findings for estimate in finding.estimates]
    known = [cost for cost in costs if cost is not None]
    return math.fsum(known) if costs and len(known) == len(costs) else None
