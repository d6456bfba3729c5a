"""Judge answers to multiple-choice questions by the choice they name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from string import ascii_uppercase

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.errors import InputError
from evalbench.graders.choices import choices_of
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import (
    MOST_COMPARED,
    NO_TARGET,
    accepted_texts,
    bare,
    normalized,
    shown,
    text_problems,
    tidied,
    too_long,
    without_fence,
)

_OPEN, _CLOSE = r"[ \n\"'`*_(\[{$]{0,6}", r"[\"'`*_)\]}$]{0,6}"
_ONE = r"([A-Za-z0-9])(?!\w|['\u2019]\w)"
_KIND = r"(?:option|choice|answer|letter)"
_ALONE = re.compile(rf"{_OPEN}(?:{_KIND} )?{_OPEN}{_ONE}{_CLOSE}[.):,;!]{{0,2}}{_CLOSE}", re.IGNORECASE)
_CONCLUDED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        (
            rf"\b(?:answer|(?:correct|right|best|final|my) (?:option|choice|letter))[*_]{{0,3}} ?"
            rf"(?:is|would be|should be|must be|:|=|->|\u2192)"
            rf"[*_]{{0,3}} ?:?[ \n]{{0,3}}(?:{_KIND} )?{_OPEN}{_ONE}"
        ),
        rf"\b(?:choose|pick|select|go with|chose|selected) (?:{_KIND} )?{_OPEN}{_ONE}",
        rf"\\boxed ?\{{ ?(?:\\text ?\{{)?{_OPEN}{_ONE}",
        rf"####[ \n]?{_OPEN}{_ONE}",
    )
)
_CONFIRMED = re.compile(
    rf"(?<![\w'])([A-Z0-9]){_CLOSE} (?:is|was) (?:indeed )?(?:the )?(?:correct|right|best|true)\b"
)
_LED = re.compile(
    rf"^[ >*_\"'`(\[#-]{{0,6}}(?:{_KIND} )?([A-Za-z0-9])"
    rf"(?:{_CLOSE}[).:\]]{_CLOSE}| [-\u2013\u2014] )([^\n]*)",
    re.MULTILINE | re.IGNORECASE,
)
_MENTIONED = re.compile(rf"\b{_KIND} {_OPEN}{_ONE}|\(([A-Z0-9])\)", re.IGNORECASE)
_STANDING = re.compile(
    r"(?<![\w'\u2019])(?:[B-HJ-Z](?![\w'\u2019])|[AI](?=[\"'`*_)\].!]{0,4}$|[,/]| (?:or|and|nor)\b))"
)
_ALSO = re.compile(rf"{_CLOSE} ?(?:or|and|nor|/|&) ?{_OPEN}{_ONE}")
_WORDS_TOO = frozenset("aeiouy0123456789")
"""Small letters that are words in some language, and digits, which may be amounts."""

_ENDS = re.compile(r"[\"'`*_)\]}$]{0,6}(?:[.,;:!)\n]|$)")


class Choice:
    """Right when the answer names the right choice: `B`, `(b).`, `**B)** because …`, `Option b`.

    The letter is looked for where it is clearest: as the whole answer, as its conclusion ("the answer is
    (B)"), at the start of a line, elsewhere; an option's text instead of its letter will do. The
    first of these places that names a choice counts. Where it names several, or the letter of
    one and the text of another, nothing is guessed: the answer is unreadable. What is offered is
    read off the column `choices` or `options` (or the one that `choices` names), else off the input's lines
    such as `A) Paris`; `letters: ABCD` says which letters exist.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("choice", options)
        letters = settings.text("letters")
        self._column = settings.text("choices")
        self.accepts_truncated = settings.flag("accept_truncated")
        self.signature = settings.sign(version=1)
        self._letters = None if letters is None else letters.upper()
        if self._letters is not None and (
            not re.fullmatch("[A-Z0-9]{2,26}", self._letters) or len(set(self._letters)) < len(self._letters)
        ):
            raise InputError(
                f"grader 'choice': option 'letters' is {letters!r}, not two or more different letters",
                "write for example `letters: ABCD`.",
            )

    def grade(self, answer: str, item: Item) -> Score:
        """1.0 for the right choice, 0.0 for another; several or none are unreadable."""
        if item.target is None:
            return NO_TARGET
        if len(answer) > MOST_COMPARED:
            return too_long(answer)
        offered = self._offered(item)
        found, where = _named(answer, offered)
        if len(found) != 1 or found[0] not in offered:
            return Score(0.0, None, _why_not(answer, found, offered, where), is_valid=False)
        wanted = {_target_letter(text, offered) for text in accepted_texts(item.target)}
        is_right = found[0] in wanted
        return Score(float(is_right), found[0], "" if is_right else f"expected {shown(item.target)}")

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that are neither a letter on offer nor an option's text."""
        problems = text_problems(items)
        hopeless = {problem.item_id for problem in problems}
        for item in items:
            if item.target is None or item.id in hopeless:
                continue
            offered = self._offered(item)
            for text in accepted_texts(item.target):
                if _target_letter(text, offered) is None:
                    letters = _spelled(offered)
                    reason = f"the target {shown(text)} is none of the choices {letters}, nor the text of one"
                    problems.append(Problem(item.id, reason))
        return problems

    def _offered(self, item: Item) -> Mapping[str, str]:
        """The choices of an item by letter; their texts are empty where only letters are known."""
        found = choices_of(item, self._column)
        if self._letters is None:
            return found or dict.fromkeys(ascii_uppercase, "")
        return {letter: found.get(letter, "") for letter in self._letters}


def _named(answer: str, offered: Mapping[str, str]) -> tuple[list[str], str]:
    """The choices named at the clearest place that names any, and what place that is."""
    lines = [tidied(line) for line in without_fence(answer).splitlines()]
    text = "\n".join(line for line in lines if line)
    first, _, rest = text.partition("\n")
    alone = _ALONE.fullmatch(first)
    if alone and (alone[1].upper() in offered or not _by_text(bare(text), offered)):
        # A conclusion further down may take back what stands on the first line.
        later = _said(_concluded(rest), offered)
        return sorted({alone[1].upper(), *later}), "alone"
    for where, letters in (
        ("text", _by_text(bare(text), offered)),
        ("conclusion", _said(_concluded(text), offered)),
        ("start", _led(text, offered)),
        ("mention", {each for each in _mentioned(text) if each in offered}),
        ("words", _within(text, offered)),
        ("letter", {match[0] for match in _STANDING.finditer(text) if match[0] in offered}),
    ):
        if letters:
            return sorted(letters), where
    return [], ""


def _concluded(text: str) -> set[str]:
    found = {letter for pattern in _CONCLUDED for letter in _letters(pattern, text)}
    return found | set(_CONFIRMED.findall(text))


def _said(letters: set[str], offered: Mapping[str, str]) -> set[str]:
    """Without the pronoun I and without amounts, unless they are on offer."""
    return {each for each in letters if each in offered or (each != "I" and each.isalpha())}


def _letters(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    for match in pattern.finditer(text):
        if match[1] not in _WORDS_TOO or _ENDS.match(text, match.end(1)):
            yield match[1].upper()
            if also := _ALSO.match(text, match.end(1)):
                yield also[1].upper()


def _led(text: str, offered: Mapping[str, str]) -> set[str]:
    """The letters at the start of a line, and the choice whose text stands behind another's letter."""
    found: set[str] = set()
    for letter, after in _LED.findall(text):
        if letter.upper() not in offered:
            continue
        found |= {letter.upper()} | _by_text(bare(after.strip()), offered)
        # "A: C" may be an answer that begins like a dialogue.
        if (alone := _ALONE.fullmatch(after.strip())) and alone[1].upper() in offered:
            found.add(alone[1].upper())
    return found


def _mentioned(text: str) -> set[str]:
    return {
        (match[1] or match[2]).upper()
        for match in _MENTIONED.finditer(text)
        if match[2] or match[1] not in _WORDS_TOO or _ENDS.match(text, match.end(1))
    }


def _by_text(text: str, offered: Mapping[str, str]) -> set[str]:
    """The choices whose text is all of `text`."""
    wanted = normalized(text)
    return {letter for letter, option in offered.items() if option and normalized(option) == wanted}


def _within(text: str, offered: Mapping[str, str]) -> set[str]:
    """The choices whose text occurs in `text` as whole words, and in no longer option that does."""
    left, found = f" {normalized(text)} ", set()
    for letter, option in sorted(offered.items(), key=lambda each: -len(each[1])):
        words = normalized(option)
        if words and (pattern := re.compile(rf"(?<!\w){re.escape(words)}(?!\w)")).search(left):
            found.add(letter)
            left = pattern.sub(" ", left)
    return found


def _target_letter(text: str, offered: Mapping[str, str]) -> str | None:
    alone = _ALONE.fullmatch(tidied(text))
    if alone and alone[1].upper() in offered:
        return alone[1].upper()
    by_text = _by_text(text, offered)
    return by_text.pop() if len(by_text) == 1 else None


def _why_not(answer: str, found: Sequence[str], offered: Mapping[str, str], where: str) -> str:
    if len(found) > 1 and where == "start":
        return f"the answer starts lines with several choices or their texts: {', '.join(found)}"
    if len(found) > 1:
        return f"the answer names several choices: {', '.join(found)}"
    if found:
        return f"the answer names {found[0]}, which is not one of {_spelled(offered)}"
    return f"the answer {shown(answer)} names none of the choices {_spelled(offered)}"


def _spelled(offered: Mapping[str, str]) -> str:
    letters = list(offered)
    return "A to Z" if len(letters) == len(ascii_uppercase) else ", ".join(letters)
