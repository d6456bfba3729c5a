"""Notice labels that are probably one, written in several ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

_SHOWN = 3


def spelled_alike(labels: Iterable[str]) -> list[list[str]]:
    """The labels that differ in nothing but case and blanks, such as `Billing`, `billing` and `BILLING `."""
    by_word: dict[str, list[str]] = defaultdict(list)
    for label in sorted(labels):
        by_word["".join(label.split()).casefold()].append(label)
    return [spellings for spellings in by_word.values() if len(spellings) > 1]


def spellings_words(alike: Sequence[Sequence[str]]) -> str:
    """What that does to scores, with the first of them."""
    shown = "; ".join(", ".join(map(repr, spellings)) for spellings in alike[:_SHOWN])
    more = "; and others" if len(alike) > _SHOWN else ""
    labels = "1 label is" if len(alike) == 1 else f"{len(alike)} labels are"
    return (
        f"{labels} written in several ways ({shown}{more}), "
        "and an answer in another way than the item's own counts as wrong"
    )
