"""Labels in a chart that keep clear of each other and of the marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_BOLD_CHARACTER = 9.0
_CHARACTER = 7.0
_LINE = 15.0
_GAP = 13.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in drawing units."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """The shared area."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, width) * max(0.0, height)

    def area(self) -> float:
        """Width times height."""
        return (self.right - self.left) * (self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a label goes: the baseline of its first line, how it is anchored, what it covers."""

    x: float
    y: float
    anchor: str
    box: Box


def place_label(mark: tuple[float, float], lines: tuple[str, str], taken: Sequence[Box], limits: Box) -> Spot:
    """The spot around `mark` that hides least; the right-hand side is preferred."""
    spots = _spots(*mark, lines)
    return min(spots, key=lambda spot: _hidden(spot.box, taken, limits))


def _hidden(box: Box, taken: Sequence[Box], limits: Box) -> float:
    outside = box.area() - box.overlap(limits)
    return sum(box.overlap(other) for other in taken) + 2 * outside


def _spots(x: float, y: float, lines: tuple[str, str]) -> list[Spot]:
    width = max(_BOLD_CHARACTER * len(lines[0]), _CHARACTER * len(lines[1]))
    height = _LINE * sum(1 for line in lines if line)
    tops = (y - _LINE / 2 - 2, y - height - _GAP / 2, y + _GAP / 2, y - 2 * height, y + height)
    spots = [
        _spot((x + _GAP) if side == "start" else (x - _GAP - width), top, width, height, side)
        for top in tops
        for side in ("start", "end")
    ]
    return [
        *spots,
        _spot(x - width / 2, y - height - _GAP, width, height, "middle"),
        _spot(x - width / 2, y + _GAP, width, height, "middle"),
    ]


def _spot(left: float, top: float, width: float, height: float, anchor: str) -> Spot:
    at = {"start": left, "middle": left + width / 2, "end": left + width}[anchor]
    return Spot(at, top + _LINE - 3, anchor, Box(left, top, left + width, top + height))
