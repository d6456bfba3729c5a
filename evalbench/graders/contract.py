"""What every grader promises, as a check that the tests of a grader can call.

from evalbench.graders.contract import broken_promises

def test_my_grader_keeps_the_contract():
    item = Item("1", Prompt("2 + 2 ="), target="4")
    assert broken_promises(lambda: MyGrader({}, task), item, right="4") == []
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from evalbench.core.completion import Failure
from evalbench.core.evalset import Item
from evalbench.core.score import Grader, Score, needs_target

LONGEST_S = 20.0
"""Far above what any answer needs, and far below what an unbounded search would."""

_MOST_BYTES = 50_000
_LONG = 1_000_000

HOSTILE_ANSWERS: Mapping[str, str] = {
    "empty": "",
    "whitespace": " \n\t\u00a0 ",
    "long word": "x" * _LONG,
    "long number": "7" * _LONG,
    "many numbers": "1 " * (_LONG // 2),
    "many words": "a b " * (_LONG // 4),
    "many lines": "A) b\n" * (_LONG // 5),
    "quotes": '"' * _LONG,
    "escaped quotes": '{"' + '\\"' * (_LONG // 2),
    "brackets": "[" * _LONG,
    "parentheses": "answer(" * 10_000,
    "deep list": "[" * 10_000 + "]" * 10_000,
    "deep object": '{"a":' * 10_000 + "1" + "}" * 10_000,
    "many empty lists": "[" + "[]," * 30_000 + "[]]",
    "unclosed tags": "<a " * (_LONG // 3),
    "unclosed comments": "<!--" * (_LONG // 4),
    "broken declaration": "<![",
    "html entities": "&amp;&#0;&#x110000;&nosuch;" * 1_000,
    "images": "![" * 10_000,
    "csv quoting": 'a,"b""\n,"",c"\n' * 5_000,
    "control characters": "\x00\x01\x1b[31m\x7f" * 100,
    "half surrogate": "\ud800 and \udfff",
    "emoji": "🧪" * 10_000,
    "combining marks": "e" + "\u0301" * 50_000,
    "right to left": "\u202eمرحبا بالعالم\u202c " * 1_000,  # noqa: RUF001 - Arabic, as meant
    "not a number": "NaN",
    "not a number inside": '{"a": NaN, "b": Infinity}',
    "huge exponent": "1e999999999",
    "huge exponent inside": '{"a": 1e99999999999999999999}',
    "repeated key": '{"a": 1, "a": 2}',
    "alias of itself": "a: &a [*a, *a]",
    "alias bomb": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    ),
    "entity bomb": '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>',
    "regex bomb": "a" * 5_000 + "!",
    "fences": "```\n" * 10_000,
}
"""Answers that have broken readers of text, by what is wrong with them."""


def broken_promises(make: Callable[[], Grader], item: Item, right: str) -> list[str]:
    """What a grader does that no grader may do; empty when it keeps the contract.

    `make` makes the grader, each time alike; `right` is an answer that must score 1.0 for `item`.
    """
    return list(_broken(make, item, right))


def _broken(make: Callable[[], Grader], item: Item, right: str) -> Iterator[str]:
    grader = make()
    yield from _broken_names(grader, make())
    if problems := grader.check([item]):
        yield f"finds fault with a good target: {problems[0].message}"
    before = copy.deepcopy(item)
    grade = grader.grade(right, item)
    if isinstance(grade, Failure):
        yield f"cannot grade the right answer: {grade.message}"
    elif grade.value != 1 or not grade.is_valid:
        yield f"gives the right answer {grade.value} ({grade.explanation or 'no explanation'})"
    if item != before:
        yield "changes the item it judges by"
    unlabelled = replace(item, target=None)
    if grader.check([unlabelled]):
        yield "finds fault with an item that has no target"
    grade = grader.grade(right, unlabelled)
    if needs_target(grader) and isinstance(grade, Score) and grade.value:
        yield "gives points where there is no target"
    for name, answer in {"right": right, **HOSTILE_ANSWERS}.items():
        yield from (f"answer {name!r}: {fault}" for fault in _faults(grader, answer, item))


def _broken_names(grader: Grader, again: Grader) -> Iterator[str]:
    if grader.signature != again.signature:
        yield f"has two signatures when made twice: {grader.signature!r} and {again.signature!r}"
    name, mark, _ = grader.signature.partition("@")
    if not name or not mark or not grader.signature.isprintable():
        yield f"has the signature {grader.signature!r}, not NAME@VERSION(options) on one line"
    if grader.accepts_truncated not in (True, False):
        yield "does not say with true or false whether it accepts truncated answers"


def _faults(grader: Grader, answer: str, item: Item) -> Iterator[str]:
    started_s = time.process_time()
    try:
        grade = grader.grade(answer, item)
    except Exception as error:  # noqa: BLE001 - whatever it raises is the finding
        yield f"raises {type(error).__name__}: {error}"
        return
    if time.process_time() - started_s > LONGEST_S:
        yield f"takes more than {LONGEST_S:g} s"
    if isinstance(grade, Score):
        yield from score_faults(grade)
    if grader.grade(answer, item) != grade:
        yield "is judged differently the second time"


def score_faults(score: Score) -> Iterator[str]:
    """What a score must not be, whatever the answer was."""
    if not (math.isfinite(score.value) and 0 <= score.value <= 1):
        yield f"scores {score.value}, not from 0 to 1"
    if not score.is_valid and (score.value or not score.explanation):
        yield "is unreadable, but has points or no explanation"
    text = f"{score.reading}{score.explanation}"
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        yield "leaves a reading or an explanation that no file can hold"
    else:
        if size > _MOST_BYTES:
            yield f"leaves {size:,} bytes of reading and explanation"
    if not all(math.isfinite(count) and count >= 0 for count in score.statistics):
        yield "leaves counts that cannot be summed"
