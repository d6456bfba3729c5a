"""What a reader should know of how the answers came about: cut, missing, stored, asked otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from evalbench.advice.conclusion import Conclusion
from evalbench.advice.words import how_many, listed
from evalbench.core.completion import CONTEXT_OVERFLOW, Completion, Status
from evalbench.core.models import Tier


def about_answers(found: Conclusion) -> tuple[str, ...]:
    """Answers that were cut, parameters that were left out, and answers of an earlier run."""
    lines: list[str] = []
    for tier, trials in found.run.by_tier().items():
        answers = [trial.completion for trial in trials if trial.completion is not None]
        lines += _cut(tier, answers)
        lines += _left_out(tier, answers)
        reused = sum(trial.is_reused for trial in trials if trial.completion is not None)
        if reused and not found.is_recorded(tier):
            lines.append(f"{how_many(reused, 'answer')} of {tier} stored earlier, with the times of then")
    return tuple(lines)


def _cut(tier: Tier, answers: list[Completion]) -> Iterator[str]:
    cut = [answer for answer in answers if answer.status is Status.TRUNCATED]
    reasoning = sum(answer.detail.get("truncated_by") == "reasoning" for answer in cut)
    too_long = sum(answer.finish_reason == CONTEXT_OVERFLOW for answer in cut)
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


def _left_out(tier: Tier, answers: list[Completion]) -> Iterator[str]:
    named = Counter(
        name.strip()
        for answer in answers
        for name in answer.detail.get("params_left_out", "").split(",")
        if name.strip()
    )
    if named:
        yield f"{tier} does not take {listed(sorted(named))}, so it was asked without"
