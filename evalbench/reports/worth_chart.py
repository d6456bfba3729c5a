"""Where the lines run that say how surely a tier pays off, by what one right answer is worth."""

from __future__ import annotations

import math
from dataclasses import dataclass

from evalbench.core.comparison import Comparison
from evalbench.core.recommendation import Finding
from evalbench.reports import numbers
from evalbench.reports.charts import Tick
from evalbench.reports.plain_text import one_line
from evalbench.reports.roles import recommended_tier

WIDTH, HEIGHT = 520.0, 240.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 50.0, 400.0, 14.0, 192.0
_LABEL_HEIGHT = 15.0
_DIGIT_WIDTH = 8.0
_LONGEST_NAME = 14
_SHARES = (0.0, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class WorthLine:
    """One tier's line as the points of a polyline, with the place of its name."""

    points: str
    name: str
    name_y: float
    is_recommended: bool


@dataclass(frozen=True, slots=True)
class WorthChart:
    """All tiers of a task whose costs are known, against the one in use today, in drawing units.

    `stated` marks what the task says a right answer is worth.
    """

    lines: tuple[WorthLine, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    reference: str
    description: str
    stated: Tick | None = None
    width: float = WIDTH
    height: float = HEIGHT
    left: float = _LEFT
    right: float = _RIGHT
    top: float = _TOP
    bottom: float = _BOTTOM


def worth_chart(finding: Finding) -> WorthChart | None:
    """The chart of a task; None where no cost is known, or no tier was compared."""
    drawn = [found for found in finding.comparisons if _is_drawable(found)]
    if not drawn:
        return None
    lowest = min(found.acceptability[0][0] for found in drawn)
    highest = max(found.acceptability[-1][0] for found in drawn)
    domain = math.log(lowest), math.log(highest)
    names_y = _apart([_y(found.acceptability[-1][1]) for found in drawn])
    return WorthChart(
        lines=tuple(
            WorthLine(
                points=" ".join(f"{_x(worth, domain):.1f},{_y(share):.1f}" for worth, share in found.acceptability),
                name=_name(found),
                name_y=name_y,
                is_recommended=found.tier == recommended_tier(finding),
            )
            for found, name_y in zip(drawn, names_y, strict=True)
        ),
        x_ticks=_x_ticks(domain),
        y_ticks=tuple(Tick(_y(share), f"{share * 100:.0f} %") for share in _SHARES),
        reference=one_line(finding.run.models.current),
        description=" ".join(map(_description, drawn)),
        stated=_stated(finding.run.task.value_usd, domain),
    )


def _stated(value_usd: float | None, domain: tuple[float, float]) -> Tick | None:
    """Where the value lies that the task states, if the chart reaches so far."""
    if value_usd is None or not domain[0] <= math.log(value_usd) <= domain[1]:
        return None
    return Tick(_x(value_usd, domain), numbers.price(value_usd))


def _is_drawable(found: Comparison) -> bool:
    return bool(found.acceptability) and not any(math.isnan(share) for _, share in found.acceptability)


def _x(worth_usd: float, domain: tuple[float, float]) -> float:
    low, high = domain
    return _LEFT + (math.log(worth_usd) - low) / (high - low) * (_RIGHT - _LEFT)


def _y(share: float) -> float:
    return _BOTTOM - share * (_BOTTOM - _TOP)


def _x_ticks(domain: tuple[float, float]) -> tuple[Tick, ...]:
    low, high = (end / math.log(10) for end in domain)
    tens = [10.0**power for power in range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)]
    ticks = [Tick(_x(worth_usd, domain), numbers.price(worth_usd)) for worth_usd in tens]
    is_crowded = max((len(tick.label) for tick in ticks), default=0) * _DIGIT_WIDTH > (_RIGHT - _LEFT) / max(
        1, len(ticks)
    )
    return tuple(ticks[:: 2 if is_crowded else 1])


def _apart(wanted: list[float]) -> list[float]:
    """Heights for names, in the same order from top to bottom, that leave each its room."""
    placed = list(wanted)
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    for above, place in zip(order, order[1:], strict=False):
        placed[place] = max(placed[place], placed[above] + _LABEL_HEIGHT)
    excess = max(0.0, max(placed) - _BOTTOM)
    return [height - excess for height in placed]


def _name(found: Comparison) -> str:
    name = one_line(found.tier)
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}\u2026"


def _description(found: Comparison) -> str:
    (least_usd, first), (most_usd, last) = found.acceptability[0], found.acceptability[-1]
    return (
        f"{one_line(found.tier)}: {first * 100:.0f} % where a right answer is worth {numbers.price(least_usd)}, "
        f"{last * 100:.0f} % where it is worth {numbers.price(most_usd)}."
    )
