"""Small inline drawings: one difference with its interval, and the trend of a score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalbench.core.comparison import Comparison

STRIP_WIDTH = 200.0
STRIP_HEIGHT = 26.0
_MARGIN = 6.0


@dataclass(frozen=True, slots=True)
class DifferenceStrip:
    """A difference on a line with `no difference` and the largest drop allowed marked."""

    zero: float
    allowed: float
    low: float
    high: float
    value: float
    title: str


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A trend as the points of a polyline, with the last one marked."""

    points: str
    last_x: float
    last_y: float
    title: str


def difference_strip(
    found: Comparison, among: Sequence[Comparison], max_drop: float
) -> DifferenceStrip | None:
    """`found` on a scale shared by all comparisons of its task; None without an interval."""
    if found.difference is None or found.low is None or found.high is None:
        return None
    ends = [end for other in among for end in (other.low, other.high) if end is not None]
    low, high = min(*ends, -max_drop, 0.0), max(*ends, 0.0)
    room = (high - low) * 0.06

    def place(value: float) -> float:
        share = (value - low + room) / (high - low + 2 * room)
        return _MARGIN + share * (STRIP_WIDTH - 2 * _MARGIN)

    return DifferenceStrip(
        zero=place(0.0),
        allowed=place(-max_drop),
        low=place(found.low),
        high=place(found.high),
        value=place(found.difference),
        title=f"{found.tier} against {found.reference}",
    )


def sparkline(
    values: Sequence[float], title: str, size: tuple[float, float] = (120.0, 28.0)
) -> Sparkline | None:
    """The trend of `values`, oldest first, on a scale that fits them; None for fewer than two."""
    if len(values) < 2:  # noqa: PLR2004 - a trend has at least two points
        return None
    width, height = size
    low, high = min(values), max(values)
    middle, spread = (low + high) / 2, max(high - low, 0.02)
    places = [
        (
            3 + number / (len(values) - 1) * (width - 6),
            height / 2 - (value - middle) / spread * (height - 8),
        )
        for number, value in enumerate(values)
    ]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return Sparkline(points, places[-1][0], places[-1][1], title)
