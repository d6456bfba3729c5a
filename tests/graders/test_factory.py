from __future__ import annotations

from pathlib import Path

import pytest

from evalbench.core.evalset import GraderSpec
from evalbench.errors import UnknownNameError
from evalbench.graders.factory import make_grader
from tests.build import make_item, make_task, score_of


def test_a_known_name_makes_its_grader_with_its_options(tmp_path: Path) -> None:
    grader = make_grader(GraderSpec("numeric", {"tolerance": 1}), make_task(), tmp_path)

    assert grader.signature == "numeric@2(tolerance=1.0)"


def test_an_unknown_name_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="'exakt'") as caught:
        make_grader(GraderSpec("exakt"), make_task(), tmp_path)

    assert caught.value.fix == "did you mean 'exact'?"


def test_a_function_is_found_in_the_folder_of_the_eval_set(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text(
        "def short(answer, item):\n    return len(answer) < 3\n", encoding="utf-8"
    )

    grader = make_grader(GraderSpec("rules.py:short"), make_task(), tmp_path)

    assert score_of(grader.grade("no", make_item())).value == 1.0
