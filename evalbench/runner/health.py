"""When to give an endpoint up."""

from __future__ import annotations

from dataclasses import dataclass

from evalbench.core.completion import Failure

_FAILED_ALIKE = 2
_FAILED_ITEMS = 5
_FAILED_ITEMS_LATER = 20
_ITEMS_OF_THEIR_OWN = 10


@dataclass(slots=True)
class Health:
    """Tells an endpoint that fails everything from one that fails now and then.

    Items that fail for good, each for itself, say nothing about an endpoint that answers others;
    before its first answer more of them are needed, and from more places, than of other failures.
    """

    has_answered: bool = False
    failed_alike: int = 0
    failed_items: int = 0
    failed_of_their_own: int = 0

    @property
    def is_in_doubt(self) -> bool:
        """Whether items failed for good and none was answered: those elsewhere would tell."""
        return self.failed_of_their_own > 0 and not self.has_answered

    def answered(self) -> None:
        """The endpoint gave an answer."""
        self.has_answered = True
        self.failed_alike = self.failed_items = 0

    def is_hopeless(self, failure: Failure, *, is_last: bool) -> bool:
        """Whether nothing more is to be hoped for after this failure, the last one of its item or not."""
        self.failed_alike += failure.concerns_all
        self.failed_items += is_last and not failure.is_items_own
        self.failed_of_their_own += is_last and failure.is_items_own
        if self.has_answered:
            return self.failed_alike >= _FAILED_ITEMS or self.failed_items >= _FAILED_ITEMS_LATER
        return (
            self.failed_alike >= _FAILED_ALIKE
            or self.failed_items >= _FAILED_ITEMS
            or self.failed_items + self.failed_of_their_own >= _ITEMS_OF_THEIR_OWN
        )
