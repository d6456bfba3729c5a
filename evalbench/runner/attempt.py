"""One attempt at one answer: within its deadline, timed, and made fit to be stored."""

from __future__ import annotations

import asyncio
import os
import time
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from evalbench.core.completion import UNFORESEEN, Completion, Effort, Failure, Status
from evalbench.core.plan import Request
from evalbench.errors import EvalbenchError
from evalbench.providers.protocol import Provider
from evalbench.providers.secrets import Secrets, hide_keys
from evalbench.runner.busy import BusyMeter
from evalbench.runner.storable import storable, storable_detail, storable_text

_LONGEST_WORDS = 200


async def attempt(
    provider: Provider, request: Request, timeout_s: float, meter: BusyMeter | None = None
) -> Completion | Failure:
    """Ask once, within the machinery's deadline; a late answer is a failure to try again.

    `meter` belongs to the endpoint; without one the call counts as the only one under way.
    """
    if provider.replays:
        return storable(await provider.complete(request))
    answer, busy_s = await once(provider, request, timeout_s, meter or BusyMeter())
    return storable(answer) if isinstance(answer, Failure) else finished(answer, busy_s, Effort())


async def once(
    provider: Provider, request: Request, timeout_s: float, meter: BusyMeter
) -> tuple[Completion | Failure, float]:
    """Ask once, and tell the call's share of its endpoint's busy time in seconds.

    An exception that nobody foresaw is a failure of this call alone; it names the place that raised it.
    By then the call may have left and been billed, and most such exceptions are bugs that repeat with
    every attempt. So it is not tried again in this run, which would be paid as often as retries
    allow: the answer is missing, and asked for again on resume. A broken connection is the one
    that passes by itself, and is tried again as those are that a provider told of.
    """
    mark = meter.enter(time.monotonic())
    answer: Completion | Failure
    try:
        async with asyncio.timeout(timeout_s):
            answer = await provider.complete(request)
        if isinstance(answer, Failure):
            answer = replace(answer, message=_without_keys(answer.message))
    except TimeoutError:
        words = f"no answer within {timeout_s:g} s"
        answer = Failure("timeout", words, retryable=True, may_be_billed=True)
    except EvalbenchError:
        raise
    except Exception as error:  # noqa: BLE001 - one reply, however odd, must not end a run
        answer = _unforeseen(error)
    finally:
        busy_s = meter.leave(mark, time.monotonic())
    return answer, busy_s


def _unforeseen(error: Exception) -> Failure:
    place = traceback.extract_tb(error.__traceback__)[-1]
    words = " ".join(_without_keys(str(error)).split())[:_LONGEST_WORDS]
    message = f"unforeseen {type(error).__name__} ({Path(place.filename).name}:{place.lineno}): {words}"
    return Failure(UNFORESEEN, message, retryable=isinstance(error, OSError), may_be_billed=True)


def _without_keys(message: str) -> str:
    # It may quote what was sent; a function of the user's has keys that no provider knows of.
    return hide_keys(Secrets.from_environment(os.environ).redact(message))


def finished(answer: Completion, busy_s: float, effort: Effort) -> Completion:
    """The answer as it is stored: dated, told from an empty one, and with what it took."""
    text = storable_text(answer.text)
    is_empty = answer.status is Status.OK and not text.strip()
    return Completion(  # Written out: `replace` takes as long as all the rest here.
        text,
        Status.EMPTY if is_empty else answer.status,
        answer.usage,
        cost_usd=answer.cost_usd,
        latency_s=answer.latency_s,
        first_token_s=answer.first_token_s,
        busy_s=busy_s if answer.busy_s is None else answer.busy_s,
        confidence=answer.confidence,
        finish_reason=answer.finish_reason and storable_text(answer.finish_reason),
        created=answer.created or datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        detail=storable_detail(answer.detail) if answer.detail else answer.detail,
        effort=effort,
    )
