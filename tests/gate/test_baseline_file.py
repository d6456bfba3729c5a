from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from evalbench.core.baseline import Baseline
from evalbench.errors import InputError
from evalbench.gate.baseline_file import from_text, to_text
from tests.gate.records import baseline, ones, task_record, tier_record


def accepted() -> Baseline:
    scores: list[list[float | None]] = [[1.0, 0.0, None], [1.0, 1.0, 1.0], [0.0, 0.5, 1.0]]
    scores *= 20
    counts = tuple((1.0, float(number), 0.0) for number in range(59))
    first = task_record(tier_record(scores), tier_record(ones(30, 60), "large"), name="tickets")
    other = task_record(
        tier_record([1.0] * 60, counts=(*counts, None)),
        groups=[number // 3 for number in range(60)],
        name='odd "näme": {}',
        metric="micro_f1",
    )
    return baseline(first, other, source="bars/baseline.json")


def test_a_baseline_comes_back_as_it_was_written() -> None:
    written = accepted()

    assert from_text(to_text(written), "bars/baseline.json") == written


def test_the_file_is_json_in_short_lines_with_an_item_a_line() -> None:
    text = to_text(accepted())

    assert json.loads(text)["schema"] == "evalbench.baseline/1"
    assert max(map(len, text.splitlines())) <= 110
    assert text.count('    ["i000') == 120


def test_accepting_again_changes_only_the_lines_of_the_scores_that_changed() -> None:
    before = accepted()
    task = before.tasks["tickets"]
    scores = list(task.tiers["small"].scores)
    scores[30] = (0.0, 0.0, 0.0)
    tiers = {**task.tiers, "small": replace(task.tiers["small"], scores=tuple(scores))}
    after = replace(before, tasks={**before.tasks, "tickets": replace(task, tiers=tiers)})

    pairs = zip(to_text(before).splitlines(), to_text(after).splitlines(), strict=True)

    assert sum(one != other for one, other in pairs) == 1


Edit = Callable[[dict[str, Any]], object]


def small(value: dict[str, Any]) -> Any:
    return value["tasks"]["tickets"]["tiers"]["small"]


@pytest.mark.parametrize(
    ("edit", "said", "at"),
    [
        (lambda value: value.update(schema="evalbench.baseline/9"), "evalbench.baseline/9", '"schema"'),
        (lambda value: value.update(tasks={}), "has no task", '"tasks"'),
        (lambda value: value.update(accepted="yesterday"), "'yesterday', which is no time", '"accepted"'),
        (lambda value: value["run"].pop("id"), "run lacks 'id'", '"run"'),
        (lambda value: small(value)["scores"].__setitem__(1, "1 2 x"), "not 3 scores", '"1 2 x"'),
        (lambda value: small(value)["scores"].pop(), "are of", '"scores"'),
        (lambda value: small(value).update(p95_s=-1), "not a number from 0", '"p95_s"'),
        (lambda value: small(value).update(repeats="3"), "not a whole number", '"repeats"'),
        (lambda value: small(value).update(setup=[]), "is no object", '"setup"'),
        (lambda value: value["tasks"]["tickets"].update(current="huge"), "none of its tiers", '"current"'),
        (lambda value: value["tasks"]["tickets"]["items"].reverse(), "not sorted", '"items"'),
        (lambda value: value["tasks"]["tickets"]["items"].append(7), "hold 7, which is no item", '"items"'),
    ],
)
def test_an_edit_that_makes_no_sense_is_told_with_file_line_and_fix(edit: Edit, said: str, at: str) -> None:
    value = json.loads(to_text(accepted()))
    edit(value)
    text = json.dumps(value, indent=1)

    with pytest.raises(InputError) as refused:
        from_text(text, "bars/baseline.json")

    inside = text.index('"tickets"') if "tickets" in refused.value.problem else 0
    line = text[: text.index(at, inside)].count("\n") + 1
    assert refused.value.problem.startswith(f"bars/baseline.json, line {line}: ")
    assert said in refused.value.problem
    assert "git checkout -- bars/baseline.json" in refused.value.fix


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_file_that_was_cut_off_says_where_it_ends(share: float) -> None:
    text = to_text(accepted())
    cut = text[: int(len(text) * share)]

    with pytest.raises(InputError) as refused:
        from_text(cut, "baseline.json")

    line = cut.count("\n") + 1
    assert refused.value.problem.startswith(f"baseline.json, line {line}: is no JSON: it ends there")


@pytest.mark.parametrize("text", ["", "[]", "null", "7", "<<<<<<< ours\n{}", "{" * 100_000, "[" * 100_000])
def test_what_is_no_baseline_at_all_is_refused(text: str) -> None:
    with pytest.raises(InputError) as refused:
        from_text(text, "baseline.json")

    assert refused.value.problem.startswith("baseline.json, line ")
