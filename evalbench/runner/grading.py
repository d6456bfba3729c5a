"""Judge an answer by its status and its grader: what the model did is scored, never guessed."""

from __future__ import annotations

from dataclasses import replace

from evalbench.core.completion import CONTEXT_OVERFLOW, Completion, Failure, Status
from evalbench.core.evalset import Item, Limits, Task
from evalbench.core.score import CORPUS_METRICS, Grade, Grader, Score, needs_target


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
    status = limited(completion, task.limits).status
    if status is Status.TIMEOUT:
        return Score(0.0, explanation="came later than production would wait")
    if status is Status.TRUNCATED and not grader.accepts_truncated:
        return Score(0.0, explanation=_why_cut(completion))
    if status is Status.EMPTY and not _accepts_empty(item):
        return Score(0.0, explanation="empty answer")
    score = grader.grade(completion.text, item)
    if isinstance(score, Failure):
        return score
    # Only corpus metrics read the statistics; elsewhere they would only fill the ledger.
    is_lean = not score.statistics or task.metric in CORPUS_METRICS
    return score if is_lean else Score(score.value, score.reading, score.explanation, score.is_valid)


def _why_cut(completion: Completion) -> str:
    if completion.finish_reason == CONTEXT_OVERFLOW:
        return "the prompt does not fit the model's context"
    if completion.detail.get("truncated_by") == "reasoning":
        return "cut off by the token limit while still reasoning"
    return "cut off by the token limit"


def _accepts_empty(item: Item) -> bool:
    return item.target == "" or (isinstance(item.target, list) and "" in item.target)
