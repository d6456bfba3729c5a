"""Several tests at once: p-values adjusted so that many looks are not many chances to be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Step-down adjusted p-values (Holm 1979): the chance of any wrong rejection is at most alpha.

    Holds whatever the dependence between the tests.
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    scaled = (p_values[place] * (len(order) - rank) for rank, place in enumerate(order))
    return _in_place(order, [min(1.0, p_value) for p_value in accumulate(scaled, max)])


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Step-up adjusted p-values (Benjamini and Hochberg 1995): a bound on the share of wrong rejections.

    Weaker than `holm`: it does not bound the chance of a single wrong rejection.
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place], reverse=True)
    tests = len(order)
    scaled = (p_values[place] * tests / (tests - rank) for rank, place in enumerate(order))
    return _in_place(order, [min(1.0, p_value) for p_value in accumulate(scaled, min)])


def fixed_sequence(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values of tests in an order fixed beforehand: stop at the first failure.

    Needs no correction, but a later test counts only if all before it pass (Maurer et al. 1995).
    """
    return tuple(accumulate(p_values, max))


def _in_place(order: Sequence[int], adjusted: Sequence[float]) -> tuple[float, ...]:
    placed = [1.0] * len(order)
    for place, p_value in zip(order, adjusted, strict=True):
        placed[place] = p_value
    return tuple(placed)
