"""Estimates: a value never travels without its interval, its count and its method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from evalbench.core.completion import Status
from evalbench.core.models import Price, Tier


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its two-sided interval; `count` is the number of independent units behind it.

    `low` and `high` are None where too little is known for an interval.
    """

    value: float
    low: float | None
    high: float | None
    level: float
    method: str
    count: int


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Latency percentiles in seconds over `trials` calls, with the interval of the 95th.

    `p95_high` is None below 59 calls, where no upper bound exists at 95 percent.
    """

    p50: float
    p95: float
    p99: float
    trials: int
    p95_high: float | None = None


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """USD of one tier: all its answers, and per item, with the interval of the mean.

    Every figure is None when any answer's cost is unknown: unknown is never 0. `lost_usd` is
    the part of the total that failed attempts were billed for.
    """

    total_usd: float | None
    per_item_usd: float | None
    per_correct_usd: float | None
    as_if_uncached_usd: float | None
    low_per_item_usd: float | None = None
    high_per_item_usd: float | None = None
    lost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What somebody else says the same answers cost: the sums of both over the answers they share."""

    own_usd: float
    other_usd: float


@dataclass(frozen=True, slots=True)
class TokenTotals:
    """Summed tokens by class; None where no answer reported the class."""

    input: int | None
    cache_read: int | None
    cache_write: int | None
    output: int | None
    reasoning: int | None


class Standing(StrEnum):
    """A tier on the plane of score and cost.

    `dominated`: another tier is no worse and no dearer, and one of both truly. `mixed_better`: a mix
    of two other tiers is (extended dominance, as in health economics).
    """

    EFFICIENT = "efficient"
    DOMINATED = "dominated"
    MIXED_BETTER = "mixed_better"


@dataclass(frozen=True, slots=True)
class TierEstimate:
    """What one tier did on one task. `score` is None when no item could be scored.

    `price` is what its answers are costed at, unless `is_cost_stated` by the answers themselves.
    `unknown_bills` counts failed attempts that may have been billed without anybody saying how
    much. `second_opinion` is None where nobody else computed the cost. `standing` is that among
    the tiers whose score and cost are known; `frontier_share` says in what share of resamples of
    the items no other tier was both no worse and no dearer. `scored_items` counts those that the
    score is of. `items_asked` says how far a run that may stop early has come with the tier,
    `is_stopped_early` that this settled it; they are None and False elsewhere.
    """

    tier: Tier
    model: str
    is_classical: bool
    trials: int
    score: Estimate | None
    answers: Mapping[Status, int]
    cost: CostEstimate
    latency: Percentiles | None
    first_token: Percentiles | None
    tokens: TokenTotals
    price_note: str | None = None
    price: Price | None = None
    is_cost_stated: bool = False
    unknown_bills: int = 0
    second_opinion: SecondOpinion | None = None
    standing: Standing | None = None
    frontier_share: float | None = None
    items_asked: int | None = None
    scored_items: int = 0
    is_stopped_early: bool = False


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How well one label was found: precision, recall and F1 (None where undefined)."""

    label: str
    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    predicted: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts of what was expected (rows) against what was read (columns) for one tier.

    `columns` ends with `(other)` where answers named no known label.
    """

    tier: Tier
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    classes: tuple[ClassScore, ...]
