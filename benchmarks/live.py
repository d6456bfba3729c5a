"""How fast live models are asked, beside a bare client: `python benchmarks/live.py`.

Every figure is a ratio or a count of one run on one machine: evalbench and a bare aiohttp
client ask the same mock server for the same items, one after the other. `--peer NAME=COMMAND`
adds another tool; its COMMAND may say {items}, {port}, {count} and {connections}.

    python benchmarks/live.py --counts 1000,10000,100000 --peer "mine=python mine.py {items} {port}"
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shlex
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LABELS = ("positive", "negative", "neutral")
WORDS = (
    *("parcel", "screen", "battery", "refund", "breakfast", "hotel", "noisy", "quick", "friendly", "broken"),
    *("late", "early", "charger", "cable", "window", "manual", "colour", "size", "staff", "clean", "again"),
    *("never", "today", "month", "ago", "fits", "works", "return", "order", "perfect", "simple", "the", "of"),
)
PROJECT = """\
tiers:
  large:
    model: {model}
    api_base: http://127.0.0.1:{port}{path}
    api_key_env: BENCH_KEY
    params: {{max_tokens: 16}}
    limits: {{concurrency: {connections}}}
    price: {{input: 0.15, output: 0.60}}
classical: off
"""
EVALSET = """\
items: items.jsonl
columns: {id: id, input: prompt, target: label}
task: classification
labels: [positive, negative, neutral]
grader: label
prompt: "{{ prompt }}"
"""


@dataclass(frozen=True)
class Measured:
    """What one command took: wall and CPU seconds, peak memory, and what the server saw."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    first_s: float
    server: dict[str, float]


def main() -> None:
    """Run every combination that was asked for, and print a table of each."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as place:
        for count in asked.counts:
            for connections in asked.connections:
                for latency_ms in asked.latencies:
                    _compare(Path(place), count, connections, latency_ms, asked)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    numbers = {"type": lambda text: [int(part) for part in text.split(",")]}
    parser.add_argument("--counts", default=[1000, 10_000], **numbers)
    parser.add_argument("--connections", default=[64, 256], **numbers)
    parser.add_argument("--latencies", default=[50, 0], help="milliseconds", **numbers)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("--no-litellm", action="store_true", help="leave the translated provider out")
    return parser.parse_args()


def _compare(place: Path, count: int, connections: int, latency_ms: int, asked: argparse.Namespace) -> None:
    ideal_s = count * latency_ms / 1000 / connections
    print(f"\n{count:,} items, {latency_ms} ms, {connections} connections; ideal {ideal_s:.2f} s")
    print(
        f"{'':28}{'wall s':>8}{'x ideal':>9}{'CPU ms/item':>13}{'x bare':>8}{'peak MB':>9}{'in window/s':>13}"
        f"{'first s':>9}"
    )
    with _server(latency_ms) as port:
        folder = place / f"{count}-{connections}-{latency_ms}"
        _write(folder, count, port, connections)
        items = folder / "evalsets" / "reviews" / "items.jsonl"
        values = {"items": items, "port": port, "count": count, "connections": connections}
        bare = _timed([sys.executable, HERE / "bare_client.py", items, port, connections], folder, port)
        _row("bare aiohttp client", bare, bare, count, ideal_s)
        run = [sys.executable, "-m", "evalbench", "run", "--quiet"]
        _timed([*run, "--dry-run"], folder, port)
        _row("evalbench, direct", _timed(run, folder, port), bare, count, ideal_s)
        _row("evalbench, all stored", _timed(run, folder, port), bare, count, ideal_s)
        if not asked.no_litellm:
            _write_project(folder, "anthropic/claude-mock", port, "", connections)
            _row("evalbench, translated", _timed(run, folder, port), bare, count, ideal_s)
        for peer in asked.peer:
            name, _, command = peer.partition("=")
            parts = [part.format(**values) for part in shlex.split(command)]
            _row(name, _timed(parts, folder, port), bare, count, ideal_s)
        size = sum(path.stat().st_size for path in (folder / ".evalbench").iterdir())
        print(f"ledger: {size / count / (2 if asked.no_litellm else 3):,.0f} bytes an item and run")


def _row(name: str, found: Measured, bare: Measured, count: int, ideal_s: float) -> None:
    ideal = f"{found.wall_s / ideal_s:.2f}" if ideal_s else "-"
    asked = found.server["requests"]
    window = f"{asked / found.server['window_s']:,.0f}" if asked else "-"
    first = f"{found.first_s:.2f}" if asked else "-"
    print(
        f"{name:28}{found.wall_s:8.2f}{ideal:>9}{1000 * found.cpu_s / count:13.3f}"
        f"{found.cpu_s / bare.cpu_s:8.2f}{found.peak_mb:9.0f}{window:>13}{first:>9}",
        flush=True,
    )


@contextmanager
def _server(latency_ms: int) -> Iterator[int]:
    command = [sys.executable, str(HERE / "mock_server.py"), str(latency_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline()) if process.stdout else 0
        finally:
            process.kill()


def _asked(port: int, path: str, method: str = "GET") -> dict[str, Any]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method)
    with urllib.request.urlopen(request, timeout=10) as response:
        found: dict[str, Any] = json.load(response)
    return found


def _timed(command: list[Any], folder: Path, port: int) -> Measured:
    _asked(port, "/reset", "POST")
    environment = {**os.environ, "BENCH_KEY": "sk-benchmark-only", "ANTHROPIC_API_KEY": "sk-benchmark-only"}
    # An installed package is compiled once, when it is installed.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began_s = time.monotonic()
    process = subprocess.Popen(
        [str(part) for part in command], cwd=folder, env=environment, stdout=subprocess.DEVNULL
    )
    peak_mb = _peak_mb(process)
    wall_s = time.monotonic() - began_s
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    server = _asked(port, "/stats")
    return Measured(wall_s, cpu_s, peak_mb, server["first_s"] - began_s, server)


def _peak_mb(process: subprocess.Popen[bytes]) -> float:
    """Wait for the process to end; its highest resident memory meanwhile, where the system tells."""
    peak_kb = 0
    status = Path(f"/proc/{process.pid}/status")
    is_over = threading.Event()

    def watch() -> None:
        nonlocal peak_kb
        while not is_over.wait(0.02):
            try:
                text = status.read_text("utf-8")
            except OSError:
                return
            found = next((line for line in text.splitlines() if line.startswith("VmHWM")), "0 0")
            peak_kb = max(peak_kb, int(found.split()[1]))

    watcher = threading.Thread(target=watch)
    watcher.start()
    process.wait()
    is_over.set()
    watcher.join()
    return peak_kb / 1000


def _write(folder: Path, count: int, port: int, connections: int) -> None:
    evalset = folder / "evalsets" / "reviews"
    evalset.mkdir(parents=True)
    (evalset / "evalset.yaml").write_text(EVALSET, "utf-8")
    draw = random.Random(7)
    with (evalset / "items.jsonl").open("w", encoding="utf-8") as file:
        for number in range(count):
            label = draw.choice(LABELS)
            review = " ".join(draw.choices(WORDS, k=110))
            question = "Is this review positive, negative or neutral? One word."
            prompt = f"{question}\n\n{number}: {review}\n\nlabel={label}"
            file.write(json.dumps({"id": str(number), "prompt": prompt, "label": label}) + "\n")
    _write_project(folder, "hosted_vllm/mock", port, "/v1", connections)


def _write_project(folder: Path, model: str, port: int, path: str, connections: int) -> None:
    text = PROJECT.format(model=model, port=port, path=path, connections=connections)
    (folder / "evalbench.yaml").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
