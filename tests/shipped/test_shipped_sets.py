from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from evalbench.assembly.preparing import grader_of
from evalbench.config.evalset_file import read_evalset_file
from evalbench.core.evalset import EvalSet
from evalbench.loaders.find import shipped_folder
from evalbench.loaders.load import load_evalset
from evalbench.workflows.demo import DEMO_SETS
from tests.build import score_of
from tests.cli.shell import evalbench
from tests.shipped.wrong_answers import WRONG_ANSWERS, gold

FOLDERS = sorted(path.parent for path in shipped_folder().glob("*/evalset.yaml"))
NAMES = [folder.name for folder in FOLDERS]
COMPARED = [folder for folder in FOLDERS if folder.name in WRONG_ANSWERS]
COMPARED_NAMES = [folder.name for folder in COMPARED]
FEWEST = {"short-pieces": (60, 0), "small-functions": (250, 0)}
"""Items to measure on and to learn from, where no classical model could learn; else 300 of each."""


def load(folder: Path) -> EvalSet:
    return load_evalset(folder, read_settings=read_evalset_file, strict=True)


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_the_files_are_what_the_generator_writes(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-B", str(folder / "generate.py"), "--check"], capture_output=True, check=False
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_a_set_is_large_enough_and_has_no_leak_and_no_duplicate(folder: Path) -> None:
    evalset = load(folder)

    least = FEWEST.get(folder.name, (300, 300))
    assert len(evalset.items) >= least[0]
    assert len(evalset.train) >= least[1]
    assert evalset.warnings == ()


def test_answers_are_compared_with_targets_in_all_sets_but_two_that_have_tests_of_their_own() -> None:
    assert sorted([*WRONG_ANSWERS, *FEWEST]) == NAMES


@pytest.mark.parametrize("folder", COMPARED, ids=COMPARED_NAMES)
def test_the_right_answer_of_every_item_scores_1_and_a_plausible_wrong_one_less(folder: Path) -> None:
    evalset = load(folder)
    grader = grader_of(evalset)
    wrong_answer = WRONG_ANSWERS[folder.name]

    right = [score_of(grader.grade(gold(item, evalset), item)).value for item in evalset.items]
    wrong = [score_of(grader.grade(wrong_answer(item, evalset), item)).value for item in evalset.items]

    assert set(right) == {1.0}
    assert max(wrong) < 1.0


@pytest.mark.parametrize("folder", COMPARED, ids=COMPARED_NAMES)
def test_the_right_answer_of_another_item_scores_less(folder: Path) -> None:
    evalset = load(folder)
    grader = grader_of(evalset)
    answers = [gold(item, evalset) for item in evalset.items]

    other = [
        score_of(grader.grade(wrong, item)).value
        for wrong, answer, item in zip(answers[1:] + answers[:1], answers, evalset.items, strict=True)
        if wrong != answer and wrong not in (item.target if isinstance(item.target, list) else ())
    ]

    assert max(other) < 1.0


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_a_set_says_how_it_was_made_and_what_it_cannot_show(folder: Path) -> None:
    text = (folder / "README.md").read_text("utf-8").lower()

    assert "generate.py" in text
    assert "cannot show" in text


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    done = evalbench("demo", "--json", "--quiet", cwd=tmp_path_factory.mktemp("demo"))
    assert done.code == 0, done.err
    return {task["name"]: task for task in done.json["tasks"]}


def test_the_demo_runs_the_sets_on_which_classical_models_are_worth_a_look(demo: dict[str, Any]) -> None:
    assert tuple(sorted(demo)) == DEMO_SETS
    assert set(demo) <= set(NAMES)


@pytest.mark.parametrize("name", DEMO_SETS)
def test_the_three_classical_tiers_differ_and_none_is_perfect(name: str, demo: dict[str, Any]) -> None:
    scores = [tier["score"]["value"] for tier in demo[name]["tiers"]]

    assert scores[0] < scores[1] - 0.05
    assert scores[1] < scores[2]
    assert scores[2] < 1.0
    assert all(tier["classical"] for tier in demo[name]["tiers"])


@pytest.mark.parametrize("name", DEMO_SETS)
def test_a_group_is_never_decided_as_if_its_items_were_independent(name: str, demo: dict[str, Any]) -> None:
    assert all(tier["score"]["method"] == "t, clustered" for tier in demo[name]["tiers"])
