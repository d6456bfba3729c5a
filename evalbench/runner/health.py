"""When to give an endpoint up."""

from __future__ import annotations

from dataclasses import dataclass

from evalbench.core.completion import Failure

_FAILED_ALIKE = 2
_FAILED_ITEMS = 5
_FAILED_ITEMS_LATER = 20


@dataclass(slots=True)
class Health:
    """Tells an endpoint that fails everything from one that fails now and then."""

    has_answered: bool = False
    failed_alike: int = 0
    failed_items: int = 0

    def answered(self) -> None:
        """The endpoint gave an answer."""
        self.has_answered = True
        self.failed_alike = self.failed_items = 0

    def is_hopeless(self, failure: Failure, *, is_last: bool) -> bool:
        """Whether nothing more is to be hoped for after this failure, the last one of its item or not."""
        self.failed_alike += failure.concerns_all
        self.failed_items += is_last
        alike, items = _FAILED_ALIKE, _FAILED_ITEMS
        if self.has_answered:
            alike, items = _FAILED_ITEMS, _FAILED_ITEMS_LATER
        return self.failed_alike >= alike or self.failed_items >= items
