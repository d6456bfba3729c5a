"""Judge answers by several graders at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evalbench.core.completion import Failure
from evalbench.core.evalset import GraderSpec, Item
from evalbench.core.score import Grade, Grader, Problem, Score, is_quick, needs_target, objection_of
from evalbench.errors import InputError
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import NO_TARGET, storable

_PART_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Part:
    """One grader of a combination; `weight` counts for `weighted` alone."""

    name: str
    grader: Grader
    weight: float = 1.0


class Combination:
    """What several graders make of an answer together.

    `all` is worth as much as its worst part, so 1.0 only when every part is; `any` as much as its
    best; `weighted` is the mean by weight. Under `all` an answer that one part cannot read is unreadable,
    otherwise one that no part can read. The explanation names the parts that are not satisfied.

    Parts that run or ask something come last, and only while the others leave the score open: a judge
    is not paid for what is decided. What one of them cannot grade leaves the whole ungraded,
    unless the others decide it.
    """

    def __init__(self, spec: GraderSpec, parts: Sequence[Part]) -> None:
        self._kind = spec.name
        self._parts = tuple(parts)
        self._in_turn = sorted(range(len(parts)), key=lambda place: not is_quick(parts[place].grader))
        self.is_slow = not all(is_quick(part.grader) for part in parts)
        self.needs_target = any(needs_target(part.grader) for part in parts)
        settings = GraderOptions(
            spec.name, {key: value for key, value in spec.options.items() if key != "graders"}
        )
        self.accepts_truncated = settings.flag("accept_truncated")
        inner = ",".join(self._signed(part) for part in parts)
        self.signature = f"{settings.sign(version=1)}[{inner}]"
        if not parts:
            raise InputError(
                f"grader {spec.name!r} combines nothing", f"write for example `{spec.name}: [exact]`."
            )
        for part in parts:
            if part.grader.accepts_truncated:
                raise InputError(
                    f"grader {spec.name!r}: its part {part.name!r} has the option 'accept_truncated', "
                    "which only the whole can have",
                    f"move `accept_truncated: true` beside `{spec.name}:`.",
                )

    @property
    def graders(self) -> tuple[Grader, ...]:
        """Those that are combined."""
        return tuple(part.grader for part in self._parts)

    def objection(self) -> str | None:
        """Why a part could grade nothing on this machine, and so the whole; None when all can."""
        return next(filter(None, map(objection_of, self.graders)), None)

    def grade(self, answer: str, item: Item) -> Grade:
        """The scores of all parts as one."""
        if item.target is None and self.needs_target:
            return NO_TARGET
        scores: dict[int, Score] = {}
        failure: Failure | None = None
        for place in self._in_turn:
            grader = self._parts[place].grader
            if not is_quick(grader) and self._is_decided(scores.values()):
                break
            grade = grader.grade(answer, item)
            if not isinstance(grade, Failure):
                scores[place] = grade
            elif self._kind == "weighted":
                return grade
            else:
                failure = failure or grade
        if failure is not None and not self._is_decided(scores.values()):
            return failure
        return self._together([(self._parts[place], scores[place]) for place in sorted(scores)])

    def _is_decided(self, scores: Iterable[Score]) -> bool:
        """Whether no further part could change the score."""
        if self._kind == "weighted":
            return False
        decisive = 0.0 if self._kind == "all" else 1.0
        return any(score.value == decisive for score in scores)

    def _together(self, pairs: Sequence[tuple[Part, Score]]) -> Score:
        scores = [score for _, score in pairs]
        readings = [_short(part, score.reading) for part, score in pairs if score.reading is not None]
        failed = [_why(part, score) for part, score in pairs if score.value < 1]
        together = all if self._kind == "all" else any
        is_valid = together(score.is_valid for score in scores)
        value = self._value([score.value for score in scores])
        return Score(
            value if is_valid else 0.0,
            storable("; ".join(readings)) if readings else None,
            "" if value == 1 else storable("; ".join(failed)),
            is_valid=is_valid,
        )

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """What the parts find; under `any`, only items that no part could ever accept."""
        found = [[(part.name, problem) for problem in part.grader.check(items)] for part in self._parts]
        hopeless = {problem.item_id for problems in found for _, problem in problems}
        if self._kind == "any":
            hopeless = set.intersection(*({problem.item_id for _, problem in own} for own in found))
        return [
            Problem(problem.item_id, f"{name}: {problem.message}")
            for problems in found
            for name, problem in problems
            if problem.item_id in hopeless
        ]

    def _value(self, values: Sequence[float]) -> float:
        if self._kind == "all":
            return min(values)
        if self._kind == "any":
            return max(values)
        weights = [part.weight for part in self._parts]
        return min(1.0, math.fsum(map(math.prod, zip(weights, values, strict=True))) / math.fsum(weights))

    def _signed(self, part: Part) -> str:
        return (
            f"{part.weight:g}*{part.grader.signature}" if self._kind == "weighted" else part.grader.signature
        )


def _short(part: Part, reading: str | None) -> str:
    return f"{part.name}: {storable(reading or '', _PART_CHARACTERS)}"


def _why(part: Part, score: Score) -> str:
    reason = f": {storable(score.explanation, _PART_CHARACTERS)}" if score.explanation else ""
    return f"{part.name} {score.value:.2g}{reason}"
