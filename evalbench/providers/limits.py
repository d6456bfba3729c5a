"""How hard an endpoint may be pressed: calls at once, found by trying, and calls and tokens a minute.

Nothing here reads a clock: whoever asks says what time it is, in seconds on any one
monotonic clock.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

FIRST_CALLS = 4
"""Calls at once until an endpoint has answered one: a refused key costs these few, not a window."""

TOLERATED_SHARE = 1 / 3
"""A share of refusals up to which slowing down would cost more than asking again."""

_FEWEST_HEARD = 20
_GROWTH_SHARE = 0.05
_SECONDS_PER_MINUTE = 60.0
_MINUTE_S = _SECONDS_PER_MINUTE + 1.0
"""What counts as a minute of the endpoint's, where calls may arrive closer together than they left."""


@dataclass(slots=True)
class AdaptiveLimit:
    """Calls that may be under way at once: additive increase, multiplicative decrease.

    After each window of answers the limit grows by a constant, or shrinks in proportion to
    the share that was refused for overload (as DCTCP does, Alizadeh et al. 2010), so that a
    few stray refusals cost little and a real limit is found within a few windows. Until the
    first refusal it doubles instead. `most` is never exceeded; `start` is where it begins
    once the endpoint has answered at all.
    """

    most: int
    start: int
    _value: float = field(init=False)
    _heard: int = field(init=False, default=0)
    _refused: int = field(init=False, default=0)
    _is_open: bool = field(init=False, default=False)
    _is_doubling: bool = field(init=False, default=True)
    _is_refusing: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._value = float(min(FIRST_CALLS, self.start, self.most))

    @property
    def calls(self) -> int:
        """How many calls may be under way now."""
        return int(self._value)

    @property
    def is_choked(self) -> bool:
        """Whether even one call at a time was refused last."""
        return self._is_refusing and self.calls <= 1

    def answered(self) -> None:
        """An answer came, of whatever kind."""
        self._is_refusing = False
        if not self._is_open:
            self._is_open = True
            self._value = max(self._value, float(min(self.start, self.most)))
        self._hear()

    def refused(self) -> None:
        """The endpoint asked for fewer calls."""
        self._refused += 1
        self._is_refusing = True
        self._hear()

    def _hear(self) -> None:
        self._heard += 1
        if self._heard < max(_FEWEST_HEARD, self._value):
            return
        share = self._refused / self._heard
        self._heard = self._refused = 0
        if share > TOLERATED_SHARE:
            self._is_doubling = False
            self._value = max(1.0, self._value * (1 - share / 2))
        elif self._is_open:
            step = self._value if self._is_doubling else max(1.0, _GROWTH_SHARE * self.most)
            self._value = min(float(self.most), self._value + step)


@dataclass(slots=True)
class Place:
    """One call that has left, and about how many tokens it took; `counts` while its minute lasts."""

    left_s: float
    tokens: int
    counts: bool = True


@dataclass(slots=True)
class Pace:
    """Spreads calls so that requests and tokens stay within what is allowed in any minute.

    The generic cell rate algorithm (ITU-T I.371), once for requests and once for tokens: up to
    a second's worth may leave at once, everything else evenly. Whatever was saved up, no more leaves
    in one minute than the limits say; a call that alone is larger leaves when no other has. None means
    no limit.
    """

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    _next_request_s: float = 0.0
    _next_token_s: float = 0.0
    _tokens: int = 0
    _places: deque[Place] = field(default_factory=deque)

    @property
    def is_free(self) -> bool:
        """Whether nothing needs to be spread."""
        return self.requests_per_minute is None and self.tokens_per_minute is None

    def wait_s(self, tokens: int, now_s: float) -> float:
        """Seconds after which to ask again whether a call of about `tokens` tokens may leave; 0 if it may."""
        if self.is_free:
            return 0.0
        while self._places and self._places[0].left_s + _MINUTE_S <= now_s:
            self._drop(self._places.popleft())
        free_s = max(self._next_request_s, self._next_token_s, self._room_s(tokens))
        return max(0.0, free_s - now_s)

    def take(self, tokens: int, now_s: float) -> Place:
        """The place of a call that leaves now."""
        place = Place(now_s, tokens)
        self._places.append(place)
        self._tokens += tokens
        if self.requests_per_minute is not None:
            self._next_request_s = _after(self._next_request_s, 1, self.requests_per_minute, now_s)
        if self.tokens_per_minute is not None:
            self._next_token_s = _after(self._next_token_s, tokens, self.tokens_per_minute, now_s)
        return place

    def correct(self, place: Place, used_tokens: int) -> None:
        """Put right what a call took beforehand, once its tokens are known."""
        more = used_tokens - place.tokens
        place.tokens = used_tokens
        self._tokens += more if place.counts else 0
        if self.tokens_per_minute is not None:
            self._next_token_s += more * _SECONDS_PER_MINUTE / self.tokens_per_minute

    def _drop(self, place: Place) -> None:
        place.counts = False
        self._tokens -= place.tokens

    def _room_s(self, tokens: int) -> float:
        """When so many calls and tokens will have left the last minute that one more fits in."""
        room_s = 0.0
        if self.requests_per_minute is not None and len(self._places) >= self.requests_per_minute:
            room_s = self._places[-self.requests_per_minute].left_s + _MINUTE_S
        if self.tokens_per_minute is not None:
            too_many = self._tokens + tokens - self.tokens_per_minute
            for place in self._places:
                if too_many <= 0:
                    break
                too_many -= place.tokens
                room_s = max(room_s, place.left_s + _MINUTE_S)
        return room_s


def _after(next_s: float, amount: int, per_minute: int, now_s: float) -> float:
    # A second's worth may have been saved up; no call waits for what it takes itself.
    return max(next_s, now_s - 1.0) + amount * _SECONDS_PER_MINUTE / per_minute
