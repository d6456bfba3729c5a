"""Stopping early at an endpoint that is slow, busy and breaks, with money at stake."""

from __future__ import annotations

import json
from pathlib import Path

from tests.durability.test_live import drawn, run, write_project
from tests.servers import Exchange, ModelServer, answer, refuse, reset_before_answer, slow_first_byte

ITEMS = 300
SETTLED = 80  # Tiers that never differ are settled there: the first item at which capital reaches 20.
AHEAD = 20


def test_a_busy_endpoint_is_asked_for_no_more_than_it_takes(tmp_path: Path) -> None:
    trouble = drawn({refuse(429, "slow down", {"retry-after-ms": "20"}): 0.05, reset_before_answer: 0.05})
    with ModelServer(latency_s=0.005, always=trouble) as server:
        folder = write_project(tmp_path, server, items=ITEMS)
        done = run(folder, "--early-stop", "--max-spend", "1")

    assert done.code == 0, done.err
    small, large = done.json["tasks"][0]["tiers"]
    assert SETTLED <= small["items_asked"] <= SETTLED + AHEAD
    assert SETTLED <= large["items_asked"] <= SETTLED + AHEAD
    assert small["answers"]["missing"] == large["answers"]["missing"] == 0
    assert done.json["tasks"][0]["comparisons"][0]["verdict"] == "good_enough"
    assert len(server.calls) < 1.5 * 2 * (SETTLED + AHEAD)


def test_a_slow_tier_keeps_the_fast_one_from_running_ahead(tmp_path: Path) -> None:
    late = slow_first_byte(0.02)

    async def large_is_slow(exchange: Exchange) -> None:
        is_small = json.loads(exchange.call.raw)["model"] == "tiny"
        await (answer(exchange) if is_small else late(exchange))

    with ModelServer(latency_s=0.002, always=large_is_slow) as server:
        folder = write_project(tmp_path, server, items=ITEMS, concurrency=64)
        done = run(folder, "--early-stop")

    assert done.code == 0, done.err
    assert len(server.calls) <= 2 * (SETTLED + AHEAD)


def test_a_spend_cap_that_is_reached_first_is_still_kept_and_can_be_raised(tmp_path: Path) -> None:
    with ModelServer() as server:
        folder = write_project(tmp_path, server, items=ITEMS)
        capped = run(folder, "--early-stop", "--max-spend", "0.01")
        before = len(server.calls)
        resumed = run(folder, "--resume", "latest", "--max-spend", "5")

    assert capped.code == 3
    assert capped.json["tasks"][0]["comparisons"][0]["verdict"] == "unknown"
    assert 0 < before < 2 * SETTLED
    assert resumed.code == 0, resumed.err
    assert resumed.json["tasks"][0]["comparisons"][0]["verdict"] == "good_enough"
    assert len(server.calls) <= 2 * (SETTLED + AHEAD)
