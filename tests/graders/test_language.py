from __future__ import annotations

import importlib.util

import pytest

from evalbench.errors import InputError
from evalbench.graders.language import Language
from tests.build import make_item, make_task

GERMAN = "Das ist ein schöner Tag, und wir gehen heute im Park spazieren."
ENGLISH = "It is a lovely day, and we are going for a walk in the park."

needs_extra = pytest.mark.skipif(
    importlib.util.find_spec("py3langid") is None, reason="the extra `language` is not installed"
)


@needs_extra
def test_the_language_of_an_answer_is_recognised() -> None:
    grader = Language({"language": "de"}, make_task())

    right, wrong = (grader.grade(text, make_item()) for text in (GERMAN, ENGLISH))

    assert (right.value, right.reading) == (1.0, "de")
    assert (wrong.value, wrong.reading, wrong.is_valid) == (0.0, "en", True)
    assert wrong.explanation.startswith("expected de, found en (")


@needs_extra
def test_the_target_can_name_the_language() -> None:
    grader = Language({}, make_task())

    assert grader.grade(GERMAN, make_item(target="de-AT")).value == 1.0
    assert grader.grade(GERMAN, make_item(target=["fr", "DE"])).value == 1.0
    assert [
        problem.item_id
        for problem in grader.check([make_item("1", target="German"), make_item("2", target="de")])
    ] == ["1"]


@needs_extra
@pytest.mark.parametrize("answer", ["Yes", "OK", "Berlin"])
def test_a_short_answer_is_undecidable_not_wrong_by_a_guess(answer: str) -> None:
    score = Language({"language": "en"}, make_task()).grade(answer, make_item())

    assert (score.value, score.is_valid) == (0.0, False)
    assert f"the language of {len(answer)} letters cannot be told" in score.explanation


@needs_extra
@pytest.mark.parametrize("answer", ["", "1234 5678", "🧪🧪"])
def test_an_answer_without_letters_is_in_no_language(answer: str) -> None:
    score = Language({"language": "en"}, make_task()).grade(answer, make_item())

    assert (score.is_valid, score.explanation) == (
        False,
        "the answer holds no letters, so it is in no language",
    )


@needs_extra
def test_knowing_what_can_occur_decides_shorter_answers() -> None:
    item, answer = make_item(), "Guten Tag"

    assert not Language({"language": "de"}, make_task()).grade(answer, item).is_valid
    assert Language({"language": "de", "among": ["de", "en"]}, make_task()).grade(answer, item).value == 1.0


@needs_extra
@pytest.mark.parametrize(
    "options",
    [
        {"language": "german"},
        {"language": "de", "among": ["en", "xx"]},
        {"language": "de", "among": ["en", "fr"]},
    ],
)
def test_a_language_that_cannot_be_recognised_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(InputError, match="cannot be recognised"):
        Language(options, make_task())
