"""How fast the main job is, as ratios measured in one run: `make bench`.

A slow machine slows both sides of a ratio, so these figures can be compared between machines.
Nothing here fails; tests check behaviour, this file reports speed.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ITEMS = 10_000

MODELS = """\
def small(prompt):
    return "yes"

def large(prompt):
    return "yes" if prompt.endswith("1") else "no"
"""
PROJECT = "tiers: {small: 'python/models.py:small', large: 'python/models.py:large'}\n"
EVALSET = "items: items.jsonl\nprompt: '{{ text }}'\n"


def main() -> None:
    """Time the whole command on many small items, first asked and then stored."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _write(folder)
        started = _timed(folder, "--version")
        print(f"start-up: {started:.2f} s")
        helped = _timed(folder, "--help")
        print(f"--help: {helped / started:.2f} x the start-up")
        first = _timed(folder, "run", "--quiet")
        print(f"first run, {2 * ITEMS:,} answers: {first:.1f} s, {2 * ITEMS / first:,.0f} answers a second")
        again = _timed(folder, "run", "--quiet")
        print(f"the same again, all stored: {again:.1f} s, {2 * ITEMS / again:,.0f} answers a second")
        print(f"stored / first: {again / first:.2f}")
        report = _timed(folder, "report", "--format", "html", "-o", "page.html")
        print(f"report page: {report:.1f} s, {(folder / 'page.html').stat().st_size / 1000:,.0f} kB")
        ledger = sum(path.stat().st_size for path in (folder / ".evalbench").iterdir())
        print(f"ledger: {ledger / (2 * ITEMS):,.0f} bytes an answer (items included, two runs)")
        peak_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        unit = 1000 if sys.platform == "linux" else 1_000_000  # kilobytes here, bytes on macOS
        print(f"peak memory of the largest command: {peak_kb / unit:,.0f} MB")


def _write(folder: Path) -> None:
    (folder / "models.py").write_text(MODELS, "utf-8")
    (folder / "evalbench.yaml").write_text(PROJECT, "utf-8")
    evalset = folder / "evalsets" / "many"
    evalset.mkdir(parents=True)
    (evalset / "evalset.yaml").write_text(EVALSET, "utf-8")
    rows = (
        {"id": str(number), "text": f"question {number} {number % 2}", "label": "yes" if number % 2 else "no"}
        for number in range(ITEMS)
    )
    (evalset / "items.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def _timed(folder: Path, *arguments: str) -> float:
    command = [sys.executable, "-m", "evalbench", *arguments]
    began_s = time.perf_counter()
    subprocess.run(command, cwd=folder, env=dict(os.environ), check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began_s


if __name__ == "__main__":
    main()
