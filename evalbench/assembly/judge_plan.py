"""What a judge will be asked and what that costs at most, before the first call."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeAlias, runtime_checkable

from evalbench.assembly.judging import Bench
from evalbench.core.completion import Completion
from evalbench.core.evalset import Item, Task, TaskKind, Traffic
from evalbench.core.plan import Request, Slot, TierPlan
from evalbench.core.score import AnyGrader
from evalbench.graders.asking import LONGEST_ANSWER, TIER
from evalbench.graders.combination import Combination
from evalbench.graders.pairwise import PLACES, Pairwise, is_same
from evalbench.pricing.bounds import ceiling_usd, gap, most_input_tokens, prompt_bytes
from evalbench.pricing.expected import assumed, call_usd
from evalbench.runner.grading import settled_pair
from evalbench.runner.pairs import Yardstick
from evalbench.runner.plan import TaskWork
from evalbench.store.read import read_answers, stored_keys

_AT_ONCE = 100
_BYTES_A_CHARACTER = 4
_USUAL_ANSWER_BYTES = 1_200

Answer: TypeAlias = tuple[Slot, Item, Completion | None]
"""An answer that is to be judged, or its place as long as nobody has given it."""


@runtime_checkable
class Asking(Protocol):
    """A grader whose questions to a model can be foreseen."""

    def question(self, answer: str, item: Item, attempt: int = 0) -> Request:
        """What the model is asked about one answer."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """One question to the model that judges, in which so many answers are still unknown."""

    request: Callable[[], Request]
    unknown: int


@dataclass(frozen=True, slots=True)
class Questions:
    """All that is asked by one rubric about the answers of a task, and how often it is asked an item."""

    all: Sequence[Question]
    an_item: int


def judge_plans(
    works: Sequence[TaskWork], bench: Bench, connection: sqlite3.Connection | None
) -> tuple[TierPlan, ...]:
    """One line for each rubric by which a task's answers are judged; what was judged before costs nothing."""
    plans = []
    for work in works:
        job = work.job
        if asks_a_model(job.grader):
            answers = [*_new(work), *(() if connection is None else _stored(work, connection))]
            plans += [
                plan_questions(job.task, questions, bench, connection)
                for questions in questions_of(job.grader, job.task, answers, job.yardstick)
            ]
    return tuple(plans)


def asks_a_model(grader: AnyGrader) -> bool:
    """Whether a grader, or one that it combines, has questions to the model that judges."""
    return isinstance(grader, Pairwise) or bool(_asking_parts(grader))


def questions_of(
    grader: AnyGrader, task: Task, answers: Sequence[Answer], yardstick: Yardstick
) -> list[Questions]:
    """What is asked about these answers, rubric by rubric; nothing where no model judges."""
    if isinstance(grader, Pairwise):
        pairs = list(_about_pairs(grader, task, answers, yardstick))
        return [Questions(pairs, len(PLACES) * (yardstick.tiers - 1))]
    return [
        Questions([_about_one(asking, *answer) for answer in answers], yardstick.tiers)
        for asking in _asking_parts(grader)
    ]


def _asking_parts(grader: AnyGrader) -> tuple[Asking, ...]:
    """The graders that ask a model: this one, or those that it combines, at any depth."""
    if isinstance(grader, Combination):
        return tuple(asking for part in grader.graders for asking in _asking_parts(part))
    return (grader,) if isinstance(grader, Asking) else ()


def _about_one(asking: Asking, slot: Slot, item: Item, answer: Completion | None) -> Question:
    del slot
    return Question(partial(asking.question, _text(answer), item), int(answer is None))


def _about_pairs(
    grader: Pairwise, task: Task, answers: Sequence[Answer], yardstick: Yardstick
) -> Iterator[Question]:
    """Both orders of every pair, but for those that are settled without a question."""
    others = {slot: answer for slot, _, answer in answers if slot.tier == yardstick.tier}
    for slot, item, answer in answers:
        rival = yardstick.slot(slot)
        if slot == rival or rival not in others:
            continue
        other = others[rival]
        if (
            answer is not None
            and other is not None
            and (is_same(answer.text, other.text) or settled_pair(answer, other, item, task, grader))
        ):
            continue
        for place in PLACES:
            request = partial(grader.question, (_text(answer), _text(other)), item, place)
            yield Question(request, (answer is None) + (other is None))


def plan_questions(
    task: Task, questions: Questions, bench: Bench, connection: sqlite3.Connection | None
) -> TierPlan:
    """What judging costs; one unreadable reply in a row would ask a second time."""
    known = _judged(questions.all, bench, connection)
    open_ones = [each for each, is_known in zip(questions.all, known, strict=True) if not is_known]
    calls, stored = len(open_ones), len(questions.all) - len(open_ones)
    model = bench.model
    sizes = [_sizes(each) for each in open_ones or questions.all[:1]]
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
        call_usd=None if usual_usd is None else usual_usd * questions.an_item,
        basis=expected.basis if has_tokens else None,
        gap=None if is_bounded or not calls else gap(model),
        is_judge=True,
    )


def _new(work: TaskWork) -> Iterator[Answer]:
    for each in (*work.pending, *work.shared):
        yield each.slot, work.job.items[each.slot.item], None


def _stored(work: TaskWork, connection: sqlite3.Connection) -> Iterator[Answer]:
    for start in range(0, len(work.stored), _AT_ONCE):
        some = work.stored[start : start + _AT_ONCE]
        answers = read_answers(connection, [each.key for each in some])
        for each in some:
            yield each.slot, work.job.items[each.slot.item], answers.get(each.key)


def _text(answer: Completion | None) -> str:
    return "" if answer is None else answer.text


def _judged(questions: Sequence[Question], bench: Bench, connection: sqlite3.Connection | None) -> list[bool]:
    """Which questions have a stored answer of this very judge."""
    keys = [None if each.unknown else bench.key(each.request()) for each in questions]
    asked = [key for key in keys if key is not None]
    found = stored_keys(connection, asked, None) if connection is not None and asked else set()
    return [key in found for key in keys]


def _sizes(each: Question) -> tuple[int, int, int]:
    """Usual bytes of a question, and the most and the fewest tokens that it may have."""
    request = each.request()
    sent = prompt_bytes(request)
    longest = sent + each.unknown * _BYTES_A_CHARACTER * LONGEST_ANSWER
    usual = sent + each.unknown * _USUAL_ANSWER_BYTES
    return usual, most_input_tokens(request, longest), most_input_tokens(request, sent)
