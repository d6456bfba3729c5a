from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from evalbench.config.evalset_file import read_evalset_file
from evalbench.core.completion import Failure
from evalbench.core.evalset import COMBINATIONS, Item, Prompt
from evalbench.core.models import Model
from evalbench.core.score import Grader
from evalbench.errors import InputError
from evalbench.graders.asking import Assessor
from evalbench.graders.contract import broken_promises
from evalbench.graders.factory import make_grader
from evalbench.graders.user_function import UserFunction
from evalbench.loaders.inference import GRADERS
from evalbench.registry import BUILT_IN
from tests.build import make_item, make_task

PAGE = (Path(__file__).parents[2] / "docs" / "graders.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_every_grader_has_its_paragraph() -> None:
    described = set(re.findall(r"^\*\*`(\w+)`\*\*", PAGE, re.MULTILINE))

    assert described == set(BUILT_IN["graders"])
    assert all(f"`{name}`" in PAGE or f"{name}:" in PAGE for name in COMBINATIONS)


def test_the_graders_by_task_are_those_of_the_program() -> None:
    rows = {
        kind: cells[0]
        for line in PAGE.splitlines()
        if line.startswith("| ") and line.count("|") == 4
        for kinds, *cells in [[cell.strip() for cell in line.strip("|").split("|")]]
        for kind in kinds.split(", ")
    }

    assert {kind.value: f"`{name}`" for kind, name in GRADERS.items() if kind != "reasoning"} == {
        kind: name for kind, name in rows.items() if name.startswith("`") and kind != "reasoning"
    }


@pytest.mark.parametrize(
    "example", [line for block in blocks("yaml") for line in re.split(r"\n(?=grader:)", block)]
)
def test_every_example_of_a_grader_is_read_and_made(tmp_path: Path, example: str) -> None:
    path = tmp_path / "evalset.yaml"
    path.write_text(example, encoding="utf-8")

    spec = read_evalset_file(path)["grader"]

    def assessor() -> Assessor:
        return Assessor(Model("scripted/judge"), lambda _: Failure("judge", "nobody is asked"))

    assert make_grader(spec, make_task(schema={"type": "object"}), tmp_path, assessor).signature


def test_the_function_of_ones_own_runs(tmp_path: Path) -> None:
    (tmp_path / "my_graders.py").write_text(blocks("python")[0], encoding="utf-8")
    grader = UserFunction("my_graders.py:grade", {}, tmp_path)

    scores = [grader.grade(answer, make_item(target="Yes")) for answer in ("yes!", "no")]

    assert [(score.value, score.explanation) for score in scores] == [(1.0, ""), (0.0, "not mentioned")]


def test_the_plugin_keeps_the_contract_and_refuses_what_it_does_not_know() -> None:
    names: dict[str, Any] = {}
    exec(blocks("python")[1], names)  # noqa: S102 - the example of the page
    item = Item("1", Prompt("Ask for salt."), target="polite")

    def made(**options: str) -> Grader:
        grader: Grader = names["Politeness"](options, make_task())
        return grader

    assert broken_promises(made, item, right="Salt, please.") == []
    assert made(word="thanks").signature == "politeness@1(word=thanks)"
    with pytest.raises(InputError, match="no option 'wrod'"):
        made(wrod="x")
