"""What grading costs: microseconds by grader and answer, and 100,000 scores by a mix of them.

    python benchmarks/graders.py

One process, one thread, answers of ordinary size (about 40 words, the reference as long), after one
answer that loads what a grader needs; the mix leaves out what works beside the run. CPU time, so that other
work on the machine does not count. Nothing here fails; figures are for the machine they were measured on.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalbench.core.evalset import GraderSpec, Item, Prompt, Task, TaskKind
from evalbench.core.score import Grader, is_slow
from evalbench.errors import MissingExtraError
from evalbench.graders.factory import make_grader

SCORES = 100_000
_MOST_S = 2.0
_BATCH = 200
_TEXT = """the order was sent to your old address and we will send it again on Monday without any further
cost please tell us if the parcel does not arrive within three days so that we can look into it at once"""
_WORDS = tuple(_TEXT.split())
_LABELS = ("billing", "bug", "delivery", "other")
_OBJECT = (
    '{"customer": "Ann Lee", "total": 41.5, '
    '"items": [{"sku": "X-17", "count": 2}, {"sku": "Y-3", "count": 1}]}'
)


@dataclass(frozen=True, slots=True)
class _Load:
    """A grader with its options, and how its answers and targets look."""

    name: str
    options: dict[str, Any]
    target: Callable[[random.Random], Any]
    answer: Callable[[random.Random], str]


def _sentence(generator: random.Random) -> str:
    words = list(_WORDS)
    for _ in range(6):
        words[generator.randrange(len(words))] = generator.choice(_WORDS)
    return " ".join(words)


def _label(generator: random.Random) -> str:
    return generator.choice(_LABELS)


def _text(name: str, **options: Any) -> _Load:
    return _Load(name, options, _sentence, _sentence)


_PARTS = [{"name": "token_f1", "options": {}}, {"name": "length", "options": {"max_words": 50}}]
_LOADS = (
    _text("exact"),
    _text("contains"),
    _Load("regex", {}, lambda _: r"(?i)monday|\d{3,}", _sentence),
    _text("token_f1"),
    _text("fuzzy"),
    _text("rouge"),
    _text("rouge", variant="2"),
    _text("bleu"),
    _text("chrf"),
    _text("similarity"),
    _text("similarity", method="minilm"),
    _Load("template", {}, lambda g: "Dear {{name}}, " + _sentence(g), _sentence),
    _text("length", max_words=50),
    _text("language", language="en"),
    _Load("refusal", {}, lambda _: "answer", _sentence),
    _Load("choice", {}, lambda _: "B", lambda g: f"{_sentence(g)}. The answer is (B)."),
    _Load("label", {}, _label, _label),
    _Load("labels", {}, lambda g: [_label(g)], lambda g: f"{_label(g)}, {_label(g)}"),
    _Load("numeric", {}, lambda g: str(g.randrange(99)), lambda g: f"{_sentence(g)} 17 + 4 = 21"),
    _Load("json_fields", {}, lambda _: _OBJECT, lambda g: _OBJECT.replace("X", g.choice("XZ"))),
    _Load(
        "json_schema", {"schema": {"type": "object", "required": ["total"]}}, lambda _: "", lambda _: _OBJECT
    ),
    _Load("reformat", {"format": "json"}, lambda _: _OBJECT, lambda g: _OBJECT.replace("X", g.choice("XZ"))),
    _text("all", graders=_PARTS),
)


def main() -> None:
    """Time every grader, then a mix of all."""
    task = Task("bench", TaskKind.GENERATION, GraderSpec("exact"), "mean", 0.05, 0.95, labels=_LABELS)
    costs_s: dict[str, float] = {}
    for load in _LOADS:
        spec = GraderSpec(load.name, load.options)
        try:
            grader = make_grader(spec, task, Path())
        except MissingExtraError as error:
            print(f"{load.name}: left out, {error.problem}")
            continue
        cost_s = _cost_s(grader, load)
        if is_slow(grader):
            print(f"{grader.signature}: {cost_s * 1e3:.1f} ms an answer, beside the run")
            continue
        costs_s[f"{load.name} {load.options.get('variant', '')}".strip()] = cost_s
    print(f"{'grader':<14}{'microseconds an answer':>24}{'seconds for 100,000':>22}")
    for name, cost_s in sorted(costs_s.items(), key=lambda each: each[1]):
        print(f"{name:<14}{cost_s * 1e6:>24.1f}{cost_s * SCORES:>22.1f}")
    mean_s = sum(costs_s.values()) / len(costs_s)
    print(f"{SCORES:,} scores, the same number by each of {len(costs_s)}: {mean_s * SCORES:.1f} s")


def _cost_s(grader: Grader, load: _Load) -> float:
    generator = random.Random(7)
    pairs = [
        (load.answer(generator), Item(str(number), _prompt(), load.target(generator)))
        for number in range(_BATCH)
    ]
    grader.grade(*pairs[0])
    graded, started_s = 0, time.process_time()
    while time.process_time() - started_s < _MOST_S:
        for answer, item in pairs:
            grader.grade(answer, item)
        graded += len(pairs)
    return (time.process_time() - started_s) / graded


def _prompt() -> Prompt:
    return Prompt("Which?\nA) the parcel\nB) the letter\nC) the bill\nD) none", fields={"name": "Ann Lee"})


if __name__ == "__main__":
    main()
