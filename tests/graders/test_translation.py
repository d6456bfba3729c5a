from __future__ import annotations

import pytest
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from evalbench.graders.translation import Bleu, Chrf
from tests.build import make_item, make_task


def test_signatures_say_how_sacrebleu_counts() -> None:
    bleu, chrf = Bleu({"tokenizer": "intl"}, make_task()), Chrf({"words": 2, "case": "ignore"}, make_task())

    assert bleu.signature.startswith("bleu@1(tokenizer=intl)[nrefs:var|case:mixed|eff:no|tok:intl|")
    assert chrf.signature.startswith(
        "chrf@1(case=ignore,words=2)[nrefs:var|case:lc|eff:yes|nc:6|nw:2|space:no|version:"
    )


def test_the_item_score_is_that_of_sacrebleu_for_one_sentence() -> None:
    answer, references = "the cat is on the mat", ["The cat sat on the mat.", "There is a cat on the mat."]
    item = make_item(target=references)

    assert Bleu({}, make_task()).grade(answer, item).value == pytest.approx(
        BLEU(effective_order=True).sentence_score(answer, references).score / 100
    )
    assert Chrf({}, make_task()).grade(answer, item).value == pytest.approx(
        CHRF().sentence_score(answer, references).score / 100
    )


@pytest.mark.parametrize("grader", [Bleu({}, make_task()), Chrf({}, make_task())], ids=["bleu", "chrf"])
def test_one_equal_word_is_right_and_nothing_is_wrong(grader: Bleu | Chrf) -> None:
    item = make_item(target="yes")

    assert [grader.grade(text, item).value for text in ("yes", "", "no")] == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("grader", [Bleu({}, make_task()), Chrf({}, make_task())], ids=["bleu", "chrf"])
def test_an_answer_too_long_counts_like_none_at_all(grader: Bleu | Chrf) -> None:
    item = make_item(target="a fine day")

    score = grader.grade("a " * 60_000, item)

    assert (score.is_valid, score.statistics) == (False, grader.counts("", ["a fine day"]))


@pytest.mark.parametrize("grader", [Bleu({}, make_task()), Chrf({}, make_task())], ids=["bleu", "chrf"])
def test_empty_targets_are_problems(grader: Bleu | Chrf) -> None:
    items = [make_item("1", target=""), make_item("2", target=["a", " "]), make_item("3", target="a")]

    assert [problem.item_id for problem in grader.check(items)] == ["1", "2"]
