from __future__ import annotations

import asyncio

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import Prompt
from evalbench.core.models import Model
from evalbench.core.plan import Request
from evalbench.providers.recorded import RecordedProvider

ANSWER = Completion("Yes", cost_usd=0.002, latency_s=1.9, confidence=0.97)


def request(item_id: str, repeat: int = 0) -> Request:
    return Request("t", item_id, "small", Model("recorded/f#m"), Prompt("?"), repeat)


def test_an_answer_comes_back_with_its_recorded_cost_latency_and_confidence() -> None:
    provider = RecordedProvider({("0017", 0): ANSWER}, "digest")

    assert asyncio.run(provider.complete(request("0017"))) == ANSWER


def test_an_item_that_was_never_recorded_is_missing() -> None:
    provider = RecordedProvider({("0017", 0): ANSWER}, "digest")

    answer = asyncio.run(provider.complete(request("0017", repeat=1)))

    assert isinstance(answer, Failure)
    assert (answer.kind, answer.retryable) == ("no_recording", False)


def test_an_edited_recording_gives_new_answers() -> None:
    before, after = RecordedProvider({}, "a"), RecordedProvider({}, "b")

    assert before.identity(request("1")) != after.identity(request("1"))
    assert before.identity(request("1")) != before.identity(request("2"))
