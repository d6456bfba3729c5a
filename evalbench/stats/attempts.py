"""A few attempts at one question: the share of alpha that each may use."""

from __future__ import annotations

from collections.abc import Sequence

LOOK_SHARES = (0.6, 0.3, 0.1)
"""The shares of alpha that a first, a second and a third attempt may use."""

LEAST_STEP = 0.01
"""The least share of the planned items that a look must add for the bounds to be computed exactly."""


def look_alpha(alpha: float, look: int, shares: Sequence[float] = LOOK_SHARES) -> float:
    """The alpha of attempt number `look` (from 1), so that all attempts together err at most at alpha.

    Bonferroni over attempts with unequal shares. 0 once the shares are used up: another attempt can
    prove nothing any more.
    """
    if look < 1 or sum(shares) > 1 + 1e-9:
        raise ValueError(
            f"look must be 1 or more and the shares at most 1 together, not {look!r}, {shares!r}"
        )
    return alpha * shares[look - 1] if look <= len(shares) else 0.0


def look_shares(planned: int) -> tuple[float, ...]:
    """How `planned` attempts share alpha: .6 / .3 / .1 for three, else each half of the one before.

    The first attempt has the most, since it is the likeliest to be the only one.
    """
    if planned < 1:
        raise ValueError(f"planned must be 1 or more, not {planned!r}")
    if planned == len(LOOK_SHARES):
        return LOOK_SHARES
    return tuple(2.0 ** (planned - look) / (2.0**planned - 1) for look in range(1, planned + 1))
