"""Judge answers by how long they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.errors import InputError
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import NO_TARGET
from evalbench.graders.words import sentence_count, word_count

_COUNTERS: Mapping[str, Callable[[str], int]] = {
    "words": word_count,
    "characters": lambda text: len(text.strip()),
    "sentences": sentence_count,
}


@dataclass(frozen=True, slots=True)
class _Bounds:
    unit: str
    least: int | None
    most: int | None


class Length:
    """Right when the answer is neither too short nor too long, whatever the target says.

    Bounds are `min_words`, `max_words`, and the same for `characters` and `sentences`. Words are
    counted as a reader would, signs of Chinese, Japanese or Thai one by one; space around the
    answer counts for nothing; sentences are counted roughly. Made for combinations: length alone
    says nothing of what an answer is worth.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("length", options)
        said = [
            _Bounds(unit, settings.whole(f"min_{unit}"), settings.whole(f"max_{unit}")) for unit in _COUNTERS
        ]
        self.accepts_truncated = settings.flag("accept_truncated")
        self.signature = settings.sign(version=1)
        self._bounds = [bounds for bounds in said if (bounds.least, bounds.most) != (None, None)]
        if not self._bounds:
            raise InputError("grader 'length' has no bounds", "write for example `max_words: 50`.")
        for bounds in self._bounds:
            if bounds.least is not None and bounds.most is not None and bounds.least > bounds.most:
                raise InputError(
                    f"grader 'length': min_{bounds.unit} {bounds.least} is more than "
                    f"max_{bounds.unit} {bounds.most}",
                    "exchange the two.",
                )

    def grade(self, answer: str, item: Item) -> Score:
        """1.0 within all bounds, otherwise 0.0."""
        if item.target is None:
            return NO_TARGET
        counts = {bounds.unit: _COUNTERS[bounds.unit](answer) for bounds in self._bounds}
        wrong = [text for bounds in self._bounds if (text := _objection(bounds, counts[bounds.unit]))]
        reading = ", ".join(f"{count:,} {unit}" for unit, count in counts.items())
        return Score(float(not wrong), reading, "; ".join(wrong))

    def check(self, items: Sequence[Item]) -> list[Problem]:  # noqa: ARG002 - the target makes no difference
        """Nothing: any target will do."""
        return []


def _objection(bounds: _Bounds, count: int) -> str:
    if bounds.most is not None and count > bounds.most:
        return f"{count:,} {bounds.unit}, at most {bounds.most:,} allowed"
    if bounds.least is not None and count < bounds.least:
        return f"{count:,} {bounds.unit}, at least {bounds.least:,} wanted"
    return ""
