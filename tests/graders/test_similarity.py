from __future__ import annotations

import random

import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from evalbench.graders.similarity import Similarity
from tests.build import make_item, make_task


def grade(answer: str, target: object, **options: object) -> float:
    return Similarity(options, make_task()).grade(answer, make_item(target=target)).value


def test_equal_texts_are_wholly_alike_and_strange_ones_not_at_all() -> None:
    assert [grade("The cat.", "the cat"), grade("xyz", "the cat")] == [1.0, 0.0]


def test_word_stems_in_common_make_texts_alike() -> None:
    near, far = (
        grade("translating documents", "translation of a document"),
        grade("walking dogs", "translation of a document"),
    )

    assert near > 0.4 > far


def test_the_cosine_is_that_of_the_counted_ngrams() -> None:
    # " ab ", " ab", "ab " against " ac ", " ac", "ac ": none in common; against itself plus a word, half.
    assert grade("ab", "ac") == 0.0
    assert grade("ab cd", "ab") == pytest.approx(3 / (6 * 3) ** 0.5)


def test_the_cosine_is_that_of_scikit_learn() -> None:
    generator = random.Random(3)
    words = ["the", "a", "cat", "catalogue", "x", "of", "naïve", "東京", "one-two", "42", "🧪", "the"]
    for _ in range(200):
        own, other = (" ".join(generator.choices(words, k=generator.randint(1, 12))) for _ in range(2))
        vectors = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), use_idf=False, sublinear_tf=True, lowercase=False
        ).fit_transform([own, other])

        assert grade(own, other) == pytest.approx(float((vectors[0] @ vectors[1].T).toarray()[0, 0]))


def test_the_nearest_accepted_text_counts() -> None:
    assert grade("a fine day", ["something else", "a fine day"]) == 1.0


def test_other_items_make_no_difference() -> None:
    grader = Similarity({}, make_task())
    before = grader.grade("the cat sat", make_item(target="the cat ran")).value
    grader.grade("cat cat cat", make_item(target="cats and cats"))

    assert grader.grade("the cat sat", make_item(target="the cat ran")).value == before


@pytest.mark.parametrize(
    ("answer", "target", "value"), [("", "", 1.0), ("", "a", 0.0), ("a", "", 0.0), ("🧪", "🧪", 1.0)]
)
def test_texts_of_next_to_nothing_are_compared(answer: str, target: str, value: float) -> None:
    assert grade(answer, target) == value


@pytest.mark.parametrize(("threshold", "value"), [(0.3, 1.0), (0.9, 0.0)])
def test_a_threshold_makes_it_right_or_wrong(threshold: float, value: float) -> None:
    assert grade("the cat sat", "the cat ran", threshold=threshold) == value
