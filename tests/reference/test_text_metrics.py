"""Text metrics against independent implementations, on real and on random texts."""

from __future__ import annotations

import json
import random
import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from nltk.stem.porter import PorterStemmer
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from evalbench.core.evalset import Item
from evalbench.graders.exact import Exact
from evalbench.graders.rouge import Rouge
from evalbench.graders.stemmer import stem
from evalbench.graders.token_f1 import TokenF1
from evalbench.graders.translation import Bleu, Chrf
from evalbench.graders.words import tokens
from tests.build import make_item, make_task

ROOT = Path(__file__).parents[2]
REAL = ROOT.parent / "shared/data/plain"
WORDS = [
    "the",
    "a",
    "cat",
    "dog",
    "sat",
    "on",
    "mat",
    "ran,",
    "Fast!",
    "in",
    "1984",
    "and",
    "won't",
    "well-known",
    "(x)",
    "U.S.",
    "an",
    "again",
]


def test_stems_are_those_of_nltk_which_rouge_score_uses() -> None:
    generator, oracle = random.Random(4), PorterStemmer()
    endings = "s es ies ed ing ied eed alli ational bli logi fulli ion tion ization e ll y ence ement iveness"
    made = {
        "".join(generator.choices("abdeilnorstuyz1", k=generator.randint(2, 6)))
        + "".join(generator.choices([*endings.split(), ""], k=2))
        for _ in range(5_000)
    }
    text = " ".join(text for answer, targets in shipped_pairs() for text in (answer, *targets))
    words = {*made, *tokens(text), "skies", "dying", "innings", "proceed", "news", "howe"}

    assert len(words) > 4_000
    assert {word: stem(word) for word in words if len(word) > 3 and stem(word) != oracle.stem(word)} == {}


def squad_normalized(text: str) -> str:
    """As published with SQuAD 1.1: lower case, no punctuation, no articles, single spaces."""
    text = "".join(sign for sign in text.lower() if sign not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def squad_f1(answer: str, target: str) -> float:
    """As published with SQuAD 1.1."""
    own, other = squad_normalized(answer).split(), squad_normalized(target).split()
    same = sum((Counter(own) & Counter(other)).values())
    if same == 0:
        return 0.0
    precision, recall = same / len(own), same / len(other)
    return 2 * precision * recall / (precision + recall)


def random_text(generator: random.Random, most: int) -> str:
    return " ".join(generator.choices(WORDS, k=generator.randint(1, most)))


def random_pairs(seed: int, most: int = 30) -> list[tuple[str, list[str]]]:
    generator = random.Random(seed)
    return [
        (random_text(generator, most), [random_text(generator, most) for _ in range(generator.randint(1, 3))])
        for _ in range(300)
    ]


def shipped_pairs() -> list[tuple[str, list[str]]]:
    """Neighbouring requests of a shipped eval set, each against the next two."""
    lines = (ROOT / "evalsets" / "support-triage" / "items.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(line) for line in lines]
    inputs = [next(value for key, value in row.items() if key in ("text", "input")) for row in texts]
    return [(inputs[place], inputs[place + 1 : place + 3]) for place in range(len(inputs) - 2)]


def real_rows(name: str) -> list[tuple[str, str, list[str]]]:
    path = REAL / f"{name}.jsonl"
    if not path.is_file():
        pytest.skip(f"{path} with a public data set is not there")
    rows = map(json.loads, path.read_text("utf-8").splitlines())
    return [(row["id"], row["input"], row["target"]) for row in rows]


def answers_to(rows: Sequence[tuple[str, str, list[str]]]) -> list[tuple[str, list[str]]]:
    """Answers of all qualities: right ones, parts of the passage, and other items' answers."""
    generator, found = random.Random(11), []
    for number, (_, text, targets) in enumerate(rows):
        words = text.split()
        start = generator.randrange(max(1, len(words) - 8))
        part = " ".join(words[start : start + generator.randint(1, 8)])
        other = rows[number - 1][2][0]
        found += [(answer, targets) for answer in (targets[0], f"The {targets[0]}.", part, other)]
    return found


def by_line(text: str) -> str:
    """`text` in lines: at commas and ends of sentences, and before some words of the random texts."""
    return re.sub(r"[.,!?] | (?=the |ran)", "\n", text)


def items_of(pairs: Sequence[tuple[str, list[str]]]) -> list[tuple[str, Item]]:
    return [(answer, make_item(target=targets)) for answer, targets in pairs]


def assert_squad(pairs: Sequence[tuple[str, list[str]]]) -> None:
    grader = TokenF1({}, make_task())
    for answer, item in items_of(pairs):
        expected = max(squad_f1(answer, target) for target in item.target if squad_normalized(target))
        assert grader.grade(answer, item).value == pytest.approx(expected), answer


def test_token_f1_is_that_of_squad_on_random_texts() -> None:
    pairs = [
        (answer, [text for text in targets if squad_normalized(text)])
        for answer, targets in random_pairs(1, 8)
    ]

    assert_squad([pair for pair in pairs if pair[1] and squad_normalized(pair[0])])


def test_token_f1_is_that_of_squad_on_real_questions() -> None:
    assert_squad(answers_to(real_rows("xquad-en-qa")))


def test_what_matches_exactly_on_real_questions_has_a_token_f1_of_one() -> None:
    exact, token_f1 = Exact({}, make_task()), TokenF1({}, make_task())
    pairs = items_of(answers_to(real_rows("xquad-en-qa")))

    for answer, item in pairs:
        published = any(squad_normalized(answer) == squad_normalized(target) for target in item.target)
        if exact.grade(answer, item).value == 1.0:
            assert published, answer
        if published:
            assert token_f1.grade(answer, item).value == 1.0, answer
    right = sum(exact.grade(answer, item).value for answer, item in pairs)
    assert right >= len(pairs) / 4


@pytest.mark.parametrize(
    ("variant", "name", "is_stemming"),
    [
        ("1", "rouge1", False),
        ("2", "rouge2", False),
        ("3", "rouge3", False),
        ("L", "rougeL", False),
        ("Lsum", "rougeLsum", False),
        ("1", "rouge1", True),
        ("Lsum", "rougeLsum", True),
    ],
)
@pytest.mark.parametrize("source", ["random", "shipped", "real"])
def test_rouge_is_that_of_rouge_score(source: str, variant: str, name: str, *, is_stemming: bool) -> None:
    pairs = {
        "random": lambda: random_pairs(2),
        "shipped": lambda: shipped_pairs()[:150],
        "real": lambda: [
            (targets[0], targets[1:]) for _, _, targets in real_rows("e2e-template") if targets[1:]
        ][: 40 if is_stemming else 200],
    }[source]()
    make: Any = RougeScorer  # The package has no type information.
    scorer = make([name], use_stemmer=is_stemming)
    if name == "rougeLsum":  # Each sentence on a line of its own.
        pairs = [(by_line(answer), list(map(by_line, targets))) for answer, targets in pairs]
    graders = {
        measure: Rouge({"variant": variant, "score": measure, "stem": is_stemming}, make_task())
        for measure in ("f1", "recall", "precision")
    }

    for answer, item in items_of(pairs):
        found = [scorer.score(target, answer)[name] for target in item.target]
        for measure, expected in (
            ("f1", max(each.fmeasure for each in found)),
            ("recall", max(each.recall for each in found)),
            ("precision", max(each.precision for each in found)),
        ):
            if not expected and answer in item.target:
                continue  # Equal, and shorter than one n-gram: right here, 0 there.
            assert graders[measure].grade(answer, item).value == pytest.approx(expected), (
                answer,
                item.target,
            )


@pytest.mark.parametrize("source", ["random", "shipped", "real"])
@pytest.mark.parametrize(
    ("grader", "oracle"),
    [
        (Bleu({}, make_task()), BLEU()),
        (Bleu({"tokenizer": "intl", "case": "ignore"}, make_task()), BLEU(tokenize="intl", lowercase=True)),
        (Chrf({}, make_task()), CHRF()),
        (Chrf({"words": 2}, make_task()), CHRF(word_order=2)),
    ],
    ids=["bleu", "bleu intl", "chrf", "chrf++"],
)
def test_summed_counts_are_the_corpus_score_of_sacrebleu(
    source: str, grader: Bleu | Chrf, oracle: BLEU | CHRF
) -> None:
    sources: dict[str, Callable[[], list[tuple[str, list[str]]]]] = {
        "random": lambda: random_pairs(3),
        "shipped": shipped_pairs,
        "real": lambda: [
            (targets[0], targets[1:]) for _, _, targets in real_rows("e2e-template") if targets[1:]
        ],
    }
    pairs = sources[source]()
    most = max(len(targets) for _, targets in pairs)
    streams: Any = [
        [targets[place] if place < len(targets) else None for _, targets in pairs] for place in range(most)
    ]

    counts = [grader.grade(answer, item).statistics for answer, item in items_of(pairs)]
    found = grader.corpus_score([sum(column) for column in zip(*counts, strict=True)])

    expected = oracle.corpus_score([answer for answer, _ in pairs], streams).score / 100
    assert found == pytest.approx(expected, abs=1e-9)
    assert 0.02 < found < 1
