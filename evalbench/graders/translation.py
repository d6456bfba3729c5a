"""Judge translations by the n-grams they share with a reference: BLEU and chrF, as sacrebleu counts them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import (
    MOST_COMPARED,
    NO_TARGET,
    accepted_texts,
    shown,
    storable,
    text_problems,
    too_long,
)

_TOKENIZERS = ("13a", "intl", "zh", "char", "none")
_HUNDRED = 100
_DECIMALS = 12
_BLEU_ORDER = 4


class NgramCounts(Protocol):
    """A grader whose scores carry counts that add up to a score of the whole corpus."""

    def counts(self, answer: str, references: Sequence[str]) -> tuple[float, ...]:
        """What one answer adds to the sums."""
        ...

    def corpus_score(self, sums: Sequence[float]) -> float:
        """The score of everything that was summed, from 0 to 1."""
        ...


class Bleu:
    """BLEU of the answer against the accepted translations (Papineni et al. 2002), from 0 to 1.

    The score of one item is sacrebleu's sentence BLEU: exponential smoothing, and only n-grams as
    long as the answer has. Sentence BLEU is noisy; `metric: bleu` sums the counts of all items
    first, which is the BLEU that papers report. It compares surfaces: a good paraphrase scores low,
    and scores of different languages or tokenizers cannot be compared.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("bleu", options)
        tokenizer = settings.choice("tokenizer", _TOKENIZERS)
        is_folding = settings.choice("case", ("keep", "ignore")) == "ignore"
        self.accepts_truncated = settings.flag("accept_truncated")
        signature = settings.sign(version=1)
        from sacrebleu.metrics.bleu import BLEU

        self._metric = BLEU(lowercase=is_folding, tokenize=tokenizer, effective_order=True)
        self.signature = f"{signature}[{_sacrebleu(BLEU(lowercase=is_folding, tokenize=tokenizer))}]"

    def grade(self, answer: str, item: Item) -> Score:
        """Sentence BLEU; the counts are those of the corpus metric."""
        return _graded(answer, item, self, self._sentence)

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets without words to compare with."""
        return _wordless(items)

    def counts(self, answer: str, references: Sequence[str]) -> tuple[float, ...]:
        """Length of answer and reference, then matching and all n-grams of 1 to 4 words."""
        found = self._metric.sentence_score(answer, list(references))
        return tuple(map(float, (found.sys_len, found.ref_len, *found.counts, *found.totals)))

    def corpus_score(self, sums: Sequence[float]) -> float:
        """Corpus BLEU from 0 to 1."""
        return self._value(sums, is_sentence=False)

    def _sentence(self, counts: Sequence[float]) -> float:
        return self._value(counts, is_sentence=True)

    def _value(self, sums: Sequence[float], *, is_sentence: bool) -> float:
        lengths, matches = sums[:2], sums[2 : 2 + _BLEU_ORDER]
        found = self._metric.compute_bleu(
            correct=[int(count) for count in matches],
            total=[int(count) for count in sums[2 + _BLEU_ORDER :]],
            sys_len=int(lengths[0]),
            ref_len=int(lengths[1]),
            smooth_method="exp",
            effective_order=is_sentence,
        )
        return _share(found.score)


class Chrf:
    """chrF of the answer against the accepted translations (Popovic 2015), from 0 to 1.

    The F-score, recall counting twice, of the character n-grams up to six; `words: 2` adds words
    and pairs of words (chrF++). Of several references the best counts. Like BLEU it compares
    surfaces, but is kinder to word endings and works for languages written without spaces.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("chrf", options)
        order = int(settings.choice("words", ("0", "1", "2")))
        is_folding = settings.choice("case", ("keep", "ignore")) == "ignore"
        self.accepts_truncated = settings.flag("accept_truncated")
        signature = settings.sign(version=1)
        from sacrebleu.metrics.chrf import CHRF

        self._metric = CHRF(word_order=order, lowercase=is_folding)
        self.signature = f"{signature}[{_sacrebleu(self._metric)}]"

    def grade(self, answer: str, item: Item) -> Score:
        """Sentence chrF; the counts are those of the corpus metric."""
        return _graded(answer, item, self, self.corpus_score)

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets without characters to compare with."""
        return _wordless(items)

    def counts(self, answer: str, references: Sequence[str]) -> tuple[float, ...]:
        """For each length of n-grams: those of the answer, of the best reference, and of both."""
        # sacrebleu has no public way to the counts, only to scores; the tests compare the outcome.
        (found,) = self._metric._extract_corpus_statistics([answer], [[text] for text in references])  # noqa: SLF001 - see above
        return tuple(map(float, found))

    def corpus_score(self, sums: Sequence[float]) -> float:
        """The chrF of all that was summed, from 0 to 1."""
        return _share(self._metric._compute_score_from_stats([int(count) for count in sums]).score)  # noqa: SLF001 - see `counts`


GRADERS: Mapping[str, type[Bleu | Chrf]] = {"bleu": Bleu, "chrf": Chrf}
"""The graders whose counts make a metric of the same name."""


def _graded(answer: str, item: Item, grader: NgramCounts, score: Callable[[Sequence[float]], float]) -> Score:
    if item.target is None:
        return NO_TARGET
    references = accepted_texts(item.target)
    if len(answer) > MOST_COMPARED:
        return too_long(answer, statistics=grader.counts("", references))
    counts = grader.counts(storable(answer, MOST_COMPARED), references)
    value = score(counts)
    explanation = "" if value == 1 else f"expected {shown(item.target)}"
    return Score(value, storable(answer.strip()), explanation, statistics=counts)


def _wordless(items: Sequence[Item]) -> list[Problem]:
    return text_problems(items) + [
        Problem(item.id, "the target is an empty text, with which nothing can be compared")
        for item in items
        if item.target is not None and any(not text.strip() for text in accepted_texts(item.target))
    ]


def _sacrebleu(metric: Any) -> str:
    """The signature of sacrebleu, by which papers say how a score came about."""
    metric.num_refs = -1  # Items may differ in how many references they have; sacrebleu says `var`.
    return str(metric.get_signature())


def _share(score: float) -> float:
    return min(1.0, round(score / _HUNDRED, _DECIMALS))
