from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.durability.test_live import add_setting, run, write_project
from tests.servers import Exchange, ModelServer, answer, reply, usage

TOKENS = {"prompt_tokens": 100, "completion_tokens": 8, "total_tokens": 108}
CALL_USD = (100 * 1 + 8 * 4) / 1_000_000


def test_a_resumed_run_tells_what_all_its_legs_were_billed(tmp_path: Path) -> None:
    is_well = False

    async def cut_at_first(exchange: Exchange) -> None:
        is_cut = b"ticket 3 " in exchange.call.raw and not is_well
        document = {"choices": [], "usage": TOKENS} if is_cut else reply(exchange.call.answer, TOKENS)
        await exchange.send(200, json.dumps(document).encode())

    with ModelServer(always=cut_at_first) as server:
        folder = write_project(tmp_path, server, items=10)
        add_setting(folder, "retries: 1")
        first = run(folder, "--tiers", "small")
        is_well = True
        resumed = run(folder, "--resume", "latest")
        calls = len(server.calls)

    assert (first.code, resumed.code, calls) == (3, 0, 12)
    assert first.json["totals"]["spent_usd"] == pytest.approx(11 * CALL_USD)
    assert resumed.json["totals"]["spent_usd"] == pytest.approx(12 * CALL_USD)
    (tier,) = resumed.json["tasks"][0]["tiers"]
    assert tier["cost_usd"]["total"] == pytest.approx(12 * CALL_USD)


def test_replies_with_half_a_character_are_stored_and_paid_for_once(tmp_path: Path) -> None:
    async def odd(exchange: Exchange) -> None:
        document = {**reply(exchange.call.answer, usage(exchange.call)), "model": "\ud83d"}
        await exchange.send(200, json.dumps(document).encode())

    with ModelServer(always=odd) as server:
        folder = write_project(tmp_path, server, items=20)
        done = run(folder)
        run(folder)
        calls = len(server.calls)

    assert (done.code, calls) == (0, 40)


def test_a_tier_that_states_few_calls_at_once_gets_no_more_beside_another_one(tmp_path: Path) -> None:
    under_way: list[int] = [0, 0]

    async def watched(exchange: Exchange) -> None:
        under_way[0] += 1
        under_way[1] = max(under_way)
        await asyncio.sleep(0.02)
        await answer(exchange)
        under_way[0] -= 1

    with ModelServer(always=watched) as server:
        folder = write_project(tmp_path, server, items=40)
        project = (folder / "evalbench.yaml").read_text("utf-8").replace("openai/big", "openai/tiny")
        project = project.replace("limits: {concurrency: 16}, price: {input: 10", "price: {input: 10")
        project = project.replace("concurrency: 16", "concurrency: 2").replace("max_tokens: 8", "top_p: 1", 1)
        (folder / "evalbench.yaml").write_text(project, "utf-8")
        done = run(folder)

    assert done.code == 0, done.err
    assert len(server.calls) == 80
    assert under_way[1] == 2


def test_items_that_are_too_large_do_not_stop_the_run(tmp_path: Path) -> None:
    async def small_ones_only(exchange: Exchange) -> None:
        is_early = any(f"ticket {number} ".encode() in exchange.call.raw for number in range(8))
        if is_early:
            await exchange.send(413, b"too large")
        else:
            await answer(exchange)

    with ModelServer(always=small_ones_only) as server:
        folder = write_project(tmp_path, server, items=40)
        done = run(folder)
        calls = len(server.calls)
        run(folder, "--resume", "latest")
        again = [call.raw for call in server.calls[calls:]]

    assert (done.code, calls, len(again)) == (3, 80, 16)
    assert [tier["answers"]["ok"] for tier in done.json["tasks"][0]["tiers"]] == [32, 32]


def test_an_endpoint_that_has_no_such_model_is_given_up_after_a_few_calls(tmp_path: Path) -> None:
    refusal = {"error": {"message": "this deployment cannot be used"}}

    async def refuse_all(exchange: Exchange) -> None:
        await exchange.send(400, json.dumps(refusal).encode())

    with ModelServer(always=refuse_all) as server:
        done = run(write_project(tmp_path, server, items=200, concurrency=64), "--tiers", "small")
        calls = len(server.calls)

    assert done.code == 3
    assert "was given up" in done.err
    assert calls <= 16
