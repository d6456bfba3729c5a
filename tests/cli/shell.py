"""Run the command in a process of its own, as a shell would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

QUIET = {"NO_COLOR": "1", "COLUMNS": "200", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def environment(**variables: str) -> dict[str, str]:
    """The variables of this process without settings and keys of the person at the keyboard."""
    kept = {name: value for name, value in os.environ.items() if not _is_personal(name)}
    return {**kept, **QUIET, **variables}


def _is_personal(name: str) -> bool:
    return name.startswith("EVALBENCH_") or name.endswith(("_API_KEY", "_TOKEN"))


def evalbench(*arguments: str, cwd: Path, **variables: str) -> Done:
    done = subprocess.run(
        [sys.executable, "-m", "evalbench", *arguments],
        cwd=cwd,
        env=environment(**variables),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=180,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


MODELS = '''\
"""Three functions that answer a ticket: badly, well and very well."""

def _say(text, share):
    label = "bug" if "crash" in text else "billing"
    number = int(text.split("#")[1].split()[0])
    wrong = "billing" if label == "bug" else "bug"
    return {"text": label if number % 100 < share else wrong, "cost_usd": share / 1000}

def small(prompt):
    return _say(prompt, 60)

def medium(prompt):
    return _say(prompt, 97)

def large(prompt):
    return _say(prompt, 98)
'''

PROJECT = """\
tiers:
  small: python/models.py:small
  medium: python/models.py:medium
  large: python/models.py:large
"""

EVALSET = """\
items: tickets.csv
columns: {input: text, target: category}
prompt: "Classify the ticket: {{ text }}"
max_drop: 0.05
monthly: {requests: 100000}
"""


def write_project(folder: Path, items: int = 200) -> Path:
    """A project of three Python functions over one eval set of tickets."""
    (folder / "models.py").write_text(MODELS, "utf-8")
    (folder / "evalbench.yaml").write_text(PROJECT, "utf-8")
    tickets = folder / "evalsets" / "tickets"
    tickets.mkdir(parents=True)
    (tickets / "evalset.yaml").write_text(EVALSET, "utf-8")
    rows = ["id,text,category"]
    for number in range(items):
        word, label = ("crash", "bug") if number % 2 else ("invoice", "billing")
        rows.append(f"{number:03d},the {word} #{number} came,{label}")
    (tickets / "tickets.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return folder
