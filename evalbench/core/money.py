"""Money as people read it: amounts to the cent, prices with the digits that matter."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

MINUS = "\u2212"

CENT_USD = 0.01
"""Below this, a price is easier to read for many than for one."""

_WHOLE_DOLLARS_USD = 99.995
"""From here on cents say nothing."""
_DIGITS_OF_A_PRICE = 2
_MOST_DECIMALS = 15


@dataclass(frozen=True, slots=True)
class Batch:
    """How many items a cost is stated for; `name` completes the phrase `$1.90 per ...`."""

    items: int
    name: str

    def cost_usd(self, per_item_usd: float | None) -> float | None:
        """The cost of a batch from that of one item; an unknown cost stays unknown."""
        if per_item_usd is None or not math.isfinite(per_item_usd):
            return None
        return per_item_usd * self.items


THOUSAND = Batch(1_000, "1,000 items")
MILLION = Batch(1_000_000, "million items")


def batch_of(costs_per_item_usd: Iterable[float | None]) -> Batch:
    """1,000 items, or a million where even the dearest of some costs would drown in zeros."""
    costs_usd = [found for cost in costs_per_item_usd if (found := THOUSAND.cost_usd(cost))]
    return MILLION if costs_usd and max(costs_usd) < CENT_USD else THOUSAND


def is_below_a_cent(value_usd: float) -> bool:
    """Whether a bill is too small to be written in cents."""
    return abs(value_usd) < CENT_USD / 2


def amount(value_usd: float) -> str:
    """What is paid or saved, to the cent: `less than $0.01`, `$0.41`, `$1.90`, `$8,140`."""
    if value_usd == 0:
        return "$0"
    if is_below_a_cent(value_usd):
        return f"less than ${CENT_USD}"
    return _signed(f"${abs(value_usd):,.{_cents(value_usd)}f}", value_usd)


def saved_amount(saved_usd: float, of_usd: float) -> str:
    """What is saved of a bill; it reads as all of the bill only where nothing of it is left to pay."""
    text = amount(saved_usd)
    if not 0 < saved_usd < of_usd or text != amount(of_usd) or is_below_a_cent(saved_usd):
        return text
    step = CENT_USD if _cents(saved_usd) else 1.0
    less_usd = math.floor(saved_usd / step) * step
    return amount(less_usd if amount(less_usd) != text else less_usd - step)


def price(value_usd: float) -> str:
    """What one unit costs, however little: `$0.0000012`, `$0.041`, `$1.90`, `$8,140`."""
    size = abs(value_usd)
    if size == 0:
        return "$0"
    if round(size, _DIGITS_OF_A_PRICE) >= 1:
        return _signed(f"${size:,.{_cents(size)}f}", value_usd)
    decimals = min(_MOST_DECIMALS, _DIGITS_OF_A_PRICE - 1 - math.floor(math.log10(size)))
    whole, _, fraction = f"{size:.{decimals}f}".rstrip("0").partition(".")
    return _signed(f"${whole}.{fraction.ljust(_DIGITS_OF_A_PRICE, '0')}", value_usd)


def stated(value_usd: float) -> str:
    """A price or limit that somebody wrote down, no digit of it dropped: `$0.125`, `$2.50`."""
    whole, _, fraction = f"{abs(value_usd):,.{_MOST_DECIMALS - 3}f}".rstrip("0").partition(".")
    return _signed(f"${whole}.{fraction.ljust(_DIGITS_OF_A_PRICE, '0')}", value_usd)


def rounded_up(value_usd: float) -> str:
    """An amount that is enough, as a bare number for a command line: `0.0013`, `0.42`, `2`, `8200`."""
    if value_usd <= 0:
        return "0"
    digits = min(_MOST_DECIMALS, _DIGITS_OF_A_PRICE - 1 - math.floor(math.log10(value_usd)))
    enough = math.ceil(value_usd * 10**digits) / 10**digits
    decimals = max(0, digits)
    if float(f"{enough:.{decimals}f}") < value_usd:  # The product was rounded down.
        enough += 10**-digits
    text = f"{enough:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text


def saved_share(share: float) -> str:
    """How much of a cost is saved, in whole percent that never claim all or nothing."""
    whole = round(share * 100)
    if whole >= 100 and share < 1:  # noqa: PLR2004 - all of it
        return "more than 99 %"
    return "less than 1 %" if whole == 0 and share > 0 else f"{whole} %"


def _cents(value_usd: float) -> int:
    return 0 if abs(value_usd) >= _WHOLE_DOLLARS_USD else 2


def _signed(text: str, value_usd: float) -> str:
    return f"{MINUS if value_usd < 0 else ''}{text}"
