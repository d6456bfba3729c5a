from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from evalbench.advice.changes import compare_tasks
from evalbench.cli.screen.changes import compared_lines
from evalbench.core.evalset import PromptSpec
from evalbench.core.models import Model, ModelPool
from evalbench.core.run import Manifest, Run, TaskRun
from evalbench.workflows.compare import Compared, ComparedTask, notes_on
from tests.build import make_item, make_pool, make_task, make_task_run

WIDEST = 80


def make_run(task: TaskRun, run_id: str = "older", **changes: Any) -> Run:
    settings = {"version": "1", "seed": 7, "options": {}, **changes.pop("manifest", {})}
    manifest = Manifest(run_id, "2026-01-01T00:00:00Z", repeats=1, pool=make_pool(), **settings)
    told: dict[str, Any] = {
        "is_complete": True,
        "wall_s": 1.0,
        "calls": 1,
        "answers_new": 1,
        "answers_reused": 0,
        "spent_usd": 0.1,
    }
    return Run(manifest, (task,), **(told | changes))


def one_tier(scores: Sequence[float | None], **changes: Any) -> TaskRun:
    return make_task_run({"small": scores}, {"small": 0.01}, **changes)


def shown(older: TaskRun, newer: TaskRun) -> str:
    """The lines of a comparison, none of which is too wide for a terminal."""
    runs = make_run(older), make_run(newer, "newer")
    tasks = tuple(
        ComparedTask(task, {line.tier: () for line in task.lines}) for task in compare_tasks([(older, newer)])
    )
    lines = compared_lines(Compared(*runs, tasks, (), (), notes_on(*runs)))
    assert [line for line in lines if len(line) > WIDEST] == []
    return "\n".join(lines)


def test_a_finding_that_missing_answers_cannot_undo_is_said_to_hold() -> None:
    text = shown(one_tier([1.0] * 200), one_tier([0.0] * 60 + [1.0] * 137 + [None] * 3))

    assert "3 answers missing in the newer run, and left out" in text
    assert "this holds even if every missing one speaks against it" in text


def test_a_finding_that_missing_answers_could_undo_is_said_to_be_open() -> None:
    text = shown(one_tier([1.0] * 200), one_tier([0.0] * 17 + [1.0] * 153 + [None] * 30))

    assert "WORSE, by 10 points" in text
    assert "30 answers missing in the newer run, and left out" in text
    assert "the missing ones could undo this: they would if all spoke against it" in text


def test_where_nothing_is_shown_many_missing_answers_may_hide_a_change() -> None:
    many = shown(one_tier([1.0] * 188 + [None] * 12), one_tier([1.0] * 200))
    few = shown(one_tier([1.0] * 192 + [None] * 8), one_tier([1.0] * 200))

    assert "12 answers missing in the older run, and left out" in many
    assert "so many missing ones may hide a change" in many
    assert "may hide" not in few


def test_few_groups_are_said_to_show_little() -> None:
    def groups(count: int) -> list[str]:
        return [str(number % count) for number in range(200)]

    few, enough = (
        shown(one_tier([1.0] * 200, groups=groups(count)), one_tier([1.0] * 200, groups=groups(count)))
        for count in (9, 10)
    )

    assert "few groups (9): more of them, not more items in each, would show more" in few
    assert "few groups" not in enough


def test_another_prompt_is_shown_from_where_it_differs() -> None:
    older, newer = (
        one_tier([1.0] * 20, task=make_task(prompt=PromptSpec(f"{'Be kind. ' * 20}Answer {word}.")))
        for word in ("briefly", "at length")
    )

    text = shown(older, newer)

    assert "prompt: ... nd. Be kind. Answer briefly." in text
    assert "now ... nd. Be kind. Answer at length." in text


def test_other_parameters_and_another_model_are_shown_by_tier() -> None:
    older, newer = (
        replace(one_tier([1.0] * 20), models=ModelPool({"small": Model(name, params=params)}, "small"))
        for name, params in (("openai/gpt-5", {}), ("openai/gpt-6", {"temperature": 0}))
    )

    text = shown(older, newer)

    assert "small (gpt-5 before, gpt-6 now)  NO DIFFERENCE SHOWN" in text
    assert "small model: openai/gpt-5\n" in text
    assert "now openai/gpt-6" in text
    assert "small parameters: none\n" in text
    assert 'now {"temperature": 0}' in text


def test_another_grader_version_is_shown_as_set_up_otherwise() -> None:
    newer = replace(one_tier([1.0] * 20), grader="label@2")

    text = shown(one_tier([1.0] * 20), newer)

    assert "grader: label@1\n" in text
    assert "now label@2" in text


def test_items_that_are_not_the_same_are_counted_by_reason() -> None:
    older, newer = one_tier([1.0] * 4), one_tier([1.0] * 4)
    edited = [make_item("i0000", "other"), make_item("i0001", "text of i0001", "no"), make_item("new")]
    newer = replace(
        newer,
        items=(*edited, newer.items[3]),
        trials=tuple(
            replace(trial, item_id=item.id)
            for trial, item in zip(newer.trials, (*edited, newer.items[3]), strict=True)
        ),
    )

    text = " ".join(shown(older, newer).split())

    assert "demo: 1 item in both runs" in text
    assert "1 only in the older run" in text
    assert "1 only in the newer run" in text
    assert "1 with another prompt" in text
    assert "1 with another right answer" in text


def test_the_same_set_up_is_said_to_be_the_same() -> None:
    same = shown(one_tier([1.0] * 20), one_tier([1.0] * 20))
    moved = shown(one_tier([1.0] * 20), one_tier([0.0] + [1.0] * 19))

    assert same.endswith("nothing was set up otherwise")
    assert "nothing was set up otherwise; changes inside a model or function are not seen" in moved


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"answers_new": 0}, "the newer run asked nothing new: all its answers were stored before"),
        ({"is_complete": False}, "run newer lacks answers"),
        (
            {"is_complete": False, "manifest": {"options": {"project": "x"}}},
            "run newer lacks answers: `evalbench run --resume newer` asks for them",
        ),
        ({"manifest": {"version": "2"}}, "the runs were made by different versions of evalbench: 1 and 2"),
        ({"manifest": {"seed": 8}}, "the runs have different seeds: 7 and 8"),
    ],
)
def test_what_concerns_the_runs_as_a_whole_is_noted(changes: dict[str, Any], note: str) -> None:
    task = one_tier([1.0])

    (found,) = notes_on(make_run(task), make_run(task, "newer", **changes))

    assert found.startswith(note)


def test_two_alike_runs_need_no_note_but_one_run_twice_does() -> None:
    run = make_run(one_tier([1.0]))

    assert notes_on(run, replace(run, manifest=replace(run.manifest, id="newer"))) == ()
    assert notes_on(run, run) == ("both are the same run",)
