"""What failed attempts cost, in the run that made them and in those after it."""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Done, evalbench
from tests.cli.test_spend_over_legs import ITEMS
from tests.cli.test_spend_over_legs import write_project as tickets_project
from tests.servers import Exchange, ModelServer, reply, slow_first_byte

BROKEN = 10
MOMENT_S = 0.05
USED = {"prompt_tokens": 100, "completion_tokens": 8, "total_tokens": 108}
CALL_USD = 132e-6  # 100 tokens in at 1 USD and 8 out at 4 USD per million


def write_project(folder: Path, address: str, price: str) -> Path:
    return tickets_project(folder, address, "retries: 0\n", price)


def run(folder: Path, *arguments: str) -> Done:
    return evalbench("run", "--quiet", "--json", *arguments, cwd=folder)


def cost(done: Done) -> Any:
    return done.json["tasks"][0]["tiers"][0]["cost_usd"]


@dataclass
class Endpoint:
    """Fails every fourth question, until it is mended; what it fails takes a moment, and is billed or not."""

    is_billed: bool
    is_mended: bool = False

    async def __call__(self, exchange: Exchange) -> None:
        if self.is_mended or not self.breaks(exchange):
            await exchange.send(200, json.dumps(reply(exchange.call.answer, USED)).encode())
        elif self.is_billed:
            failed = {"error": {"message": "generation failed", "code": 500}, "usage": USED}
            await exchange.send(200, json.dumps(failed).encode())
        else:
            await asyncio.sleep(MOMENT_S)
            await exchange.send(500, b'{"error": {"message": "out of memory"}}')

    def breaks(self, exchange: Exchange) -> bool:
        number = int(exchange.call.raw.split(b"ticket ")[1].split()[0])
        return number % (ITEMS // BROKEN) == 0


def test_a_new_run_has_not_paid_the_failed_attempts_of_an_earlier_one(tmp_path: Path) -> None:
    endpoint = Endpoint(is_billed=True)
    with ModelServer(always=endpoint) as server:
        folder = write_project(tmp_path, server.address, "{input: 1, output: 4}")
        failed = run(folder)
        endpoint.is_mended = True
        new = run(folder)

    assert (failed.code, new.code) == (3, 0)
    assert cost(failed)["lost"] == pytest.approx(BROKEN * CALL_USD)
    assert failed.json["totals"]["spent_usd"] == pytest.approx(ITEMS * CALL_USD)
    assert (new.json["run"]["answers_new"], new.json["run"]["answers_reused"]) == (BROKEN, ITEMS - BROKEN)
    assert cost(new)["lost"] == 0.0
    assert new.json["totals"]["spent_usd"] == pytest.approx(BROKEN * CALL_USD)


@pytest.mark.parametrize("answered_elsewhere", [False, True])
def test_a_resumed_run_has_paid_for_its_own_failed_attempts(
    tmp_path: Path, *, answered_elsewhere: bool
) -> None:
    endpoint = Endpoint(is_billed=True)
    with ModelServer(always=endpoint) as server:
        folder = write_project(tmp_path, server.address, "{input: 1, output: 4}")
        failed = run(folder)
        endpoint.is_mended = True
        if answered_elsewhere:
            assert run(folder).code == 0
        resumed = run(folder, "--resume", failed.json["run"]["id"])
        shown = evalbench("report", failed.json["run"]["id"], "--json", cwd=folder)
        again = run(folder, "--resume", failed.json["run"]["id"])

    paid = ITEMS if answered_elsewhere else ITEMS + BROKEN
    assert resumed.code == 0
    assert cost(resumed)["lost"] == pytest.approx(BROKEN * CALL_USD)
    assert resumed.json["totals"]["spent_usd"] == pytest.approx(paid * CALL_USD)
    assert cost(shown) == cost(again) == cost(resumed)
    assert again.json["totals"]["spent_usd"] == resumed.json["totals"]["spent_usd"]


def test_an_item_is_shown_with_what_was_paid_in_vain_for_it(tmp_path: Path) -> None:
    endpoint = Endpoint(is_billed=True)
    with ModelServer(always=endpoint) as server:
        folder = write_project(tmp_path, server.address, "{input: 1, output: 4}")
        run_id = run(folder).json["run"]["id"]
        failed, broken_early = (
            evalbench("show", run_id, "t0", *json_, cwd=folder) for json_ in ((), ("--json",))
        )
        endpoint.is_mended = True
        assert run(folder).code == 0
        assert run(folder, "--resume", run_id).code == 0
        reused, as_json = (evalbench("show", run_id, "t0", *json_, cwd=folder) for json_ in ((), ("--json",)))
        sound = evalbench("show", run_id, "t1", "--json", cwd=folder)

    in_vain = "$0.00013 paid in vain by this run"
    assert f"    {in_vain}\n" in failed.out
    assert "cost $0.00013, stored " in reused.out
    assert f", {in_vain}\n" in reused.out
    for done in (broken_early, as_json):
        assert done.json[0]["in_vain"] == {"usd": pytest.approx(CALL_USD), "unknown_bills": 0}
    assert sound.json[0]["in_vain"] is None


def test_failed_attempts_cost_the_hours_that_they_took(tmp_path: Path) -> None:
    endpoint = Endpoint(is_billed=False)
    with ModelServer(always=endpoint) as server:
        folder = write_project(tmp_path, server.address, "{per_hour: 3600}")
        failed = run(folder, "--concurrency", "1")
        endpoint.is_mended = True
        resumed = run(folder, "--resume", "latest")

    least_usd = BROKEN * MOMENT_S  # a dollar a second
    assert (failed.code, resumed.code) == (3, 0)
    assert cost(failed)["lost"] >= least_usd
    assert cost(failed)["total"] >= cost(failed)["lost"]
    assert failed.json["totals"]["spent_usd"] == pytest.approx(cost(failed)["total"])
    assert cost(resumed)["total"] >= cost(failed)["total"]
    assert resumed.json["totals"]["spent_usd"] == pytest.approx(cost(resumed)["total"])


def test_what_was_paid_in_vain_is_not_left_of_a_cap_once_another_run_has_the_answer(tmp_path: Path) -> None:
    endpoint = Endpoint(is_billed=True)
    with ModelServer(always=endpoint) as server:
        folder = write_project(tmp_path, server.address, "{input: 1, output: 4}")
        failed = run(folder, "--max-spend", "0.006")
        endpoint.is_mended = True
        assert run(folder, "--max-spend", "0.0008").code == 3
        elsewhere = len(server.calls) - ITEMS
        resumed = run(folder, "--resume", failed.json["run"]["id"])
        before = len(server.calls)
        again = run(folder, "--resume", failed.json["run"]["id"])

    assert resumed.json["run"]["answers_reused"] == elsewhere > 0
    assert ITEMS + elsewhere < before < ITEMS + BROKEN
    assert (failed.code, resumed.code, again.code) == (3, 3, 3)
    assert "of its cap of $0.006" in again.err
    assert len(server.calls) == before


@pytest.mark.parametrize("is_mended", [False, True])
def test_an_export_says_whether_something_was_paid_in_vain(tmp_path: Path, *, is_mended: bool) -> None:
    with ModelServer(always=Endpoint(is_billed=True, is_mended=is_mended)) as server:
        folder = write_project(tmp_path, server.address, "{input: 1, output: 4}")
        run(folder)

    done = evalbench("export", "-o", "answers.jsonl", cwd=folder)

    assert done.code == 0
    assert ("attempts without an answer have cost" in done.err) is not is_mended


def test_a_task_whose_answers_another_task_pays_for_costs_nothing(tmp_path: Path) -> None:
    with ModelServer() as server:
        folder = write_project(tmp_path, server.address, "{input: 1, output: 4}")
        shutil.copytree(folder / "evalsets" / "tickets", folder / "evalsets" / "twins")
        done = evalbench("run", cwd=folder)

    assert done.code == 0
    assert f"twins small: {ITEMS} of {ITEMS} answers, $0\n" in done.err
    assert "cost unknown" not in done.err


def test_a_deadline_that_is_noticed_late_does_not_end_a_tier_with_an_hourly_price(tmp_path: Path) -> None:
    with ModelServer([slow_first_byte(3)]) as server:
        folder = write_project(tmp_path, server.address, "{per_hour: 36}, limits: {concurrency: 1}")
        with (folder / "evalbench.yaml").open("a", encoding="utf-8") as file:
            file.write("timeout_s: 1\n")
        done = run(folder, "--max-spend", "1")

    assert "asked no further" not in done.err
    assert done.json["tasks"][0]["tiers"][0]["answers"]["missing"] == 1
