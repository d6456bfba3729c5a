"""The verdict as it is read: the headline, the evidence under it, and all of it in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from evalbench.advice.benefit import net_benefits
from evalbench.advice.conclusion import Conclusion, Need
from evalbench.advice.gains import about_missing, better, dominated, price_of_current
from evalbench.advice.looks import ASK_ANEW, USED_UP
from evalbench.advice.measured import alone, drop, failures, is_shown_worse, latency, quality
from evalbench.advice.preferences import UNSTEADY, swapped
from evalbench.advice.stopped import left_early
from evalbench.advice.words import (
    SPOKEN,
    amount,
    explain,
    listed,
    percent,
    points,
    points_number,
    price,
    roughly,
    seconds,
)
from evalbench.core import money
from evalbench.core.comparison import Comparison
from evalbench.core.models import Tier
from evalbench.core.recommendation import MonthlyBill, Outcome
from evalbench.core.score import CORPUS_METRICS

_GAP = "   "
_LOCKED = "critical tasks stay on the current tier unless `allow_downgrade: true`"
_UNCALIBRATED = "its scores are a model's opinion, and no labels of people confirm them"
_ABOUT_MISSING = ("too_many_missing", "missing_sensitive")
_OBSTACLES = (
    *("cost_unknown", "no_items", "critical_locked", USED_UP, *_ABOUT_MISSING),
    *("too_few_clusters", UNSTEADY),
)


def headline(found: Conclusion) -> str:
    """The first line after the task's name, for example `USE small (gpt-5-nano)   saves ...`."""
    word = SPOKEN[found.outcome]
    if found.outcome is Outcome.NO_TIER_QUALIFIES:
        return f"{word}{_GAP}{_current_fails(found)}"
    if found.outcome is Outcome.INCONCLUSIVE:
        return f"{word}, keep {found.called(found.current)}{_GAP}{what_would_settle(found)}"
    tier = found.tier or found.current
    if found.keeps_current:
        return f"{word} {found.name(tier)}, keep it: {_why_keep(found)}"
    would = "would save" if found.outcome is Outcome.PROVISIONAL else "saves"
    saving = f"{_GAP}{would} {saving_words(found)}" if found.saving else ""
    settle = f"; {what_would_settle(found)}" if found.outcome is Outcome.PROVISIONAL else ""
    return f"{word} {found.name(tier)}{saving}{settle}"


def evidence(found: Conclusion) -> tuple[str, ...]:
    """The lines under the headline: what was measured, and what it leaves open."""
    if found.tier is not None and found.tier in found.cheaper:
        return (
            quality(found, found.cheaper[found.tier]),
            *swapped(found.cheaper[found.tier]),
            *price_of_current(found, found.cheaper[found.tier]),
            *_reasons(found, found.cheaper[found.tier]),
            *about_missing(found, found.cheaper[found.tier]),
            *_provisional_advice(found),
            *(_assumption(found) if found.outcome is Outcome.PROVISIONAL else ()),
            *latency(found, found.tier),
            *failures(found, found.tier),
            *_still_open(found),
            *better(found),
            *dominated(found),
            *left_early(found),
            *net_benefits(found),
        )
    return (
        *_kept(found),
        *(line for comparison in found.open_first for line in _rejected(found, comparison)),
        *_assumption(found),
        *better(found),
        *dominated(found),
        *left_early(found),
        *net_benefits(found),
    )


def sentence(found: Conclusion) -> str:
    """The whole verdict in one sentence, fit to stand alone."""
    task = found.run.task.name
    if found.outcome is Outcome.NO_TIER_QUALIFIES:
        return f"For {task} no tier qualifies: {_current_fails(found)}, and no cheaper tier is good enough."
    if found.outcome is Outcome.INCONCLUSIVE:
        names = [found.name(tier) for tier in found.open_tiers]
        question = f"whether {listed(names)} can replace it" if names else "what another tier would save"
        current, settle = found.called(found.current), what_would_settle(found)
        return f"For {task} keep {current} for now: {question} cannot be told yet; {settle}."
    tier = found.tier or found.current
    if found.keeps_current:
        return f"For {task} keep {found.name(tier)}: {_why_keep(found)}{_nearest_miss(found)}."
    proven = f"{_subject(found)} {quality(found, found.cheaper[tier])}"
    if found.outcome is Outcome.PROVISIONAL:
        saving = f"; it would save {saving_words(found)}" if found.saving else ""
        settle = what_would_settle(found)
        return f"For {task} {found.name(tier)} is likely good enough: {proven}{saving}; {settle}."
    saving = f"; it saves {saving_words(found)}" if found.saving else ""
    return f"For {task} use {found.name(tier)}: {proven}{saving}."


def saving_words(found: Conclusion) -> str:
    """`$8,140 of $9,000 a month`, or `95 % ($1.90 per 1,000 items)` where no traffic is stated."""
    if found.bill is not None:
        return f"{_saved_of_bill(found.bill)} a month"
    if found.saving is None:
        return "an unknown amount"
    saved = price(found.batch.cost_usd(found.saving.usd_per_item))
    return f"{money.saved_share(found.saving.share)} ({saved} per {found.batch.name})"


def _saved_of_bill(bill: MonthlyBill) -> str:
    saved_usd = bill.current_usd - bill.recommended_usd
    if bill.current_usd > 0 and money.is_below_a_cent(bill.current_usd):
        return f"{money.saved_share(saved_usd / bill.current_usd)} of {amount(bill.current_usd)}"
    return f"{money.saved_amount(saved_usd, bill.current_usd)} of {amount(bill.current_usd)}"


def what_would_settle(found: Conclusion) -> str:
    """What to do about the cheapest open question, in one clause."""
    if found.is_capped:
        return _UNCALIBRATED
    if found.estimates[found.current].cost.per_item_usd is None:
        return _price_wanted(found, found.current)
    if not found.open_tiers:
        return "more items of the same kind could settle it"
    return _what_would_settle(found, found.open_tiers[0])


def _what_would_settle(found: Conclusion, tier: Tier) -> str:
    reasons = found.cheaper[tier].reasons
    obstacle = next((reason for reason in _OBSTACLES if reason in reasons), None)
    if obstacle is not None:
        return _obstacle(found, tier, obstacle)
    if found.is_last_look:
        return f"this was the last look planned; {ASK_ANEW}"
    if found.need is not None:
        return f"{_more_items(found, found.need)} would settle it"
    return explain(reasons[0], tier, found.run.task) if reasons else "more items could settle it"


def _obstacle(found: Conclusion, tier: Tier, reason: str) -> str:
    """What more items alone do not cure."""
    missing = found.cheaper[tier].missing
    if reason == "cost_unknown":
        return _price_wanted(found, tier)
    if reason == "critical_locked":
        return _LOCKED
    if reason == USED_UP:
        return f"the looks planned are used up; {ASK_ANEW}"
    if reason == "too_few_clusters":
        return "items from other groups would settle it, at least 10 groups in all"
    if reason in _ABOUT_MISSING and missing:
        lacking = "item lacks" if missing == 1 else "items lack"
        return f"{missing:,} {lacking} an answer: {_asked_again(found, [tier, found.current])}"
    return explain(reason, tier, found.run.task)


def _asked_again(found: Conclusion, tiers: Sequence[Tier]) -> str:
    recorded = any(found.is_recorded(tier) for tier in tiers)
    return "complete the recording" if recorded else found.asked_again


def _price_wanted(found: Conclusion, tier: Tier) -> str:
    if not found.is_answered(tier):
        return f"no answer of {found.label(tier)} is there: {_asked_again(found, [tier])}"
    fix = f"give `price:` for tier {tier}"
    if found.lacks_traffic(tier):
        fix = "state `monthly:`"
    elif found.is_recorded(tier):
        fix = "add `cost_usd` to the lines of its recording"
    return f"what {found.label(tier)} costs is unknown: {fix}"


def _more_items(found: Conclusion, need: Need) -> str:
    noun = "item" if need.lacking == 1 else "items"
    where = "" if found.cheaper[need.tier].groups is None else " in new groups"
    return f"about {roughly(need.lacking)} more {noun}{where} ({amount(need.usd)})"


def _subject(found: Conclusion) -> str:
    if found.is_share or found.run.is_pairwise:
        return "it is"
    return "its" if found.run.task.metric in CORPUS_METRICS else "it"


def _nearest_miss(found: Conclusion) -> str:
    """The cheaper tier that came closest, where its quality is what speaks against it."""
    max_drop = found.run.task.max_drop
    worse = [comparison for comparison in found.cheaper.values() if is_shown_worse(comparison, max_drop)]
    if not worse or len(worse) < len(found.cheaper):
        return ""
    best = max(worse, key=lambda comparison: comparison.difference or 0.0)
    least, allowed = drop(found, best.high or 0.0), points_number(max_drop)
    which = found.name(best.tier) + (", the best of them," if len(worse) > 1 else "")
    return f"; {which} loses at least {least} ({allowed} allowed)"


def _provisional_advice(found: Conclusion) -> tuple[str, ...]:
    if found.outcome is not Outcome.PROVISIONAL:
        return ()
    tier, current = found.label(found.tier or found.current), found.label(found.current)
    return (f"meanwhile: use {tier} where a mistake is cheap to undo, and {current} elsewhere",)


def _still_open(found: Conclusion) -> tuple[str, ...]:
    """Cheaper tiers that a dearer one is recommended before, only because they are not settled."""
    order = list(found.by_cost())
    place = order.index(found.tier) if found.tier in order else 0
    cheaper = [tier for tier in order[:place] if tier in found.open_tiers]
    if not cheaper:
        return ()
    are = "is cheaper still, but" if len(cheaper) == 1 else "are cheaper still, but"
    names = listed([found.name(tier) for tier in cheaper])
    return (
        f"{names} {are} not yet shown good enough: {what_would_settle(found)}",
        *(_assumption(found) if found.outcome is Outcome.RECOMMENDED else ()),
    )


def _kept(found: Conclusion) -> tuple[str, ...]:
    if found.cheaper and found.outcome is not Outcome.NO_TIER_QUALIFIES:
        return ()
    return (f"{found.called(found.current)}: {alone(found, found.current)}",)


def _rejected(found: Conclusion, comparison: Comparison) -> tuple[str, ...]:
    measured = f"{found.name(comparison.tier)}: {quality(found, comparison)}"
    return (
        measured,
        *swapped(comparison),
        *price_of_current(found, comparison),
        *_reasons(found, comparison),
        *about_missing(found, comparison),
    )


def _reasons(found: Conclusion, comparison: Comparison) -> tuple[str, ...]:
    given = comparison.reasons
    # One gap is one reason to a reader, even where it fails two rules; the headline tells of used up looks.
    unsaid = {USED_UP, *(["missing_sensitive"] if "too_many_missing" in given else [])}
    if not (found.is_answered(comparison.tier) and found.is_answered(found.current)):
        unsaid.add("cost_unknown")  # Of course it is: nothing was answered.
    said = [reason for reason in given if reason not in unsaid]
    return tuple(explain(reason, comparison.tier, found.run.task) for reason in said)


def _assumption(found: Conclusion) -> tuple[str, ...]:
    """What the number of items asked for is counted on, where that matters."""
    need = found.need
    if need is None or need.items_if_equal is None or need.items_if_equal >= need.items:
        return ()
    comparison = found.cheaper[need.tier]
    if comparison.reasons:  # Then something else than the quality measured asks for the items.
        return ()
    measured, allowed = -(comparison.difference or 0.0), found.run.task.max_drop
    assumed = f"in truth {points(allowed / 2)} worse, and so far it is {points_number(measured)} worse"
    if measured <= allowed / 2:
        assumed = f"as much worse as it is so far, {points(measured)}"
    fewer = need.items_if_equal - comparison.items
    instead = f"; if it is in truth as good, about {roughly(fewer)} more are enough" if fewer > 0 else ""
    lasting = (
        "; if it stays so, more items will show that it is not good enough" if measured > allowed else ""
    )
    return (f"that number is for {found.label(need.tier)} being {assumed}{instead}{lasting}",)


def _why_keep(found: Conclusion) -> str:
    if not found.cheaper:
        return "no other tier is cheaper"
    if any("critical_locked" in comparison.reasons for comparison in found.cheaper.values()):
        return _LOCKED
    unproven = found.remarks("reference_unproven")
    if unproven:
        limit = "floor (min_score)" if "floor_unproven" in unproven else "latency limit (max_p95_s)"
        return f"no cheaper tier is good enough, though its own {limit} is not proven yet"
    return "no cheaper tier is good enough"


def _current_fails(found: Conclusion) -> str:
    """Which limit the current tier itself breaks."""
    limits, broken = found.run.task.limits, found.remarks("reference_fails")
    words = []
    if "floor" in broken and limits.min_score is not None:
        words.append(f"is below the floor of {percent(limits.min_score)} (min_score)")
    if "p95_latency" in broken and limits.max_p95_s is not None:
        words.append(f"is slower than the {seconds(limits.max_p95_s)} allowed (max_p95_s)")
    if "budget" in broken and limits.max_cost_usd is not None:
        cost = money.stated(limits.max_cost_usd)
        words.append(f"costs more than the {cost} allowed per item (max_cost_usd)")
    what = listed(words) if words else "misses a limit of the task"
    return f"even {found.called(found.current)} {what}"
