"""The shipped sets whose grader runs or asks something: solutions in the sandbox, pieces before a judge."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from evalbench.assembly.preparing import grader_of
from evalbench.config.evalset_file import read_evalset_file
from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import EvalSet, Item, Prompt
from evalbench.core.models import Model
from evalbench.core.plan import Request
from evalbench.graders.asking import Assessor
from evalbench.graders.sandbox import usable_sandbox
from evalbench.loaders.find import shipped_folder
from evalbench.loaders.load import load_evalset
from tests.build import score_of
from tests.cli.shell import evalbench
from tests.servers import ModelServer, answer_with, reply

needs_sandbox = pytest.mark.skipif(
    usable_sandbox().sandbox is None, reason=f"no code is run: {usable_sandbox().words}"
)


def load(name: str) -> EvalSet:
    return load_evalset(shipped_folder() / name, read_settings=read_evalset_file)


def rows(name: str) -> dict[str, dict[str, Any]]:
    text = (shipped_folder() / name / "items.jsonl").read_text("utf-8")
    return {row["id"]: row for row in map(json.loads, text.splitlines())}


@needs_sandbox
def test_every_solution_passes_all_its_tests_in_the_sandbox() -> None:
    evalset, known = load("small-functions"), rows("small-functions")
    # All in one program, since to start a sandbox for each would take half a minute.
    programs = [f"{known[item.id]['solution']}\n{item.target}" for item in evalset.items]

    grade = score_of(grader_of(evalset).grade("pass", Item("all", Prompt(""), "\n".join(programs))))

    assert grade.value == 1.0, grade.explanation
    assert len(programs) >= 250


@needs_sandbox
def test_the_solution_of_another_variant_fails_and_a_fenced_one_of_the_own_passes() -> None:
    evalset, known = load("small-functions"), rows("small-functions")
    grader = grader_of(evalset)
    groups: dict[str | None, list[Item]] = defaultdict(list)
    for item in evalset.items:
        groups[item.group].append(item)
    sampled = [groups[name][:2] for name in sorted(groups, key=str)[:4]]

    own = [grader.grade(f"```python\n{known[item.id]['solution']}\n```", item) for item, _ in sampled]
    other = [grader.grade(known[near.id]["solution"], item) for item, near in sampled]

    assert [score_of(grade).value for grade in own] == [1.0] * len(sampled)
    assert [score_of(grade).value for grade in other] == [0.0] * len(sampled)


def test_no_model_is_shown_a_solution_or_a_piece() -> None:
    for name, column in (("small-functions", "solution"), ("short-pieces", "piece")):
        known = rows(name)
        for item in load(name).items:
            assert column not in item.prompt.fields
            assert known[item.id][column] not in item.prompt.text


def test_groups_are_functions() -> None:
    by_group = defaultdict(set)
    for row in rows("small-functions").values():
        by_group[row["group"]].add(row["entry_point"])

    assert len(by_group) >= 50
    assert all(len(names) == 1 for names in by_group.values())


class Reader:
    """A judge that notes what it is asked and gives three of four points."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.assessor = Assessor(Model("reader"), self.complete)

    def complete(self, request: Request) -> Completion | Failure:
        self.asked.append(request.prompt.messages[-1].content)
        return Completion('{"reason": "no surprise", "score": 3}')


def test_every_piece_keeps_its_form_and_goes_to_the_judge_without_the_words_it_needs() -> None:
    evalset, known, reader = load("short-pieces"), rows("short-pieces"), Reader()
    grader = grader_of(evalset, lambda: reader.assessor)

    grades = [score_of(grader.grade(known[item.id]["piece"], item)) for item in evalset.items]

    assert {grade.value for grade in grades} == {0.75}, [grade.explanation for grade in grades]
    assert len(reader.asked) == len(evalset.items) >= 90
    assert not any("REFERENCE" in asked for asked in reader.asked)


def test_a_piece_that_breaks_its_form_is_wrong_and_no_judge_is_asked() -> None:
    evalset, known, reader = load("short-pieces"), rows("short-pieces"), Reader()
    grader = grader_of(evalset, lambda: reader.assessor)

    for item in evalset.items:
        piece = known[item.id]["piece"]
        missing = piece.casefold().replace(str(known[item.id]["mentions"][0]).casefold(), "it")
        bad = [
            missing,
            f"{piece} {piece} {piece} {piece} {piece}",
            *([piece.replace("\n", " ")] if "\n" in piece else []),
        ]
        assert [score_of(grader.grade(answer, item)).value for answer in bad] == [0.0] * len(bad)

    assert reader.asked == []


def test_a_live_judge_scores_pieces_and_without_one_nothing_is_asked(here: Path) -> None:
    opinion = reply('{"reason": "fine", "score": 4}', {"prompt_tokens": 900, "completion_tokens": 40})
    piece = "The rain, the pool and the lift agree to be on time."
    (here / "pieces.py").write_text(f"def write(prompt):\n    return {piece!r}\n", "utf-8")
    config = "tiers: {only: {model: 'python/pieces.py:write', price: {per_hour: 1}}}\n"
    with ModelServer(always=answer_with(opinion)) as server:
        (here / "evalbench.yaml").write_text(config, "utf-8")
        refused = evalbench("run", "short-pieces", cwd=here)
        place = f"model: hosted_vllm/tiny, api_base: '{server.address}'"
        judge = f"judge: {{{place}, price: {{input: 1, output: 1}}}}\n"
        (here / "evalbench.yaml").write_text(config + judge, "utf-8")
        done = evalbench("run", "short-pieces", "--json", cwd=here)
        calls = [call for call in server.calls if call.path.endswith("/chat/completions")]

    assert refused.code == 2
    assert "fix: add to evalbench.yaml, for example: `judge: openai/gpt-5`." in refused.err
    (task,) = done.json["tasks"]
    assert len(calls) == 1
    assert task["tiers"][0]["score"]["value"] == pytest.approx(1 / len(rows("short-pieces")))
