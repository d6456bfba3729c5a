"""Judge answers that may differ from an accepted text by a few characters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rapidfuzz import fuzz

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import (
    MOST_COMPARED,
    NO_TARGET,
    accepted_texts,
    normalized,
    score_of_likeness,
    text_problems,
    too_long,
)

_HUNDRED = 100


class Fuzzy:
    """How alike the answer and the accepted text nearest to it are, or whether they are enough so.

    The score is 1 - D / (A + T): D is how many characters have to be inserted or deleted to turn
    one into the other, A and T are their lengths. With `threshold` it becomes 1.0 from there on and
    0.0 below. `order: ignore` sorts the words of both first. Case, spacing and quotes make no
    difference unless `normalize: none`. Likeness is no meaning: `not guilty` is near `guilty`.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("fuzzy", options)
        self._threshold = settings.share("threshold", 0.0)
        self._form: Callable[[str], str] = (
            normalized if settings.choice("normalize", ("text", "none")) == "text" else str
        )
        is_sorting = settings.choice("order", ("keep", "ignore")) == "ignore"
        self._ratio = fuzz.token_sort_ratio if is_sorting else fuzz.ratio
        self.accepts_truncated = settings.flag("accept_truncated")
        self.signature = settings.sign(version=1)

    def grade(self, answer: str, item: Item) -> Score:
        """The likeness to the nearest accepted text, or what the threshold makes of it."""
        if item.target is None:
            return NO_TARGET
        if len(answer) > MOST_COMPARED:
            return too_long(answer)
        reading = self._form(answer)
        likeness = max((self._likeness(reading, text) for text in accepted_texts(item.target)), default=0.0)
        return score_of_likeness(likeness, self._threshold, reading, item)

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that are no text."""
        return text_problems(items)

    def _likeness(self, reading: str, accepted: str) -> float:
        wanted = self._form(accepted)
        if reading == wanted:
            return 1.0
        return min(1.0, float(self._ratio(reading, wanted)) / _HUNDRED)
