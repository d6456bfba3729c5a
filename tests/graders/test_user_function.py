from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from evalbench.core.evalset import JsonValue
from evalbench.errors import InputError
from evalbench.graders.user_function import UserFunction
from tests.build import make_item


def write(folder: Path, body: str) -> Path:
    path = folder / "my_graders.py"
    path.write_text(body, encoding="utf-8")
    return path


def grader_that_returns(folder: Path, expression: str) -> UserFunction:
    write(folder, f"def grade(answer, item):\n    return {expression}\n")
    return UserFunction("my_graders.py:grade", {}, folder)


def test_the_function_sees_the_answer_and_all_of_the_item(tmp_path: Path) -> None:
    keys = "answer + str(sorted(item)) + item['input'] + item['target'] + item['city']"
    grader = grader_that_returns(tmp_path, f"{{'score': 1, 'reading': {keys}}}")

    score = grader.grade("A", make_item(text="in", target="out", fields={"city": "Bonn"}))

    assert score.reading == "A['city', 'group', 'id', 'input', 'tags', 'target']inoutBonn"


@pytest.mark.parametrize(
    ("expression", "value"), [("True", 1.0), ("0.25", 0.25), ("0", 0.0), ("{'score': 0.5}", 0.5)]
)
def test_a_number_a_truth_value_or_a_dict_is_a_score(tmp_path: Path, expression: str, value: float) -> None:
    grader = grader_that_returns(tmp_path, expression)

    assert grader.grade("a", make_item()).value == value


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("None", "returns None, not a score from 0 to 1"),
        ("1.5", "returns 1.5"),
        ("-0.1", "returns -0.1"),
        ("float('nan')", "returns nan"),
        ("'1'", "returns '1'"),
        ("{'scor': 1}", "unknown key 'scor'"),
        ("{'reading': 'a'}", "a dict without 'score'"),
        ("item['nothing']", "raises KeyError: 'nothing'"),
        ("1 / 0", "raises ZeroDivisionError"),
    ],
)
def test_a_mistake_in_the_function_names_file_item_and_reason(
    tmp_path: Path, expression: str, reason: str
) -> None:
    grader = grader_that_returns(tmp_path, expression)

    with pytest.raises(InputError) as caught:
        grader.grade("a", make_item("q7"))

    assert reason in caught.value.problem
    assert str(tmp_path / "my_graders.py") in caught.value.problem
    assert "'q7'" in caught.value.problem


def test_one_call_cannot_spoil_the_target_of_the_next(tmp_path: Path) -> None:
    grader = grader_that_returns(tmp_path, "item['target'].pop() == 'a'")
    item = make_item(target=["b", "a"])

    values = [grader.grade("x", item).value for _ in range(2)]

    assert values == [1.0, 1.0]


def test_the_signature_holds_the_hash_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "def grade(answer, item):\n    return 1\n")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]

    grader = UserFunction("my_graders.py:grade", {}, tmp_path)

    assert grader.signature == f"my_graders.py:grade@{digest}"


def test_an_edited_file_is_read_anew(tmp_path: Path) -> None:
    first = grader_that_returns(tmp_path, "0")
    second = grader_that_returns(tmp_path, "1")

    assert (first.grade("a", make_item()).value, second.grade("a", make_item()).value) == (0.0, 1.0)
    assert first.signature != second.signature


def test_a_module_in_the_folder_is_found_by_its_name(tmp_path: Path) -> None:
    write(tmp_path, "def grade(answer, item):\n    return 1\n")

    grader = UserFunction("my_graders:grade", {}, tmp_path)

    assert grader.grade("a", make_item()).value == 1.0


def test_a_truncated_answer_is_accepted_when_asked(tmp_path: Path) -> None:
    write(tmp_path, "def grade(answer, item):\n    return 1\n")

    grader = UserFunction("my_graders.py:grade", {"accept_truncated": True}, tmp_path)

    assert grader.accepts_truncated
    assert grader.signature.endswith("(accept_truncated=true)")


@pytest.mark.parametrize(
    ("name", "body", "options", "reason"),
    [
        ("nowhere.py:grade", "", {}, "there is no file"),
        ("no_such_module:grade", "", {}, "cannot import 'no_such_module'"),
        ("my_graders.py:grad", "def grade(a, b): ...", {}, "has no function 'grad'"),
        ("my_graders.py:grade", "def grade(a): ...", {}, "does not take an answer and an item"),
        ("my_graders.py:grade", "async def grade(a, b): ...", {}, "is a coroutine function"),
        ("my_graders.py:grade", "1 / 0", {}, "raises ZeroDivisionError"),
        ("my_graders.py:grade", "def grade(", {}, "raises SyntaxError"),
        ("my_graders.py:", "", {}, "does not name a function"),
        ("my_graders.py:grade", "def grade(a, b): ...", {"speed": 1}, "no option 'speed'"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_runs(
    tmp_path: Path, name: str, body: str, options: dict[str, JsonValue], reason: str
) -> None:
    write(tmp_path, body)

    with pytest.raises(InputError) as caught:
        UserFunction(name, options, tmp_path)

    assert reason in caught.value.problem
    assert caught.value.fix


@pytest.mark.parametrize(
    "name", ["quality.rules:Rules.short", "quality.rules:instance", "quality.rules:Rules.of_class"]
)
def test_anything_callable_in_a_package_where_the_command_runs_is_a_grader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    package = tmp_path / "quality"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "limits.py").write_text("MOST = 3\n", encoding="utf-8")
    (package / "rules.py").write_text(
        "from quality.limits import MOST\n"
        "class Rules:\n"
        "    @staticmethod\n    def short(answer, item):\n        return len(answer) <= MOST\n"
        "    @classmethod\n    def of_class(cls, answer, item):\n        return cls.short(answer, item)\n"
        "    def __call__(self, answer, item):\n        return self.short(answer, item)\n"
        "instance = Rules()\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    path_before = list(sys.path)

    grader = UserFunction(name, {}, tmp_path / "evalsets")

    assert [grader.grade(answer, make_item()).value for answer in ("yes", "maybe")] == [1.0, 0.0]
    assert sys.path == path_before
    for module in ("quality", "quality.rules", "quality.limits"):
        monkeypatch.delitem(sys.modules, module)
