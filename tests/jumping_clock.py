"""Run evalbench while the clock on the wall jumps by a day at each look; the monotonic one does not."""

from __future__ import annotations

import datetime as dt
import itertools
import time

_DAY_S = 86_400.0
_Real = dt.datetime
_real_time_s = time.time
_jumps_s = itertools.cycle((0.0, _DAY_S, -_DAY_S))


class Jumping(_Real):
    """Says what the time is, a day too early or too late more often than not."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Jumping:
        told = _Real.now(tz) + dt.timedelta(seconds=next(_jumps_s))
        return cls.fromisoformat(told.isoformat())


def _jumping_time_s() -> float:
    return _real_time_s() + next(_jumps_s)


if __name__ == "__main__":
    time.time = _jumping_time_s
    vars(dt)["datetime"] = Jumping
    from evalbench.cli.app import main

    main()
