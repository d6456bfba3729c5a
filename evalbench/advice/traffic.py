"""What a month costs today and as recommended, where a task states its traffic."""

from __future__ import annotations

from collections.abc import Sequence

from evalbench.core.estimate import CostEstimate, Estimate
from evalbench.core.evalset import Traffic
from evalbench.core.recommendation import Finding, MonthlyBill, Outcome, Recommendation


def monthly_bill(
    traffic: Traffic, current: CostEstimate, recommended: CostEstimate, ratio: Estimate | None
) -> MonthlyBill | None:
    """The bill of one task, or None where the traffic is not stated or a cost is unknown.

    Requests a month are multiplied by the cost per item. A bill of today is scaled by `ratio`,
    the recommended tier's cost over the current one's; None stands for keeping the current tier.
    """
    if traffic.requests is not None:
        return _from_requests(traffic.requests, current, recommended)
    if traffic.usd is not None and ratio is not None:
        return MonthlyBill(
            traffic.usd,
            traffic.usd * ratio.value,
            None if ratio.low is None else max(0.0, traffic.usd * ratio.low),
            None if ratio.high is None else traffic.usd * ratio.high,
        )
    if traffic.usd is not None and recommended is current:
        return MonthlyBill(traffic.usd, traffic.usd, traffic.usd, traffic.usd)
    return None


def totals_monthly(findings: Sequence[Finding]) -> MonthlyBill | None:
    """The bill of all tasks together, only when every one of them has a bill.

    Only what is recommended counts: a task that is likely or open stays at today's bill.
    The bounds are the sums of the tasks' bounds, which is wider than 95 percent needs: all
    tasks would have to be off in the same direction at once.
    """
    bills = [_proven(finding.recommendation) for finding in findings]
    known = [bill for bill in bills if bill is not None]
    if not known or len(known) < len(bills):
        return None
    return MonthlyBill(
        current_usd=sum(bill.current_usd for bill in known),
        recommended_usd=sum(bill.recommended_usd for bill in known),
        low_usd=_sum_or_none([bill.low_usd for bill in known]),
        high_usd=_sum_or_none([bill.high_usd for bill in known]),
    )


def _proven(found: Recommendation) -> MonthlyBill | None:
    bill = found.monthly
    if bill is None or found.outcome is Outcome.RECOMMENDED:
        return bill
    return MonthlyBill(bill.current_usd, bill.current_usd, bill.current_usd, bill.current_usd)


def _from_requests(requests: float, current: CostEstimate, recommended: CostEstimate) -> MonthlyBill | None:
    if current.per_item_usd is None or recommended.per_item_usd is None:
        return None
    return MonthlyBill(
        current_usd=requests * current.per_item_usd,
        recommended_usd=requests * recommended.per_item_usd,
        low_usd=_times(recommended.low_per_item_usd, requests),
        high_usd=_times(recommended.high_per_item_usd, requests),
    )


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _sum_or_none(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
