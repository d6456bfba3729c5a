"""Rewrite a table or a text in another format, in the way that training shows."""

from __future__ import annotations

from collections.abc import Sequence

from evalbench.core.evalset import Item
from evalbench.providers.local.converters import learn_converter
from evalbench.providers.local.learned import Learned
from evalbench.providers.local.programs import (
    is_tabular,
    learn_naive_program,
    learn_programs,
    learn_usual_program,
)
from evalbench.providers.local.texts import learn_most_frequent, learn_nearest, learn_voters


def learn_simple_format(items: Sequence[Item], seed: int) -> Learned:
    """The small reformatter."""
    if is_tabular(items):
        return learn_naive_program(items, seed)
    return learn_converter(items, "small") or learn_most_frequent(items, seed)


def learn_usual_format(items: Sequence[Item], seed: int) -> Learned:
    """The medium reformatter."""
    if is_tabular(items):
        return learn_usual_program(items, seed)
    return learn_converter(items, "medium") or learn_nearest(items, seed)


def learn_instructed_format(items: Sequence[Item], seed: int) -> Learned:
    """The large reformatter."""
    if is_tabular(items):
        return learn_programs(items, seed)
    return learn_converter(items, "large") or learn_voters(items, seed)
