"""Judge whether an answer is in the language that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.errors import InputError, nearest
from evalbench.graders.extras import require
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import NO_TARGET, accepted_texts, shown

_SURE = 0.5
_LONGEST_READ = 20_000
_NO_LANGUAGE = "zxx"


class Language:
    """Right when the answer is in the language of the option `language`, or that the target names.

    Languages are ISO 639 codes such as `de`. Each answer is recognised by its byte n-grams
    (naive Bayes, as in langid; Lui and Baldwin 2012), with a confidence; below `min_confidence` it
    is undecidable, which is unreadable and never a guess. Short answers, names and numbers often are,
    and neighbours such as Danish and Norwegian are taken for one another: list what can occur in
    `among` to help. Only the first 20,000 characters are read.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("language", options)
        language = settings.text("language")
        among = settings.texts("among")
        self._least = settings.share("min_confidence", _SURE)
        self.accepts_truncated = settings.flag("accept_truncated")
        self.signature = settings.sign(version=1)
        require("language", "py3langid", "language")
        self._identifier = _identifier(among)
        self._language = None if language is None else _code(language)
        for name, code in [("language", self._language), *(("among", code) for code in among)]:
            if code is not None and code not in self._known:
                raise InputError(
                    f"grader 'language': option {name!r} names {code!r}, which cannot be recognised"
                    + (" beside those in `among`" if among else ""),
                    nearest(code, self._known),
                )

    @property
    def _known(self) -> list[str]:
        return [str(code) for code in self._identifier.labels]

    def grade(self, answer: str, item: Item) -> Score:
        """1.0 for the right language, 0.0 for another."""
        if item.target is None:
            return NO_TARGET
        wanted = self._wanted(item.target)
        found, confidence = self._identifier.classify(answer[:_LONGEST_READ])
        if confidence < self._least or found == _NO_LANGUAGE:
            return Score(0.0, None, _undecidable(answer, found, confidence), is_valid=False)
        if found in wanted:
            return Score(1.0, found)
        return Score(0.0, found, f"expected {', '.join(wanted)}, found {found} ({confidence:.0%} sure)")

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that name no language, unless the option does."""
        if self._language is not None:
            return []
        return [
            Problem(item.id, f"the target {shown(item.target)} is no code of a language, such as `de`")
            for item in items
            if item.target is not None
            and not (item.target != [] and all(code in self._known for code in self._wanted(item.target)))
        ]

    def _wanted(self, target: JsonValue) -> tuple[str, ...]:
        if self._language is not None:
            return (self._language,)
        return tuple(_code(text) for text in accepted_texts(target))


def _undecidable(answer: str, found: str, confidence: float) -> str:
    letters = sum(map(str.isalpha, answer[:_LONGEST_READ]))
    if not letters:
        return "the answer holds no letters, so it is in no language"
    guess = "" if found == _NO_LANGUAGE else f"; {found} is likeliest, at {confidence:.0%}"
    return f"the language of {letters:,} letters cannot be told{guess}"


def _code(text: str) -> str:
    """`de` for `DE`, `de-AT` or `de_AT`."""
    return text.strip().lower().replace("_", "-").partition("-")[0]


@cache
def _identifier(among: tuple[str, ...]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = set(identifier.labels)
    if among and known.issuperset(among):
        identifier.set_languages(list(among))
    return identifier
