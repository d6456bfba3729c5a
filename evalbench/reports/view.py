"""Everything one page shows, as text that is ready to print; templates only lay it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalbench.core import money
from evalbench.core.recommendation import Finding, MonthlyBill, Outcome, Recommendation
from evalbench.core.run import Run
from evalbench.reports import numbers, phrases
from evalbench.reports.again import Lack, lack_of, reproduce
from evalbench.reports.charts import CostChart, cost_charts
from evalbench.reports.disagreements import Disagreements, disagreements
from evalbench.reports.looks import look_fact, looks_words
from evalbench.reports.mistakes import Mistakes, mistakes
from evalbench.reports.of_run import of_run
from evalbench.reports.plain_text import one_line
from evalbench.reports.tiers import ComparisonRow, TierRow, comparison_rows, price_notes, tier_rows
from evalbench.reports.worth_chart import WorthChart, worth_chart


@dataclass(frozen=True, slots=True)
class Bill:
    """The monthly bill today and as recommended, with the width of the second bar in percent."""

    current: str
    recommended: str
    span: str
    saved: str
    current_percent: float
    recommended_percent: float


@dataclass(frozen=True, slots=True)
class Card:
    """The answer for one task, as large as the page can say it."""

    outcome: str
    word: str
    sign: str
    meaning: str
    tier: str
    model: str
    is_current: bool
    is_classical: bool
    saving: str
    saving_note: str
    sentence: str


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task's section."""

    anchor: str
    name: str
    card: Card
    facts: tuple[tuple[str, str], ...]
    evidence: tuple[str, ...]
    charts: tuple[CostChart, ...]
    worth: WorthChart | None
    tiers: tuple[TierRow, ...]
    price_notes: tuple[tuple[str, str], ...]
    metric: str
    level: str
    batch: str
    batch_right: str
    allowed: str
    comparisons: tuple[ComparisonRow, ...]
    comparison_level: str
    mistakes: tuple[Mistakes, ...]
    disagreements: Disagreements | None
    commands: tuple[str, ...]
    caveats: tuple[str, ...]
    signature: str
    grader: str
    confidence: str
    alpha: str
    is_sequential: bool
    is_pairwise: bool
    looks: str


@dataclass(frozen=True, slots=True)
class PageView:
    """The whole page."""

    title: str
    run_id: str
    created: str
    version: str
    seed: str
    repeats: str
    lack: Lack | None
    has_texts: bool
    spent: str
    answers: str
    bill: Bill | None
    tasks: tuple[TaskView, ...]
    notes: tuple[str, ...]
    commands: tuple[str, ...]
    expected_mistakes: str
    is_sequential: bool
    is_pairwise: bool
    classical: str = phrases.CLASSICAL


def page_view(
    run: Run, findings: Sequence[Finding], monthly: MonthlyBill | None, *, with_texts: bool
) -> PageView:
    """The page of `run`; without texts no prompt, answer, target or reading is in it at all."""
    manifest = run.manifest
    findings = of_run(findings, manifest.id)
    alphas = sum(map(_risk, findings))
    return PageView(
        title=page_title(findings),
        run_id=one_line(manifest.id),
        created=created(manifest.created),
        version=one_line(manifest.version),
        seed=str(manifest.seed),
        repeats=numbers.count(manifest.repeats),
        lack=lack_of(run),
        has_texts=with_texts,
        spent=_spent(run),
        answers=f"{run.answers_new:,} new, {run.answers_reused:,} reused",
        bill=None if monthly is None else _bill(monthly),
        tasks=tuple(
            _task_view(finding, f"task-{number}", with_texts=with_texts)
            for number, finding in enumerate(findings, start=1)
        ),
        notes=tuple(map(one_line, run.notes)),
        commands=reproduce(run),
        expected_mistakes=f"{alphas:.2g}",
        is_sequential=any(finding.run.order_seed is not None for finding in findings),
        is_pairwise=any(finding.run.is_pairwise for finding in findings),
    )


def page_title(findings: Sequence[Finding]) -> str:
    """How many tasks can move to another tier; what is only likely is never counted as shown."""
    if len(findings) == 1:
        return one_line(findings[0].run.task.name)
    shown, likely = (_moves(findings, to) for to in (Outcome.RECOMMENDED, Outcome.PROVISIONAL))
    tasks, more = numbers.plural(len(findings), "task"), " more" if shown else ""
    hope = f", {likely}{more} {'is' if likely == 1 else 'are'} likely to" if likely else ""
    if not shown:
        return f"{tasks}, none can move to a cheaper tier yet{hope}"
    return f"{shown} of {tasks} can move to a cheaper tier{hope}"


def created(iso: str) -> str:
    """An ISO 8601 time in UTC as people read it: `2026-11-23 10:00 UTC`."""
    text = one_line(iso)
    day, separator, time = text.partition("T")
    return f"{day} {time[:5]} UTC" if separator else text


def next_commands(found: Recommendation) -> tuple[str, ...]:
    """What to type next with the page at hand."""
    return tuple(
        one_line(command) for command in found.next_commands if not command.startswith("evalbench report ")
    )


def saving(finding: Finding) -> tuple[str, str]:
    """What is saved, and how that compares; both empty where no saving is claimed."""
    found = finding.recommendation
    if not found.saving_share and not found.saving_usd_per_month:
        return "", ""
    saved = "would be saved" if found.outcome is Outcome.PROVISIONAL else "saved"
    share = f"{money.saved_share(found.saving_share)} less" if found.saving_share is not None else ""
    if found.saving_usd_per_month is not None and found.monthly is not None:
        bill_usd = found.monthly.current_usd
        current = numbers.amount(bill_usd)
        if share and money.is_below_a_cent(bill_usd):
            return share, f"{saved}, of {current} a month"
        less = money.saved_amount(found.saving_usd_per_month, bill_usd)
        return f"{less} a month", f"{saved} of {current}"
    if found.saving_usd_per_1k is not None:
        saved_usd = finding.batch.cost_usd(found.saving_usd_per_1k / money.THOUSAND.items)
        per_batch = f"{numbers.price(saved_usd)} per {finding.batch.name}"
        return per_batch, f"{saved}, {share}".rstrip(", ")
    return share, "cost" if share else ""


def _moves(findings: Sequence[Finding], outcome: Outcome) -> int:
    found = [(finding.recommendation, finding.run.models.current) for finding in findings]
    return sum(each.outcome is outcome and each.tier != current for each, current in found)


def _spent(run: Run) -> str:
    """What the run paid, and how much of that went to a judge."""
    judge = run.judge
    whole = numbers.amount(run.spent_usd)
    return whole if judge is None else f"{whole}, {numbers.amount(judge.cost_usd)} of it to the judge"


def _bill(found: MonthlyBill) -> Bill:
    saved = found.current_usd - found.recommended_usd
    most = max(found.current_usd, found.recommended_usd, found.high_usd or 0.0) or 1.0
    return Bill(
        current=numbers.amount(found.current_usd),
        recommended=numbers.amount(found.recommended_usd),
        span=numbers.distinct_span(found.low_usd, found.high_usd, numbers.amount),
        saved=money.saved_amount(saved, found.current_usd) if saved > 0 else "",
        current_percent=round(100 * found.current_usd / most, 1),
        recommended_percent=round(100 * found.recommended_usd / most, 1),
    )


def _card(finding: Finding) -> Card:
    found = finding.recommendation
    words, models = phrases.OUTCOMES[found.outcome], finding.run.models.models
    amount, note = saving(finding)
    is_current = found.tier == finding.run.models.current
    is_kept = is_current and found.outcome is Outcome.RECOMMENDED
    return Card(
        outcome=found.outcome.value,
        word=words.word,
        sign=words.sign,
        meaning="no cheaper tier is good enough" if is_kept else words.meaning,
        tier=one_line(found.tier or ""),
        model=one_line(models[found.tier].shown) if found.tier else "",
        is_current=is_current,
        is_classical=found.tier is not None and models[found.tier].is_classical,
        saving=amount,
        saving_note=note,
        sentence=one_line(found.sentence),
    )


def _task_view(finding: Finding, anchor: str, *, with_texts: bool) -> TaskView:
    task, found = finding.run.task, finding.recommendation
    levels = {comparison.level for comparison in finding.comparisons}
    scores = [estimate.score for estimate in finding.estimates if estimate.score]
    return TaskView(
        anchor=anchor,
        name=one_line(task.name),
        card=_card(finding),
        facts=_facts(finding),
        evidence=tuple(map(one_line, found.evidence)),
        charts=cost_charts(finding),
        worth=worth_chart(finding),
        tiers=tier_rows(finding),
        price_notes=price_notes(finding),
        metric=phrases.METRICS.get(task.metric, one_line(task.metric)),
        level=_percent_of(max((score.level for score in scores), default=0.95)),
        batch=finding.batch.name,
        batch_right=finding.batch.name.replace("items", "right"),
        allowed=numbers.drop(task.max_drop),
        comparisons=comparison_rows(finding),
        comparison_level=_percent_of(max(levels, default=2 * task.confidence - 1)),
        mistakes=tuple(mistakes(confusion, with_texts=with_texts) for confusion in finding.confusions),
        disagreements=disagreements(finding, with_texts=with_texts),
        commands=next_commands(found),
        caveats=tuple(map(one_line, found.caveats)),
        signature=one_line(finding.run.signature),
        grader=one_line(finding.run.grader),
        confidence=_percent_of(task.confidence),
        alpha=f"{1 - task.confidence:.3g}",
        is_sequential=finding.run.order_seed is not None,
        is_pairwise=finding.run.is_pairwise,
        looks=looks_words(finding),
    )


def _facts(finding: Finding) -> tuple[tuple[str, str], ...]:
    task, items, groups = finding.run.task, len(finding.run.items), finding.run.facts.groups
    facts = [
        ("kind of work", task.kind.value),
        ("items", f"{items:,}" + (f" in {numbers.plural(groups, 'group')}" if groups else "")),
        ("in use today", one_line(finding.run.models.current)),
        ("largest drop allowed", numbers.drop(task.max_drop) + (" net" if finding.run.is_pairwise else "")),
        ("how sure", _percent_of(task.confidence)),
        ("at stake", task.criticality.value),
        *([("look at this question", look_fact(finding.look))] if finding.look else []),
    ]
    if finding.unlabelled:
        facts.append(("without a target", numbers.plural(finding.unlabelled, "item")))
    return tuple(facts)


def _risk(finding: Finding) -> float:
    """How often a look such as this one recommends a tier that is not good enough, at most."""
    return 1 - finding.run.task.confidence if finding.look is None else finding.look.allowance.used


def _percent_of(share: float) -> str:
    text = f"{share * 100:.3g}"
    return numbers.percent(share) if text == "100" else f"{text} %"
