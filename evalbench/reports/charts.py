"""Where everything stands in the cost-quality chart; the template only draws it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evalbench.core.estimate import Estimate, TierEstimate
from evalbench.core.money import Batch
from evalbench.core.recommendation import Finding
from evalbench.reports import numbers
from evalbench.reports.labels import Box, place_label
from evalbench.reports.plain_text import one_line
from evalbench.reports.roles import recommended_tier, roles

_TOP = 18.0
_BOTTOM = 46.0
_PAD = 1.7
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25)
_MOST_TICKS = 6


@dataclass(frozen=True, slots=True)
class Size:
    """One rendering of the chart; labels are short where there is little room."""

    name: str
    width: float
    height: float
    left: float
    strip: float
    is_short: bool


SIZES = (Size("wide", 900, 400, 54, 116, is_short=False), Size("narrow", 370, 360, 42, 76, is_short=True))


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis."""

    position: float
    label: str


@dataclass(frozen=True, slots=True)
class Strip:
    """A column beside the cost axis, for tiers that have no place on it."""

    left: float
    right: float
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One tier in the chart. Whisker ends are None where there is no interval."""

    x: float
    y: float
    x_whisker: tuple[float, float] | None
    y_whisker: tuple[float, float] | None
    is_current: bool
    is_recommended: bool
    is_classical: bool
    name: str
    note: str
    title: str
    label_x: float
    label_y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class CostChart:
    """A cost-quality chart of one task at one size, in drawing units."""

    size: Size
    left: float
    right: float
    top: float
    bottom: float
    x_ticks: tuple[Tick, ...]
    x_label: str
    y_ticks: tuple[Tick, ...]
    strips: tuple[Strip, ...]
    marks: tuple[Mark, ...]
    description: str


@dataclass(frozen=True, slots=True)
class _Point:
    estimate: TierEstimate
    score: Estimate
    batch: Batch
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class _Frame:
    """The scales: `x` places a cost in USD per batch of items, `y` a score."""

    left: float
    right: float
    bottom: float
    x_domain: tuple[float, float] | None
    y_domain: tuple[float, float]
    strips: tuple[Strip, ...]

    def x(self, cost_usd: float) -> float:
        low, high = self.x_domain or (1.0, 10.0)
        share = (math.log(cost_usd) - math.log(low)) / (math.log(high) - math.log(low))
        return self.left + min(1.0, max(0.0, share)) * (self.right - self.left)

    def y(self, value: float) -> float:
        low, high = self.y_domain
        return self.bottom - (min(high, max(low, value)) - low) / (high - low) * (self.bottom - _TOP)


def cost_charts(finding: Finding) -> tuple[CostChart, ...]:
    """The chart of `finding` at every size; none when no tier has a score."""
    points = [
        _Point(found, found.score, finding.batch, finding.batch.cost_usd(found.cost.per_item_usd))
        for found in finding.estimates
        if found.score is not None
    ]
    return tuple(_chart(finding, points, size) for size in SIZES) if points else ()


def _chart(finding: Finding, points: Sequence[_Point], size: Size) -> CostChart:
    frame = _frame(points, size)
    return CostChart(
        size=size,
        left=frame.left,
        right=frame.right,
        top=_TOP,
        bottom=frame.bottom,
        x_ticks=_x_ticks(frame, size),
        x_label=f"USD per {finding.batch.name}, log scale",
        y_ticks=_y_ticks(frame),
        strips=frame.strips,
        marks=_marks(finding, points, frame, size),
        description=" ".join(_title(finding, point) for point in points),
    )


def _frame(points: Sequence[_Point], size: Size) -> _Frame:
    placed = [point for point in points if point.cost_usd]
    has_free = any(point.cost_usd == 0 for point in points)
    has_unknown = any(point.cost_usd is None for point in points)
    left, right = size.left, size.width - 14.0
    if not placed:
        strips = _strips_only(left, right, has_free=has_free, has_unknown=has_unknown)
        return _Frame(left, right, size.height - _BOTTOM, None, _y_domain(points), strips)
    strips = ()
    if has_free:
        strips += (Strip(left, left + size.strip - 10, "no cost"),)
        left += size.strip
    if has_unknown:
        strips += (Strip(right - size.strip + 10, right, "cost unknown"),)
        right -= size.strip
    return _Frame(left, right, size.height - _BOTTOM, _x_domain(placed), _y_domain(points), strips)


def _strips_only(left: float, right: float, *, has_free: bool, has_unknown: bool) -> tuple[Strip, ...]:
    labels = ["no cost"] * has_free + ["cost unknown"] * has_unknown
    width = (right - left) / len(labels)
    return tuple(
        Strip(left + number * width, left + (number + 1) * width - 10, label)
        for number, label in enumerate(labels)
    )


def _x_domain(points: Sequence[_Point]) -> tuple[float, float]:
    values = [point.cost_usd for point in points if point.cost_usd]
    for point in points:
        ends = (point.estimate.cost.low_per_item_usd, point.estimate.cost.high_per_item_usd)
        values.extend(cost for end in ends if (cost := point.batch.cost_usd(end)) and cost > 0)
    return min(values) / _PAD, max(values) * _PAD


def _y_domain(points: Sequence[_Point]) -> tuple[float, float]:
    lows = [point.score.value if point.score.low is None else point.score.low for point in points]
    highs = [point.score.value if point.score.high is None else point.score.high for point in points]
    room = max(0.02, (max(highs) - min(lows)) * 0.08)
    return max(0.0, min(lows) - room), min(1.0, max(highs) + room)


def _x_ticks(frame: _Frame, size: Size) -> tuple[Tick, ...]:
    if frame.x_domain is None:
        return ()
    low, high = frame.x_domain
    decades = math.log10(high / low)
    room = 3.5 if size.is_short else 8.0
    mantissas = next(
        (chosen for chosen in ((1, 2, 5), (1, 3), (1,)) if decades * len(chosen) <= room),
        (1,),
    )
    step = max(1, math.ceil(decades / room))
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1, step)
    costs = [mantissa * 10.0**exponent for exponent in exponents for mantissa in mantissas]
    return tuple(Tick(frame.x(cost), numbers.price(cost)) for cost in costs if low <= cost <= high)


def _y_ticks(frame: _Frame) -> tuple[Tick, ...]:
    low, high = frame.y_domain
    step = next((step for step in _STEPS if (high - low) / step <= _MOST_TICKS), _STEPS[-1])
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return tuple(Tick(frame.y(n * step), f"{n * step * 100:g}") for n in range(first, last + 1))


def _marks(finding: Finding, points: Sequence[_Point], frame: _Frame, size: Size) -> tuple[Mark, ...]:
    places = [_place(point, points, frame) for point in points]
    taken = [Box(x - 11, y - 11, x + 11, y + 11) for x, y in places]
    whiskers = [_whisker(point.score.low, point.score.high, frame.y) for point in points]
    taken += [
        Box(x - 3, ends[1], x + 3, ends[0]) for (x, _), ends in zip(places, whiskers, strict=True) if ends
    ]
    limits = Box(size.left, _TOP - 14, size.width, frame.bottom)
    bars = [_x_whisker(point, frame) for point in points]
    taken += [Box(ends[0], y - 3, ends[1], y + 3) for (_, y), ends in zip(places, bars, strict=True) if ends]
    marks: list[Mark] = []
    for point, (x, y), bar, whisker in zip(points, places, bars, whiskers, strict=True):
        name, note = _label(finding, point.estimate, size)
        spot = place_label((x, y), (name, note), taken, limits)
        taken.append(spot.box)
        tier = point.estimate.tier
        marks.append(
            Mark(
                x=x,
                y=y,
                x_whisker=bar,
                y_whisker=whisker,
                is_current=tier == finding.run.models.current,
                is_recommended=tier == recommended_tier(finding),
                is_classical=point.estimate.is_classical,
                name=name,
                note=note,
                title=_title(finding, point),
                label_x=spot.x,
                label_y=spot.y,
                anchor=spot.anchor,
            )
        )
    return tuple(marks)


def _place(point: _Point, points: Sequence[_Point], frame: _Frame) -> tuple[float, float]:
    y = frame.y(point.score.value)
    if point.cost_usd:
        return frame.x(point.cost_usd), y
    label = "no cost" if point.cost_usd == 0 else "cost unknown"
    strip = next(strip for strip in frame.strips if strip.label == label)
    neighbours = [other for other in points if other.cost_usd == point.cost_usd]
    share = (neighbours.index(point) + 1) / (len(neighbours) + 1)
    return strip.left + share * (strip.right - strip.left), y


def _x_whisker(point: _Point, frame: _Frame) -> tuple[float, float] | None:
    if not point.cost_usd:
        return None
    cost = point.estimate.cost
    low, high = point.batch.cost_usd(cost.low_per_item_usd), point.batch.cost_usd(cost.high_per_item_usd)
    smallest = frame.x_domain[0] if frame.x_domain else None
    return _whisker(None if low is None or smallest is None else max(low, smallest), high, frame.x)


def _whisker(
    low: float | None, high: float | None, place: Callable[[float], float]
) -> tuple[float, float] | None:
    return None if low is None or high is None else (place(low), place(high))


def _label(finding: Finding, estimate: TierEstimate, size: Size) -> tuple[str, str]:
    name = one_line(estimate.tier)
    most = 16 if size.is_short else 30
    name = name if len(name) <= most else f"{name[: most - 1]}\u2026"
    words = roles(finding, estimate)
    if size.is_short:
        words = tuple(word.partition(",")[0] for word in words[:1])
    return name, " \u00b7 ".join(words)


def _title(finding: Finding, point: _Point) -> str:
    estimate = point.estimate
    words = roles(finding, estimate)
    role = f" ({', '.join(words)})" if words else ""
    low_high = numbers.span(point.score.low, point.score.high, numbers.score)
    between = f" ({low_high})" if low_high else ""
    cost = "cost unknown" if point.cost_usd is None else f"{numbers.price(point.cost_usd)} per {finding.batch.name}"
    return f"{one_line(estimate.tier)}{role}: score {numbers.score(point.score.value)}{between}, {cost}."
