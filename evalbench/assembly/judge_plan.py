"""What a judge will be asked and what that costs at most, before the first call."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from evalbench.assembly.judging import Bench
from evalbench.core.completion import Completion
from evalbench.core.evalset import Item, Task, TaskKind, Traffic
from evalbench.core.plan import Request, TierPlan
from evalbench.core.score import Grader
from evalbench.graders.combination import Combination
from evalbench.graders.judge import LONGEST_ANSWER, TIER
from evalbench.pricing.bounds import ceiling_usd, gap, most_input_tokens, prompt_bytes
from evalbench.pricing.expected import assumed, call_usd
from evalbench.runner.plan import TaskWork
from evalbench.store.read import read_answers, stored_keys

_AT_ONCE = 100
_BYTES_A_CHARACTER = 4
_USUAL_ANSWER_BYTES = 1_200


@runtime_checkable
class Asking(Protocol):
    """A grader whose questions to a model can be foreseen."""

    def question(self, answer: str, item: Item, attempt: int = 0) -> Request:
        """What the model is asked about one answer."""
        ...


def asking_parts(grader: Grader) -> tuple[Asking, ...]:
    """The graders that ask a model: this one, or those that it combines, at any depth."""
    if isinstance(grader, Combination):
        return tuple(asking for part in grader.graders for asking in asking_parts(part))
    return (grader,) if isinstance(grader, Asking) else ()


@dataclass(frozen=True, slots=True)
class Question:
    """One answer that is to be judged: the item, and what was answered where that is known already."""

    item: Item
    answer: str | None = None


def judge_plans(
    works: Sequence[TaskWork], bench: Bench, connection: sqlite3.Connection | None
) -> tuple[TierPlan, ...]:
    """One line for each rubric by which a task's answers are judged; what was judged before costs nothing."""
    plans = []
    for work in works:
        asking = asking_parts(work.job.grader)
        if asking:
            questions = [*_new(work), *(() if connection is None else _stored(work, connection))]
            tiers = len(work.job.pool.tiers)
            plans += [
                plan_questions(work.job.task, grader, questions, bench, connection, tiers)
                for grader in asking
            ]
    return tuple(plans)


def plan_questions(
    task: Task,
    grader: Asking,
    questions: Sequence[Question],
    bench: Bench,
    connection: sqlite3.Connection | None,
    answers_an_item: int,
) -> TierPlan:
    """What judging these answers costs; one unreadable reply in a row would ask a second time."""
    known = _judged(grader, questions, bench, connection)
    open_ones = [each for each, is_known in zip(questions, known, strict=True) if not is_known]
    calls, stored = len(open_ones), len(questions) - len(open_ones)
    model = bench.model
    sizes = [_sizes(grader, each) for each in open_ones or questions[:1]]
    usual_bytes = sum(usual for usual, _, _ in sizes) / max(1, len(sizes))
    expected = assumed(model, TaskKind.QA, usual_bytes)
    low_usd, usual_usd = (call_usd(model, expected, Traffic(), is_low=is_low) for is_low in (True, False))
    bounds = Counter(most for _, most, _ in sizes)
    ceilings = {size: ceiling_usd(model, size, bench.setting.timeout_s) for size in bounds}
    worst = [None if (usd := ceilings[size]) is None else usd * count for size, count in bounds.items()]
    smallest = [ceiling_usd(model, least, bench.setting.timeout_s) for _, _, least in sizes]
    is_bounded = None not in worst
    has_tokens = calls > 0 and model.price is not None and model.price.input is not None
    return TierPlan(
        task.name,
        TIER,
        calls,
        stored,
        0,
        input_tokens=round(expected.input_tokens * calls) if has_tokens else None,
        output_tokens=round(expected.output_tokens * calls) if has_tokens else None,
        low_usd=None if low_usd is None else low_usd * calls,
        expected_usd=None if usual_usd is None else usual_usd * calls,
        worst_usd=(sum(filter(None, worst)) if calls else 0.0) if is_bounded or not calls else None,
        smallest_call_usd=min((usd for usd in smallest if usd is not None), default=None),
        call_usd=None if usual_usd is None else usual_usd * answers_an_item,
        basis=expected.basis if has_tokens else None,
        gap=None if is_bounded or not calls else gap(model),
        is_judge=True,
    )


def _new(work: TaskWork) -> Iterator[Question]:
    for each in (*work.pending, *work.shared):
        yield Question(work.job.items[each.slot.item])


def _stored(work: TaskWork, connection: sqlite3.Connection) -> Iterator[Question]:
    for start in range(0, len(work.stored), _AT_ONCE):
        some = work.stored[start : start + _AT_ONCE]
        answers = read_answers(connection, [each.key for each in some])
        for each in some:
            yield Question(work.job.items[each.slot.item], _text(answers.get(each.key)))


def _text(answer: Completion | None) -> str | None:
    return None if answer is None else answer.text


def _judged(
    grader: Asking, questions: Sequence[Question], bench: Bench, connection: sqlite3.Connection | None
) -> list[bool]:
    """Which questions have a stored answer of this very judge."""
    keys = [
        None if each.answer is None else bench.key(grader.question(each.answer, each.item))
        for each in questions
    ]
    asked = [key for key in keys if key is not None]
    found = stored_keys(connection, asked, None) if connection is not None and asked else set()
    return [key in found for key in keys]


def _sizes(grader: Asking, each: Question) -> tuple[int, int, int]:
    """Usual bytes of a question, and the most and the fewest tokens that it may have."""
    request = grader.question(each.answer or "", each.item)
    sent = prompt_bytes(request)
    longest = sent if each.answer is not None else sent + _BYTES_A_CHARACTER * LONGEST_ANSWER
    usual = sent if each.answer is not None else sent + _USUAL_ANSWER_BYTES
    return usual, most_input_tokens(request, longest), most_input_tokens(request, sent)
