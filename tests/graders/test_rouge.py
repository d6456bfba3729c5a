from __future__ import annotations

import pytest

from evalbench.graders.rouge import Rouge
from tests.build import make_item, make_task


@pytest.mark.parametrize(
    ("options", "value"),
    [
        ({}, 2 * 3 / (4 + 5)),
        ({"variant": "1"}, 2 * 4 / (4 + 5)),
        ({"variant": "2"}, 2 * 1 / (3 + 4)),
        ({"score": "recall"}, 3 / 5),
        ({"score": "precision"}, 3 / 4),
    ],
)
def test_each_variant_counts_what_it_says(options: dict[str, str], value: float) -> None:
    item = make_item(target="Police killed the gunman today.")

    score = Rouge(options, make_task()).grade("the gunman killed Police", item)
    other = Rouge(options, make_task()).grade("Police the gunman killed", item)

    assert max(score.value, other.value) == pytest.approx(value)


def test_the_best_reference_counts() -> None:
    item = make_item(target=["nothing alike", "A fine summary."])

    assert Rouge({}, make_task()).grade("a fine summary", item).value == 1.0


def test_a_text_too_short_for_one_ngram_is_right_only_when_equal() -> None:
    grader = Rouge({"variant": "2"}, make_task())

    assert [grader.grade(text, make_item(target="Yes")).value for text in ("yes.", "no", "")] == [
        1.0,
        0.0,
        0.0,
    ]


def test_scripts_without_spaces_are_compared_sign_by_sign() -> None:
    score = Rouge({"variant": "1"}, make_task()).grade("東京大学", make_item(target="東京都"))

    assert score.value == pytest.approx(2 * 2 / (4 + 3))


def test_a_target_without_words_is_a_problem() -> None:
    problems = Rouge({}, make_task()).check([make_item(target="…"), make_item(target="a")])

    assert [problem.message for problem in problems] == ['the target "…" holds no words to compare with']


def test_an_answer_too_long_to_compare_says_so() -> None:
    score = Rouge({}, make_task()).grade("a " * 60_000, make_item(target="a"))

    assert (score.value, score.is_valid) == (0.0, False)
    assert score.explanation == "the answer has 120,000 characters; more than 100,000 are not compared"


def test_sentences_count_on_their_own_lines_in_any_order() -> None:
    item = make_item(target="A cat sat.\nDogs ran away.")
    turned = "Dogs ran away.\nA cat sat."

    by_sentence, as_one = (
        Rouge({"variant": variant}, make_task()).grade(turned, item).value for variant in ("Lsum", "L")
    )

    assert by_sentence == 1.0
    assert as_one == pytest.approx(0.5)


def test_words_that_differ_only_by_their_endings_count_where_asked() -> None:
    item = make_item(target="The parcels were delivered")
    answer = "The parcel was delivering"

    plain, stemmed = (
        Rouge({"variant": "1", "stem": stems}, make_task()).grade(answer, item).value
        for stems in (False, True)
    )

    assert (plain, stemmed) == (0.25, 0.75)


def test_summaries_of_more_lines_than_can_be_compared_say_so() -> None:
    item = make_item(target="a\n" * 300)

    score = Rouge({"variant": "Lsum"}, make_task()).grade("b\n" * 400, item)

    assert (score.value, score.is_valid) == (0.0, False)
    assert score.explanation == "the answer has 400 lines, too many to compare with each of the target"
