"""How much of the risk of a wrong recommendation a look may use, and what to say of earlier looks."""

from __future__ import annotations

from collections.abc import Sequence

from evalbench.advice.words import how_many, listed, percent, points
from evalbench.core.evalset import Task
from evalbench.core.looks import Allowance, Look, LookPlan, Looks, LookTaken, ordinal
from evalbench.stats.attempts import LEAST_STEP, look_alpha, look_shares

USED_UP = "looks_used_up"
TOO_EARLY = "look_too_early"
ASK_ANEW = "draw new items, which no run has seen, and give the eval set another `name:`"

_LEAST_LEVEL = 1e-9
_MOST_LISTED = 3


def allowance(task: Task, looks: Looks, items: int, candidates: int) -> Allowance:
    """What the next test of a task may use, on so many items, after the looks taken before.

    Without a plan it is the whole risk, every time. The shares of planned looks add up to it
    (Bonferroni); where the last number of items is planned, the group-sequential bounds do
    (Lan and DeMets 1983). `candidates` is the number of cheaper tiers.
    """
    # 1 - 0.95 is 0.050000000000000044: a result exactly at the level must pass.
    alpha = round(1 - task.confidence, 12)
    plan = task.looks
    if plan is None:
        return Allowance(alpha, alpha, alpha)
    if plan.planned is not None:
        shares = look_shares(plan.planned)
        used, left = (round(look_alpha(alpha, looks.number + more, shares), 12) for more in (0, 1))
        return Allowance(alpha, used, left, None if used else USED_UP)
    return _by_items(alpha, plan, looks, items, candidates)


def _by_items(alpha: float, plan: LookPlan, looks: Looks, items: int, candidates: int) -> Allowance:
    # Few runs plan looks so, and what their bounds take would be loaded before every first call.
    from evalbench.stats.sequential import look_level

    most = plan.items or items
    seen = _rising([look.items / most for look in looks.earlier])
    if seen and seen[-1] >= 1:
        return Allowance(alpha, 0.0, 0.0, USED_UP)
    now = [*seen, min(1.0, items / most)]
    used = look_level(now, alpha, plan.spending.value, candidates)
    is_idle = used < _LEAST_LEVEL
    path = seen if is_idle else now
    left = look_level([*path, 1.0], alpha, plan.spending.value, candidates) if now[-1] < 1 else 0.0
    return Allowance(alpha, 0.0 if is_idle else used, left, TOO_EARLY if is_idle else None)


def _rising(shares: Sequence[float]) -> list[float]:
    """The looks that added items; one that added next to none could spend nothing."""
    found: list[float] = []
    for share in shares:
        if min(1.0, share) - (found[-1] if found else 0.0) >= LEAST_STEP:
            found.append(min(1.0, share))
    return found


def about_looks(taken: LookTaken, task: Task, items: int) -> tuple[str, ...]:
    """Which look a finding is and what that costs it, and terms that were changed after results."""
    counted = () if taken.looks.is_gate else _about_count(taken, items)
    return (*counted, *changed_terms(taken.looks, task))


def _about_count(taken: LookTaken, items: int) -> tuple[str, ...]:
    looks, plan, allowed = taken.looks, taken.plan, taken.allowance
    which = f"{ordinal(looks.number)} look at this question{_earlier(looks)}"
    whole = percent(allowed.alpha)
    if plan is None:
        if looks.number == 1:
            return ()
        together = percent(min(1.0, looks.number * allowed.alpha))
        said = (
            f"{which}; each look takes the whole {whole} risk of a wrong recommendation, up to {together} "
            f"together; `looks: 3` in evalset.yaml, set before the first, shares {whole} among three"
        )
        return (said,)
    if allowed.bar == USED_UP:
        return (f"{which}: the looks planned are used up, so nothing more can be proven; {ASK_ANEW}",)
    if plan.planned is not None:
        left = how_many(plan.planned - looks.number, "look") if looks.number < plan.planned else "none"
        said = (
            f"{which}, of {plan.planned} planned: it uses {percent(allowed.used)} of the {whole} risk of a "
            f"wrong recommendation allowed to all; {left} left"
        )
        return (said,)
    most = plan.items or items
    at = f"{which}, at {items:,} of {most:,} items planned"
    if allowed.bar is not None:
        return (f"{at}: too early to prove anything, so it uses next to nothing of the {whole} risk allowed",)
    flattering = "; the difference seen at an early look is flattering" if items < most else ""
    used = percent(allowed.used, 3)
    return (f"{at}: it uses {used} of the {whole} risk of a wrong recommendation allowed to all{flattering}",)


def before_look(task: Task, looks: Looks, allowed: Allowance) -> str:
    """What to know before spending on a look; empty for the gate, and for a first one without a plan."""
    if looks.is_gate:
        return ""
    plan, whole = task.looks, percent(allowed.alpha)
    which = f"this would be the {ordinal(looks.number)} look at this question{_earlier(looks)}"
    if allowed.bar == USED_UP:
        return f"{which}; the looks planned are used up, so it can prove nothing: {ASK_ANEW}"
    if plan is None:
        return (
            f"{which}, again at the whole {whole} risk of a wrong recommendation" if looks.number > 1 else ""
        )
    most = f" up to {plan.items:,} items" if plan.items is not None else ""
    return f"{which}, at {percent(allowed.used)} of the {whole} risk allowed to all{most}"


def changed_terms(looks: Looks, task: Task) -> tuple[str, ...]:
    """What was chosen anew after results had been seen: that makes a wrong recommendation likelier."""
    lines = []
    drops = [look for look in looks.before if look.max_drop != task.max_drop]
    if drops:
        lines.append(
            f"the largest drop allowed was changed after results were seen: {points(drops[-1].max_drop)} in "
            f"run {drops[-1].run}, {points(task.max_drop)} now"
        )
    sure = [look for look in looks.before if look.confidence != task.confidence]
    if sure:
        lines.append(
            f"how sure to be was changed after results were seen: {percent(sure[-1].confidence)} in run "
            f"{sure[-1].run}, {percent(task.confidence)} now"
        )
    plans = [look for look in looks.before if look.plan != task.looks]
    if plans:
        lines.append(f"`looks` was changed after results were seen, since run {plans[-1].run}")
    return tuple(lines)


def _earlier(looks: Looks) -> str:
    earlier = looks.earlier
    if not earlier:
        return ""
    shown = [_seen(look) for look in earlier[-_MOST_LISTED:]]
    more = ["…"] if len(earlier) > _MOST_LISTED else []
    return f" (before: {listed([*more, *shown])})"


def _seen(look: Look) -> str:
    return f"{how_many(look.items, 'item')} on {look.created[:10]}"
