"""English words without their endings: Porter's stemmer, in the variant that ROUGE is computed with.

Porter 1980 ("An algorithm for suffix stripping"), with the later refinements that NLTK applies by default,
since the package rouge-score stems by them. Tests hold it against both.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

_SHORTEST = 3
"""ROUGE leaves words of so many letters as they are."""

_REMEMBERED = 65_536

_IRREGULAR = {
    "skies": "sky",
    "dying": "die",
    "lying": "lie",
    "tying": "tie",
    "innings": "inning",
    "outings": "outing",
    "cannings": "canning",
    **{
        word: word for word in ("news", "inning", "outing", "canning", "howe", "proceed", "exceed", "succeed")
    },
}

_COMPOUND = {
    "ational": "ate",
    "tional": "tion",
    "enci": "ence",
    "anci": "ance",
    "izer": "ize",
    "bli": "ble",
    "alli": "al",
    "entli": "ent",
    "eli": "e",
    "ousli": "ous",
    "ization": "ize",
    "ation": "ate",
    "ator": "ate",
    "alism": "al",
    "iveness": "ive",
    "fulness": "ful",
    "ousness": "ous",
    "aliti": "al",
    "iviti": "ive",
    "biliti": "ble",
    "fulli": "ful",
    "logi": "log",
}
_DERIVED = {"icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": ""}
_BARE = {
    **dict.fromkeys(("al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent"), ""),
    **dict.fromkeys(("ion", "ou", "ism", "ate", "iti", "ous", "ive", "ize"), ""),
}


@lru_cache(_REMEMBERED)
def stem(word: str) -> str:
    """The stem of a word in lower case; short words and those of other scripts stay as they are."""
    if len(word) <= _SHORTEST or not word.isascii():
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    word = _without_past(_without_plural(word))
    if word.endswith("y") and _shape(word)[1:-1].endswith("c"):
        word = f"{word[:-1]}i"
    word = _without_compound(word)
    word = _replaced(word, _DERIVED, least=1)
    return _without_e(_replaced(word, _BARE, least=2))


def _shape(word: str) -> str:
    """`v` for each vowel and `c` for each consonant; y is a vowel behind a consonant."""
    shape = ""
    for letter in word:
        is_vowel = letter in "aeiou" or (letter == "y" and shape.endswith("c"))
        shape += "v" if is_vowel else "c"
    return shape


def _measure(word: str) -> int:
    """How often consonants follow vowels: Porter's m."""
    return _shape(word).count("vc")


def _is_short(word: str) -> bool:
    """Whether a word ends like `hop`, from which an e may be lost: Porter's *o; so does one like `us`."""
    shape = _shape(word)
    return shape == "vc" or (shape.endswith("cvc") and word[-1] not in "wxy")


def _without_plural(word: str) -> str:
    if word.endswith("ies"):
        return word[:-1] if len(word) == len("dies") else word[:-2]
    if word.endswith("sses"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _without_past(word: str) -> str:
    if word.endswith("ied"):
        return word[:-1] if len(word) == len("died") else word[:-2]
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for ending in ("ed", "ing"):
        rest = word.removesuffix(ending)
        if rest != word and "v" in _shape(rest):
            return _mended(rest)
    return word


def _mended(rest: str) -> str:
    """What stood before `ed` or `ing`: hop(ed) was hope, and hopp(ed) was hop."""
    if rest.endswith(("at", "bl", "iz")):
        return f"{rest}e"
    if rest[-1] == rest[-2:-1] and _shape(rest)[-1] == "c":
        return rest if rest[-1] in "lsz" else rest[:-1]
    return f"{rest}e" if _measure(rest) == 1 and _is_short(rest) else rest


def _without_compound(word: str) -> str:
    if word.endswith("alli") and _measure(word[:-4]) > 0:
        word = word[:-2]
    return _replaced(word, _COMPOUND, least=1)


def _replaced(word: str, endings: Mapping[str, str], least: int) -> str:
    """The word with its longest ending replaced, if what stands before it measures at least so much."""
    ending = next((word[start:] for start in range(len(word)) if word[start:] in endings), None)
    if ending is None:
        return word
    rest = word.removesuffix(ending)
    measured = f"{rest}l" if ending == "logi" else rest
    is_kept = ending == "ion" and not rest.endswith(("s", "t"))
    return word if is_kept or _measure(measured) < least else rest + endings[ending]


def _without_e(word: str) -> str:
    if word.endswith("e"):
        rest = word[:-1]
        measure = _measure(rest)
        if measure > 1 or (measure == 1 and not _is_short(rest)):
            word = rest
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word
