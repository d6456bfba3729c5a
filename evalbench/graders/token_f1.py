"""Judge short answers by the words they share with an accepted one."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import (
    NO_TARGET,
    accepted_texts,
    folded,
    shown,
    storable,
    text_problems,
    tidied,
)
from evalbench.graders.words import tokens

_ARTICLE = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


class TokenF1:
    """The F1 of an answer's words and those of the accepted text that fits best.

    2 S / (A + T), with S words in common, A in the answer and T in the target, repeated words
    counted as often as both have them (SQuAD; Rajpurkar et al. 2016). Case, ASCII punctuation and
    the English articles make no difference; with `normalize: multilingual` no word is left out,
    all punctuation goes, and signs of Chinese, Japanese or Thai count one by one. A long answer
    that contains the right one loses precision. It knows no synonyms.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("token_f1", options)
        self._is_squad = settings.choice("normalize", ("squad", "multilingual")) == "squad"
        self.accepts_truncated = settings.flag("accept_truncated")
        self.signature = settings.sign(version=1)

    def grade(self, answer: str, item: Item) -> Score:
        """F1 with the accepted text that gives the most."""
        if item.target is None:
            return NO_TARGET
        words = self._words(answer)
        given = Counter(words)
        value = max(
            (_f1(given, Counter(self._words(text))) for text in accepted_texts(item.target)), default=0.0
        )
        explanation = "" if value == 1 else f"expected {shown(item.target)}"
        return Score(value, storable(" ".join(words[:_READING_WORDS])), explanation)

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that are no text."""
        return text_problems(items)

    def _words(self, text: str) -> list[str]:
        if not self._is_squad:
            return tokens(folded(tidied(text)))
        return _ARTICLE.sub(" ", text.lower().translate(_PUNCTUATION)).split()


_READING_WORDS = 500


def _f1(answer: Counter[str], target: Counter[str]) -> float:
    if not answer or not target:
        return float(answer == target)  # Nothing was to be said, and nothing was.
    common = (answer & target).total()
    return 2 * common / (answer.total() + target.total())
