"""Learn how often a model is right, from items that it did not learn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from evalbench.core.evalset import Item
from evalbench.providers.local.learned import Answer, Learn
from evalbench.providers.local.splits import splits

IsRight: TypeAlias = Callable[[str, Item], bool]
"""Whether an answer is what the target of an item asks for."""

_FEWEST = 20
_MANY = 500
_LONG = 3_000
_FEW_PARTS = 3
_HALVES = 2
_MANY_PARTS = 6
_MOST_CHECKED = 1_000
_STEPS = 50
_RIDGE = 1.0


@dataclass(frozen=True, slots=True)
class Confidence:
    """The probability that an answer is right, from its evidence (logistic; Platt 1999)."""

    weights: npt.NDArray[np.float64]
    centre: npt.NDArray[np.float64]
    spread: npt.NDArray[np.float64]

    def of(self, answer: Answer) -> float:
        """How sure to be of one answer, from 0 to 1."""
        if len(answer.evidence) != len(self.centre):
            return float(1 / (1 + np.exp(-self.weights[0])))
        scaled = (np.asarray(answer.evidence) - self.centre) / self.spread
        logit = self.weights[0] + float(np.sum(self.weights[1:] * np.clip(scaled, -4, 4)))
        return float(1 / (1 + np.exp(-logit)))


def learn_confidence(learn: Learn, items: Sequence[Item], is_right: IsRight, seed: int) -> Confidence:
    """What a model's evidence is worth, by cross-validation.

    Items of one group are held out together, since a model that has seen one of them knows
    more of the others than it will know of new items. Of a long training split, one part is held out once.
    """
    evidence: list[tuple[float, ...]] = []
    right: list[bool] = []
    for kept, held_out in held_out_parts(items, seed):
        model = learn(kept, seed)
        for item in held_out:
            answer = model.answer(item.prompt)
            evidence.append(answer.evidence)
            right.append(is_right(answer.text, item))
    return fit_confidence(evidence, right)


def fit_confidence(evidence: Sequence[tuple[float, ...]], right: Sequence[bool]) -> Confidence:
    """Logistic regression of being right on the evidence; with little to go by, the base rate.

    One right and one wrong answer are added at the centre, so that nothing is ever certain.
    """
    # A model that learned from too little may be of another sort, with other evidence.
    width = Counter(map(len, evidence)).most_common(1)[0][0] if evidence else 0
    usable = [place for place, found in enumerate(evidence) if len(found) == width]
    evidence, right = [evidence[place] for place in usable], [right[place] for place in usable]
    rate = (sum(right) + 1) / (len(right) + 2)
    base = np.concatenate(([np.log(rate / (1 - rate))], np.zeros(width)))
    if len(right) < _FEWEST or not 0 < sum(right) < len(right):
        return Confidence(base, np.zeros(width), np.ones(width))
    observed = np.asarray(evidence, np.float64)
    centre, spread = observed.mean(axis=0), observed.std(axis=0)
    spread[spread < 1e-9] = 1.0  # noqa: PLR2004 - evidence that never changes says nothing
    scaled = np.clip((observed - centre) / spread, -4, 4)
    design = np.vstack((np.column_stack((np.ones(len(right)), scaled)), [[1.0, *[0.0] * width]] * 2))
    return Confidence(_rising(design, np.array([*right, 1, 0], np.float64), base), centre, spread)


def _rising(
    design: npt.NDArray[np.float64], outcome: npt.NDArray[np.float64], start: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Weights that are never negative: evidence that seems to mislead is left out, the worst first."""
    used = list(range(len(start)))
    while True:
        fitted = _newton(design[:, used], outcome, start[used])
        worst = min(range(1, len(used)), key=lambda place: fitted[place], default=0)
        if worst == 0 or fitted[worst] >= 0:
            weights = np.zeros(len(start))
            weights[used] = fitted
            return weights
        del used[worst]


def _newton(
    design: npt.NDArray[np.float64], outcome: npt.NDArray[np.float64], start: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    weights = start.copy()
    penalty = np.full(len(weights), _RIDGE)
    penalty[0] = 0.0
    for _ in range(_STEPS):
        fitted = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        slope = design.T @ (outcome - fitted) - penalty * weights
        curve = (design * (fitted * (1 - fitted))[:, None]).T @ design + np.diag(penalty + 1e-9)
        step = np.linalg.solve(curve, slope)
        step /= max(
            1.0, float(np.abs(step).max())
        )  # A full step may overshoot where answers are mostly right.
        weights += step
        if float(np.abs(step).max()) < 1e-6:  # noqa: PLR2004 - converged
            break
    return weights


def held_out_parts(items: Sequence[Item], seed: int) -> Iterator[tuple[list[Item], list[Item]]]:
    """Items to learn from beside items to try it out on: fewer such pairs of many items."""
    parts = _FEW_PARTS if len(items) < _MANY else _HALVES if len(items) < _LONG else _MANY_PARTS
    found = splits(items, parts, seed)
    for outside, within in islice(found, 1) if len(items) >= _LONG else found:
        yield [items[place] for place in outside], [items[place] for place in within[:_MOST_CHECKED]]
