"""Judge an answer by its status and its grader: what the model did is scored, never guessed."""

from __future__ import annotations

from dataclasses import replace

from evalbench.core.completion import CONTEXT_OVERFLOW, Completion, Failure, Status
from evalbench.core.evalset import Item, Limits, Task
from evalbench.core.score import (
    CORPUS_METRICS,
    AnyGrader,
    Grade,
    Grader,
    PairGrader,
    Score,
    needs_target,
)


def limited(completion: Completion, limits: Limits) -> Completion:
    """The completion as production would see it: an answer after the deadline is a timeout."""
    late = limits.max_answer_s is not None and (completion.latency_s or 0.0) > limits.max_answer_s
    return replace(completion, status=Status.TIMEOUT) if late else completion


def judge(completion: Completion, item: Item, task: Task, grader: Grader) -> Grade | None:
    """The score of one answer, why it could not be graded, or None for an item without a target.

    A grader that needs no target, as a judge with a rubric, scores such items too.

    A model failure scores 0. A refusal is judged like any other answer, since refusing may be
    right; so is an empty answer where the target is empty.
    """
    if item.target is None and needs_target(grader):
        return None
    failed = _failed(completion, item, task, grader)
    if failed is not None:
        return Score(0.0, explanation=failed)
    score = grader.grade(completion.text, item)
    if isinstance(score, Failure):
        return score
    # Only corpus metrics read the statistics; elsewhere they would only fill the ledger.
    is_lean = not score.statistics or task.metric in CORPUS_METRICS
    return score if is_lean else Score(score.value, score.reading, score.explanation, score.is_valid)


def settled_pair(
    completion: Completion, other: Completion, item: Item, task: Task, grader: PairGrader
) -> Score | None:
    """What an answer is worth against that of the current tier where either failed; None where neither did.

    Whoever failed has lost, whatever the other says; where both did, it is a tie. A refusal that says
    something is compared like any other answer, since refusing may be right.
    """
    own, others = (_failed_in_pair(each, item, task, grader) for each in (completion, other))
    if own is None and others is None:
        return None
    if own is not None and others is not None:
        return Score(0.5, "a tie", f"both failed: {own}; {others}")
    return (
        Score(0.0, "not preferred", own or "")
        if own is not None
        else Score(1.0, "preferred", f"the answer it is compared with failed: {others}")
    )


def judge_pair(
    completion: Completion, other: Completion, item: Item, task: Task, grader: PairGrader
) -> Grade:
    """How far an answer is preferred to that of the current tier, or why that could not be said."""
    settled = settled_pair(completion, other, item, task, grader)
    return settled or grader.compare(completion.text, other.text, item)


def _failed_in_pair(completion: Completion, item: Item, task: Task, grader: PairGrader) -> str | None:
    failed = _failed(completion, item, task, grader)
    if failed is None and not completion.text.strip() and not _accepts_empty(item):
        return "empty answer"  # A refusal need not have a word.
    return failed


def _failed(completion: Completion, item: Item, task: Task, grader: AnyGrader) -> str | None:
    """Why an answer is wrong before anybody reads it; None where it has to be read."""
    status = limited(completion, task.limits).status
    if status is Status.TIMEOUT:
        return "came later than production would wait"
    if status is Status.TRUNCATED and not grader.accepts_truncated:
        return _why_cut(completion)
    if status is Status.EMPTY and not _accepts_empty(item):
        return "empty answer"
    return None


def _why_cut(completion: Completion) -> str:
    if completion.finish_reason == CONTEXT_OVERFLOW:
        return "the prompt does not fit the model's context"
    if completion.detail.get("truncated_by") == "reasoning":
        return "cut off by the token limit while still reasoning"
    return "cut off by the token limit"


def _accepts_empty(item: Item) -> bool:
    return item.target == "" or (isinstance(item.target, list) and "" in item.target)
