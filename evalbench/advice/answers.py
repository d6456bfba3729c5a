"""What a reader should know of how the answers came about: cut, missing, stored, asked otherwise."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping

from evalbench.advice.conclusion import Conclusion
from evalbench.advice.observations import integers, rows_of
from evalbench.advice.words import how_many, listed
from evalbench.core.completion import Status
from evalbench.core.figures import STATUSES
from evalbench.core.models import Tier


def about_answers(found: Conclusion) -> tuple[str, ...]:
    """Answers that were cut, parameters that were left out, and answers of an earlier run."""
    lines: list[str] = []
    figures = found.run.figures
    for number, tier in enumerate(found.run.models.tiers):
        rows = rows_of(found.run, tier)
        details = {row: facts for row, facts in figures.details.items() if figures.tier[row] == number}
        cut = {row for row in rows.tolist() if figures.status[row] == _CUT}
        lines += _cut(tier, cut, details, too_long=len(cut & figures.overflows))
        unread = [row for row in rows.tolist() if figures.status[row] == _UNREADABLE]
        lines += _unreadable(found, tier, [int(figures.item[row]) for row in unread], len(rows))
        lines += _left_out(tier, details)
        lines += _ungraded(found, number)
        reused = int(((integers(figures.answer) >= 0) & (integers(figures.is_reused) > 0))[rows].sum())
        if reused and not found.is_recorded(tier):
            lines.append(f"{how_many(reused, 'answer')} of {tier} stored earlier, with the times of then")
    return tuple(lines)


def has_ungraded(found: Conclusion) -> bool:
    """Whether answers are there that have no score, since the machinery could not judge them."""
    figures = found.run.figures
    return any(figures.answer[row] >= 0 for row in figures.failures)


def _cut(
    tier: Tier, cut: set[int], details: Mapping[int, Mapping[str, str]], *, too_long: int
) -> Iterator[str]:
    reasoning = sum(details.get(row, {}).get("truncated_by") == "reasoning" for row in cut)
    other = len(cut) - reasoning - too_long
    if reasoning:
        yield (
            f"{how_many(reasoning, 'answer')} of {tier} cut off while it was still reasoning, and scored 0: "
            "raise max_tokens, or lower reasoning_effort"
        )
    if too_long:
        yield f"{how_many(too_long, 'prompt')} too long for the context of {tier}, and scored 0"
    if other:
        yield f"{how_many(other, 'answer')} of {tier} cut off by the token limit: raise max_tokens"


def _unreadable(found: Conclusion, tier: Tier, items: list[int], answers: int) -> Iterator[str]:
    """Answers whose form the grader did not understand, where they are enough to weigh on a score."""
    if len(items) <= _FEW_UNREADABLE * answers:
        return
    example = shlex.quote(found.run.items[min(items)].id)
    yield (
        f"{how_many(len(items), 'answer')} of {tier} unreadable for the grader, and scored 0: read one with "
        f"`evalbench show latest {example}`; if only its form is wrong, ask for another in the prompt"
    )


def _ungraded(found: Conclusion, number: int) -> Iterator[str]:
    """Answers that are there and have no score, since the machinery could not judge them."""
    figures, tier = found.run.figures, found.run.models.tiers[number]
    reasons = Counter(
        failure.message
        for row, failure in figures.failures.items()
        if figures.tier[row] == number and figures.answer[row] >= 0
    )
    if reasons:
        (reason, _), total = reasons.most_common(1)[0], reasons.total()
        yield (
            f"{how_many(total, 'answer')} of {tier} could not be graded and count for nothing ({reason}); "
            "`evalbench grade latest` tries again"
        )


def _left_out(tier: Tier, details: Mapping[int, Mapping[str, str]]) -> Iterator[str]:
    named = Counter(
        name.strip()
        for facts in details.values()
        for name in facts.get("params_left_out", "").split(",")
        if name.strip()
    )
    if named:
        yield f"{tier} does not take {listed(sorted(named))}, so it was asked without"


_CUT = STATUSES.index(Status.TRUNCATED)
_UNREADABLE = STATUSES.index(Status.INVALID)
_FEW_UNREADABLE = 0.01
