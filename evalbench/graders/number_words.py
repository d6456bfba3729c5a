"""Read numbers that are written out in English words."""

from __future__ import annotations

import re

_SMALL = {
    word: value
    for value, word in enumerate(
        (
            *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
            *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen"),
            *("sixteen", "seventeen", "eighteen", "nineteen"),
        )
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), start=2
    )
}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
_SIGNS = {"minus": -1, "negative": -1}
_WORD = re.compile(r"[A-Za-z]+")
_LONGEST_UNIT = 2
_LONGEST = 200


def number_in_words(text: str) -> int | None:
    """The value of a text such as `Twenty-one`, `three hundred and five dollars`, or None.

    The number has to come first, and no more than two words may follow: `one of us knows` is no number.
    """
    if len(text) > _LONGEST or not text.isascii():
        return None
    words = [word.lower() for word in _WORD.findall(text)]
    sign = _SIGNS.get(words[0], 1) if words else 1
    start = 1 if sign < 0 else 0
    end = start
    while end < len(words) and _is_number_word(words, end, start):
        end += 1
    if end == start or len(words) - end > _LONGEST_UNIT:
        return None
    value = _value(words[start:end])
    return None if value is None else sign * value


def _is_number_word(words: list[str], place: int, start: int) -> bool:
    word = words[place]
    is_and = word == "and" and place > start and place + 1 < len(words) and _is_plain(words[place + 1])
    return is_and or _is_plain(word) or (word in _SCALES or word == "hundred")


def _is_plain(word: str) -> bool:
    return word in _SMALL or word in _TENS


def _value(words: list[str]) -> int | None:
    """The sum of the parts before each of thousand, million and billion; None for a heap of numbers."""
    total, part, last_scale = 0, 0, 10**12
    room = 1000  # What is added to a part has to be smaller than what it follows.
    for word in words:
        if word == "and":
            continue
        if word in _SCALES:
            if not part or _SCALES[word] >= last_scale:
                return None
            last_scale = _SCALES[word]
            total, part, room = total + part * last_scale, 0, 1000
        elif word == "hundred":
            if not 0 < part < 10:  # noqa: PLR2004 - up to nine hundred
                return None
            part, room = part * 100, 100
        else:
            value = _SMALL.get(word, _TENS.get(word, 0))
            if value >= room:
                return None
            part, room = part + value, (10 if word in _TENS else 1)
    return total + part
