"""Sequences whose members are kept elsewhere and read when they are asked for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TypeVar, overload

Member = TypeVar("Member")


class OnDemand(Sequence[Member]):
    """A sequence that is read one member at a time; a slice is read at once unless said otherwise."""

    @abstractmethod
    def at(self, place: int) -> Member:
        """The member at a place from 0 to the length less 1."""

    def some(self, places: range) -> Sequence[Member]:
        """The members at these places."""
        return tuple(map(self.at, places))

    @overload
    def __getitem__(self, index: int) -> Member: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Member]: ...

    def __getitem__(self, index: int | slice) -> Member | Sequence[Member]:
        if isinstance(index, slice):
            return self.some(range(*index.indices(len(self))))
        return self.at(range(len(self))[index])
