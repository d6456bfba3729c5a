"""Three concluded tasks, written by hand: one to use, one open, one where nothing qualifies."""

from __future__ import annotations

from dataclasses import dataclass, replace

from evalbench.core.comparison import Comparison, Verdict
from evalbench.core.completion import Completion, Failure, Status, Usage
from evalbench.core.estimate import (
    ClassScore,
    Confusion,
    CostEstimate,
    Estimate,
    Percentiles,
    Standing,
    TierEstimate,
    TokenTotals,
)
from evalbench.core.evalset import Item, JsonValue, TaskKind, Traffic
from evalbench.core.looks import Allowance, Look, LookPlan, Looks, LookTaken
from evalbench.core.models import Model, ModelPool
from evalbench.core.recommendation import Benefit, Finding, MonthlyBill, Outcome, Recommendation
from evalbench.core.run import Manifest, Run, TaskRun
from evalbench.core.score import Score
from evalbench.core.trial import Trial
from tests.build import make_item, make_task

POOL = ModelPool(
    {
        "classical": Model("local/linear"),
        "small": Model("openai/gpt-5-nano"),
        "medium": Model("anthropic/claude-haiku-4-5"),
        "large": Model("openai/gpt-5"),
    },
    "large",
)
SCRIPT = "</script><script>alert(1)</script>"
HOSTILE_NAME = f"odd | `name` {SCRIPT} {{{{ 7*7 }}}}"
ANSWER_OF_ONE_MEGABYTE = "long answer " * 90_000
RIGHT_TO_LEFT = "\u0645\u0631\u062d\u0628\u0627 \u202egnp.exe"
CONTROLS = "bell \x07 escape \x1b[31m nul \x00 half \ud83d"
LABELS = ("refund_request", "invoice_copy", "login_problem")


@dataclass(frozen=True, slots=True)
class Seen:
    """What one tier is said to have done; costs are per item."""

    tier: str
    model: str
    score: float | None
    cost_usd: float | None
    latency_s: float | None = 0.4


def make_estimate(seen: Seen, items: int, failures: dict[Status, int] | None = None) -> TierEstimate:
    failures = failures or {}
    cost = seen.cost_usd
    return TierEstimate(
        tier=seen.tier,
        model=seen.model,
        is_classical=seen.tier == "classical",
        trials=items,
        score=None
        if seen.score is None
        else Estimate(seen.score, seen.score - 0.03, min(1.0, seen.score + 0.025), 0.95, "wilson", items),
        answers={status: failures.get(status, 0) for status in Status}
        | {Status.OK: items - sum(failures.values())},
        cost=CostEstimate(None, None, None, None)
        if cost is None
        else CostEstimate(
            cost * items,
            cost,
            None if not seen.score else cost / seen.score,
            cost * items,
            cost * 0.93,
            cost * 1.07,
        ),
        latency=None
        if seen.latency_s is None
        else Percentiles(seen.latency_s, seen.latency_s * 2.5, seen.latency_s * 4, items),
        first_token=None,
        tokens=TokenTotals(52_000, None, None, 1_900, None),
    )


CURVE = ((0.001, 1.0), (0.1, 1.0), (0.5, 0.8), (1.0, 0.4), (10.0, 0.1))
"""How surely a tier pays off that is cheaper and somewhat worse, by what a right answer is worth."""


def make_comparison(tier: str, verdict: Verdict, difference: float, half: float = 0.02) -> Comparison:
    return Comparison(
        tier=tier,
        reference="large",
        difference=difference,
        low=difference - half,
        high=difference + half,
        level=0.9,
        wins=6,
        losses=9,
        items=420,
        p_value=0.003,
        p_adjusted=0.0001 if verdict is Verdict.GOOD_ENOUGH else 0.31,
        verdict=verdict,
        reasons=() if verdict is Verdict.GOOD_ENOUGH else ("too_few_items",),
        proven_drop=half - difference,
        cost_ratio=Estimate(0.05, 0.049, 0.051, 0.95, "fieller", 420),
        groups=84,
    )


def make_answers(
    item_id: str, answers: dict[str, str | None], target: str, cost_usd: float = 0.0001
) -> tuple[Trial, ...]:
    """The trials of one item: right where the answer equals the target, missing where it is None."""
    return tuple(
        Trial(item_id, tier, failure=Failure("error", f"no answer for {item_id}"))
        if answer is None
        else Trial(
            item_id,
            tier,
            completion=Completion(answer, usage=Usage(12, 3), cost_usd=cost_usd, latency_s=0.4),
            score=Score(float(answer == target), answer, f"read {answer[:40]}"),
        )
        for tier, answer in answers.items()
    )


def _task_run(name: str, rows: list[tuple[str, str, dict[str, str | None]]], **task: object) -> TaskRun:
    items: list[Item] = []
    trials: list[Trial] = []
    for number, (text, target, answers) in enumerate(rows):
        item_id = f"t-{number:03d}"
        items.append(make_item(item_id, text, target, group=f"g{number // 2}"))
        trials.extend(make_answers(item_id, answers, target))
    settings: dict[str, JsonValue] = {"source": f"evalsets/{name}", "labels": LABELS}
    return TaskRun(
        make_task(name, **(settings | task)),
        POOL,
        tuple(items),
        tuple(trials),
        "label@1",
        f"{name}@1|n:{len(items)}|label@1|small:gpt-5-nano,large:gpt-5|seed:7|v:0.1.0",
    )


def recommended_finding(name: str = "support-triage") -> Finding:
    rows: list[tuple[str, str, dict[str, str | None]]] = [
        (
            f"private question {number}",
            LABELS[number % 3],
            {
                "classical": LABELS[0],
                "small": LABELS[(number + (number % 5 == 1)) % 3],
                "medium": LABELS[number % 3],
                "large": LABELS[(number + (number % 7 == 2)) % 3],
            },
        )
        for number in range(60)
    ]
    bill = MonthlyBill(9000, 860, 820, 910)
    return Finding(
        run=_task_run(name, rows, traffic=Traffic(requests=1_200_000)),
        unlabelled=0,
        estimates=(
            make_estimate(Seen("classical", "linear", 0.80, 0.0000021, 0.0008), 420),
            make_estimate(
                Seen("small", "gpt-5-nano", 0.912, 0.00004), 420, {Status.INVALID: 3, Status.TIMEOUT: 1}
            ),
            replace(
                make_estimate(Seen("medium", "claude-haiku-4-5", 0.918, 0.0008, 0.9), 420),
                standing=Standing.MIXED_BETTER,
                frontier_share=0.83,
            ),
            make_estimate(Seen("large", "gpt-5", 0.921, 0.0075, 2.1), 420, {Status.MISSING: 1}),
        ),
        comparisons=(
            make_comparison("classical", Verdict.NOT_GOOD_ENOUGH, -0.121),
            replace(
                make_comparison("small", Verdict.GOOD_ENOUGH, -0.009),
                extra_correct_usd=Estimate(0.83, 0.41, 2.9, 0.95, "fieller", 420),
                acceptability=CURVE,
            ),
            replace(make_comparison("medium", Verdict.GOOD_ENOUGH, -0.003), acceptability=CURVE),
        ),
        recommendation=Recommendation(
            outcome=Outcome.RECOMMENDED,
            tier="small",
            model="gpt-5-nano",
            headline="USE small (gpt-5-nano)   saves $8,140 of $9,000 a month",
            evidence=(
                (
                    "right on 91.2 % of 420 items, gpt-5 on 92.1 %; "
                    "at worst 3.1 points less (95 % sure, 5 allowed)"
                ),
            ),
            sentence="Use small (gpt-5-nano): right on 91.2 % of 420 items, gpt-5 on 92.1 %; "
            "it saves $8,140 of $9,000 a month.",
            saving_share=0.904,
            saving_usd_per_1k=6.78,
            saving_usd_per_month=8140,
            monthly=bill,
            caveats=("3 answers of small could not be read and count as wrong.",),
            next_commands=("evalbench gate accept latest --baseline baseline.json",),
        ),
        confusions=(make_confusion("small"), make_confusion("large")),
        look=second_look(),
        benefit=Benefit(
            value_usd=0.05,
            requests=1_200_000,
            gains={"small": Estimate(8412.0, 7105.5, 9718.5, 0.95, "student", 420)},
            perfect_usd=0.4,
            more_items=200,
            more_usd=1.67,
        ),
    )


def second_look() -> LookTaken:
    first = Look("r1", "2026-11-20T09:00:00.000Z", 1, 120, "digest", "label@1", 1, 0.03, 0.95, LookPlan(3))
    return LookTaken(Looks(2, (first,)), LookPlan(3), Allowance(0.05, 0.015, 0.005))


def make_confusion(tier: str, labels: tuple[str, ...] = LABELS) -> Confusion:
    counts = tuple(
        tuple(120 if row == column else (row + column) % 4 for column in range(len(labels) + 1))
        for row in range(len(labels))
    )
    return Confusion(
        tier,
        labels,
        (*labels, "(other)"),
        counts,
        tuple(
            ClassScore(label, 0.95, 0.9, None if label == labels[-1] else 0.92, 140, 138) for label in labels
        ),
    )


def inconclusive_finding() -> Finding:
    rows: list[tuple[str, str, dict[str, str | None]]] = [
        ("what is the total", "refund_request", {"small": "invoice_copy", "large": "refund_request"}),
        ("what is the date", "refund_request", {"small": "refund_request", "large": None}),
    ]
    return Finding(
        run=_task_run("invoice-fields", rows, kind=TaskKind.EXTRACTION, metric="mean"),
        unlabelled=1,
        estimates=(
            make_estimate(Seen("small", "gpt-5-nano", 0.85, None, None), 150),
            make_estimate(Seen("large", "gpt-5", 0.87, 0.0075), 150),
        ),
        comparisons=(make_comparison("small", Verdict.UNKNOWN, -0.02, half=0.06),),
        recommendation=Recommendation(
            outcome=Outcome.INCONCLUSIVE,
            tier="large",
            model="gpt-5",
            headline="CANNOT TELL YET, keep gpt-5   about 270 more items ($0.60) would settle it",
            evidence=("scores 85.0 of 100 on average, gpt-5 87.0; it could be 8.0 points worse",),
            sentence="Cannot tell yet, keep gpt-5: about 270 more items ($0.60) would settle it.",
            need_items=420,
            need_items_if_equal=300,
            need_usd=0.6,
            caveats=("The cost of small is unknown: give `price:` for it.",),
        ),
    )


def hostile_finding() -> Finding:
    rows: list[tuple[str, str, dict[str, str | None]]] = [
        (SCRIPT, "refund_request", {"small": SCRIPT, "large": "refund_request"}),
        (RIGHT_TO_LEFT, "invoice_copy", {"small": CONTROLS, "large": "invoice_copy"}),
        ("=HYPERLINK(1)", "=1+1", {"small": ANSWER_OF_ONE_MEGABYTE, "large": "=1+1"}),
        ("nothing", "", {"small": "", "large": "{{ 7*7 }} | `code` <b>"}),
    ]
    return Finding(
        run=_task_run(HOSTILE_NAME, rows, source=None),
        unlabelled=0,
        estimates=(
            make_estimate(Seen("small", f"evil {SCRIPT}\x1b[31m", 0.25, None, None), 4),
            make_estimate(Seen("large", "gpt-5", 0.75, 0.0), 4),
        ),
        comparisons=(make_comparison("small", Verdict.NOT_GOOD_ENOUGH, -0.5),),
        recommendation=Recommendation(
            outcome=Outcome.NO_TIER_QUALIFIES,
            tier=None,
            model=None,
            headline="NONE QUALIFIES\x1b[31m   no tier reaches 90 of 100",
            evidence=(f"the best tier is right on 75.0 % {SCRIPT}\nnext line",),
            sentence=f"None qualifies {SCRIPT} \x00\x0b|",
        ),
    )


def make_run(*findings: Finding, run_id: str = "20261123-100000-a1b2c3") -> Run:
    return Run(
        Manifest(run_id, "2026-11-23T10:00:00Z", "0.1.0", 7, 1, POOL, options=OPTIONS),
        tuple(finding.run for finding in findings),
        is_complete=True,
        wall_s=41.0,
        calls=900,
        answers_new=900,
        answers_reused=0,
        spent_usd=0.31,
        notes=(),
    )


OPTIONS = {
    "project": {"config": None, "models": [], "tiers": ["classical", "small", "medium", "large"]},
    "sets": {"evalsets": ["evalsets/support-triage"], "input": None, "target": "category", "max_drop": 0.05},
    "limit": None,
}


def all_findings() -> tuple[Finding, ...]:
    return (recommended_finding(), inconclusive_finding(), hostile_finding())
