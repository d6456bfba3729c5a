from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Done, environment, evalbench
from tests.servers import (
    EchoesTheKey,
    Exchange,
    ModelServer,
    Reaction,
    answer,
    refuse,
    reset_before_answer,
    slow_first_byte,
)

KEY = "sk-test-5f0c2b9e7d1a"
PROJECT = """\
tiers:
  small: {{model: openai/tiny, api_base: "{address}", api_key_env: TEST_KEY, params: {{max_tokens: 8}},
           limits: {{concurrency: {concurrency}}}, price: {{input: 1, output: 4}}}}
  large: {{model: openai/big, api_base: "{address}", api_key_env: TEST_KEY, params: {{max_tokens: 8}},
           limits: {{concurrency: {concurrency}}}, price: {{input: 10, output: 40}}}}
classical: off
timeout_s: {timeout_s}
"""
EVALSET = """\
items: items.jsonl
columns: {id: id, input: text, target: label}
task: classification
labels: [billing, bug]
prompt: "Which is it? {{ text }}"
"""
KILLED_WITH_S = 0.05
"""What was sent longer than this before a kill may not be asked for again."""


def write_project(
    folder: Path, server: ModelServer, items: int, concurrency: int = 16, timeout_s: float = 20
) -> Path:
    text = PROJECT.format(address=server.address, concurrency=concurrency, timeout_s=timeout_s)
    (folder / "evalbench.yaml").write_text(text, "utf-8")
    tickets = folder / "evalsets" / "tickets"
    tickets.mkdir(parents=True)
    (tickets / "evalset.yaml").write_text(EVALSET, "utf-8")
    labels = ("billing", "bug")
    rows = (
        {
            "id": f"t{number:04d}",
            "text": f"ticket {number} label={labels[number % 2]}",
            "label": labels[number % 2],
        }
        for number in range(items)
    )
    (tickets / "items.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


def add_setting(folder: Path, line: str) -> None:
    project = folder / "evalbench.yaml"
    project.write_text(f"{project.read_text('utf-8')}{line}\n", "utf-8")


def run(folder: Path, *options: str) -> Done:
    return evalbench("run", "--json", "--quiet", *options, cwd=folder, TEST_KEY=KEY)


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "evalbench", "run", "--quiet", *options],
        cwd=folder,
        env=environment(TEST_KEY=KEY),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class Timed:
    """Good answers, with the moment each one was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, float]] = []

    async def __call__(self, exchange: Exchange) -> None:
        await answer(exchange)
        self.sent.append((exchange.call.raw, time.monotonic()))


def drawn(shares: Mapping[Reaction, float], seed: int = 7) -> Reaction:
    """One of several ways to fail by its share, and a good answer otherwise."""
    draw = random.Random(seed)

    async def reaction(exchange: Exchange) -> None:
        left = draw.random()
        for each, share in shares.items():
            left -= share
            if left < 0:
                await each(exchange)
                return
        await answer(exchange)

    return reaction


def bare(summary: dict[str, Any]) -> dict[str, Any]:
    """A summary without what may differ between two runs of the same: ids and times."""
    kept: dict[str, Any] = json.loads(json.dumps(summary))
    kept["run"] = {name: kept["run"][name] for name in ("seed", "complete", "signature")}
    kept["totals"] = {"cost_usd": kept["totals"]["cost_usd"]}
    for task in kept["tasks"]:
        task["recommendation"]["next"] = []
        for tier in task["tiers"]:
            tier["latency_s"] = tier["first_token_s"] = None
    return kept


@pytest.mark.parametrize("seed", [1, 2])
def test_kill_9_loses_nothing_that_was_received(tmp_path: Path, seed: int) -> None:
    timed, concurrency = Timed(), 16
    with ModelServer(latency_s=0.05, always=timed) as server:
        folder = write_project(tmp_path, server, items=300, concurrency=concurrency)
        process = start(folder)
        while len(server.calls) < random.Random(seed).randint(50, 500):
            time.sleep(0.002)
        process.kill()
        killed_s = time.monotonic()
        process.communicate(timeout=30)
        safe = {raw for raw, sent_s in timed.sent if sent_s < killed_s - KILLED_WITH_S}

        resumed = run(folder, "--resume", "latest")

        asked = [call.raw for call in server.calls]
        assert resumed.code == 0, resumed.err
        assert [raw for raw in safe if asked.count(raw) > 1] == []
        assert len(asked) - len(set(asked)) <= 2 * (2 * concurrency)  # both tiers are asked at once
        (tmp_path / "again").mkdir()
        whole = run(write_project(tmp_path / "again", server, items=300, concurrency=concurrency))
        assert bare(resumed.json) == bare(whole.json)


def test_ctrl_c_keeps_answers_and_a_second_one_leaves_at_once(tmp_path: Path) -> None:
    with ModelServer(latency_s=30.0) as server:
        folder = write_project(tmp_path, server, items=50)
        process = start(folder)
        while not server.calls:
            time.sleep(0.01)

        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        began_s = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert time.monotonic() - began_s < 4.0
    assert "--resume" in err


def test_a_bad_day_of_an_endpoint_costs_no_answer(tmp_path: Path) -> None:
    faults = {
        refuse(429, "slow down", {"Retry-After": "0.2"}): 0.20,
        refuse(500, "broken"): 0.05,
        reset_before_answer: 0.02,
        slow_first_byte(3600): 0.01,
    }
    with ModelServer(latency_s=0.01, always=drawn(faults)) as server:
        done = run(write_project(tmp_path, server, items=300, timeout_s=1.5))

    assert done.code == 0, done.err
    for tier in done.json["tasks"][0]["tiers"]:
        assert tier["score"]["value"] == 1.0
        assert tier["answers"]["ok"] == 300
        assert tier["latency_s"]["p95"] < 0.5


def test_the_spend_cap_holds_by_the_servers_own_count(tmp_path: Path) -> None:
    cap_usd = 0.05
    with ModelServer(latency_s=0.02) as server:
        folder = write_project(tmp_path, server, items=600, concurrency=256)

        done = run(folder, "--tiers", "large", "--max-spend", str(cap_usd))

        # Every token at the dearest price is more than the bill.
        billed_usd = sum(_usd(call.raw) for call in server.calls)
    assert done.code == 3
    assert "did not fit the spend cap" in done.err
    assert 0.3 * cap_usd < billed_usd <= cap_usd
    assert done.json["totals"]["cost_usd"] == pytest.approx(billed_usd)


def test_an_hourly_price_is_capped_by_the_time_that_was_used(tmp_path: Path) -> None:
    with ModelServer(latency_s=0.01) as server:
        folder = write_project(tmp_path, server, items=60, concurrency=4)
        project = (folder / "evalbench.yaml").read_text("utf-8")
        hourly = project.replace("price: {input: 10, output: 40}", "price: {per_hour: 3.6}")
        (folder / "evalbench.yaml").write_text(hourly, "utf-8")

        # One call could take 20 s, which is $0.02: what is left after 60 of them tells what they took.
        done = run(folder, "--tiers", "large", "--max-spend", "0.1")

    assert done.code == 0
    assert 0 < done.json["totals"]["cost_usd"] < 0.01


def _usd(raw: bytes) -> float:
    return ((1 + raw.count(b" ")) * 10 + 3 * 40) / 1_000_000


def test_a_refused_key_ends_the_run_after_a_few_calls_and_is_found_nowhere(tmp_path: Path) -> None:
    with ModelServer(always=EchoesTheKey(401)) as server:
        done = run(write_project(tmp_path, server, items=200, concurrency=64))

        calls = len(server.calls)
    assert done.code == 3
    assert calls <= 16
    assert "TEST_KEY" in done.err
    assert KEY not in done.out + done.err
    assert files_with(tmp_path, KEY) == []


@pytest.mark.parametrize("status", [200, 302, 400, 429, 500])
def test_a_key_that_the_endpoint_echoes_reaches_no_file(tmp_path: Path, status: int) -> None:
    with ModelServer(always=EchoesTheKey(status)) as server:
        folder = write_project(tmp_path, server, items=6, timeout_s=0.5)
        add_setting(folder, "retries: 0")
        done = run(folder)

    assert done.code == 3
    assert KEY not in done.out + done.err
    assert files_with(tmp_path, KEY) == []


def files_with(folder: Path, secret: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


def test_a_dead_endpoint_is_said_so_and_can_be_resumed(tmp_path: Path) -> None:
    with ModelServer() as server:
        folder = write_project(tmp_path, server, items=20, timeout_s=2)
    add_setting(folder, "retries: 1")

    done = run(folder)

    assert done.code == 3
    assert "was given up" in done.err
    assert "--resume" in done.err


def test_a_missing_key_is_found_before_the_first_call(tmp_path: Path) -> None:
    with ModelServer() as server:
        folder = write_project(tmp_path, server, items=5)

        done = evalbench("run", cwd=folder)

        assert (done.code, server.calls) == (2, [])
    assert "TEST_KEY is not set" in done.err
    assert not (folder / ".evalbench").exists()


def test_a_second_run_on_the_same_ledger_waits_and_pays_for_nothing(tmp_path: Path) -> None:
    with ModelServer(latency_s=0.01) as server:
        folder = write_project(tmp_path, server, items=100)
        processes = [start(folder), start(folder)]
        for process in processes:
            process.communicate(timeout=60)

        asked = [call.raw for call in server.calls]
    assert [process.returncode for process in processes] == [0, 0]
    assert len(asked) == len(set(asked)) == 200


def test_what_it_took_is_kept_apart_from_the_answers_own_time(tmp_path: Path) -> None:
    slow_down = refuse(429, "slow down", {"Retry-After": "0.3"})
    with ModelServer([slow_down, slow_down], latency_s=0.02) as server:
        folder = write_project(tmp_path, server, items=20)
        done = run(folder)
    assert done.code == 0, done.err

    ledger = sqlite3.connect(folder / ".evalbench" / "ledger.sqlite")
    rows = ledger.execute("SELECT attempts, backoff_s, latency_s, queue_s FROM answers").fetchall()
    ledger.close()

    retried = [row for row in rows if row[0] > 1]
    assert len(retried) == 2
    assert all(backoff_s >= 0.3 and latency_s < 0.3 for _, backoff_s, latency_s, _ in retried)
    assert all(row[0] == 1 and row[1] == 0.0 for row in rows if row not in retried)


def test_a_ledger_that_cannot_be_written_is_found_before_the_first_call(tmp_path: Path) -> None:
    with ModelServer() as server:
        folder = write_project(tmp_path, server, items=5)
        (folder / ".evalbench").write_text("a file where the folder should be", "utf-8")

        done = run(folder)

        assert (done.code, server.calls) == (2, [])
    assert "ledger" in done.err
    assert os.path.isfile(folder / ".evalbench")  # noqa: PTH113 - what is in the way is left alone
