"""What a classical tier goes by is what the prompt shows: a column known only after the fact is not."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.cli.shell import evalbench

TEAMS = {"billing": "finance team", "bug": "engineering"}
ASKED = ("t.csv", "--target", "category", "--models", "local/small")


def write_leak(folder: Path) -> None:
    """Texts that say nothing of their category, and a column that follows it one to one."""
    for name, seed, count in (("t.csv", 1, 60), ("train.csv", 2, 120)):
        rng = random.Random(seed)
        lines = ["id,text,category,resolved_by"]
        for number in range(count):
            category = rng.choice(sorted(TEAMS))
            text = f"about matter {rng.randrange(10**6)} concerning {rng.randrange(10**6)}"
            lines.append(f"{name[0:2]}{number},{text},{category},{TEAMS[category]}")
        (folder / name).write_text("\n".join(lines) + "\n", "utf-8")


@pytest.fixture
def leak(tmp_path: Path) -> Path:
    write_leak(tmp_path)
    return tmp_path


def test_a_leaking_column_that_the_prompt_does_not_show_helps_nobody(leak: Path) -> None:
    done = evalbench("run", *ASKED, "--train", "train.csv", "--json", "--quiet", cwd=leak)

    assert done.json["tasks"][0]["tiers"][0]["score"]["value"] < 0.75


def test_a_column_that_the_prompt_shows_is_used_by_a_new_answer(leak: Path) -> None:
    prompt = ("--prompt", "{{ text }} ({{ resolved_by }})")
    evalbench("run", *ASKED, "--train", "train.csv", "--quiet", cwd=leak)

    done = evalbench("run", *ASKED, *prompt, "--train", "train.csv", "--json", "--quiet", cwd=leak)

    assert done.json["run"]["answers_reused"] == 0
    assert done.json["tasks"][0]["tiers"][0]["score"]["value"] == 1.0


def test_show_tells_what_a_classical_tier_went_by(leak: Path) -> None:
    evalbench("run", *ASKED, "--train", "train.csv", "--quiet", cwd=leak)

    text = evalbench("show", "latest", "t.3", cwd=leak)
    found = evalbench("show", "latest", "t.3", "--json", cwd=leak).json[0]

    assert "read of the item, without a prompt:\n  input:\n  | about matter" in text.out
    assert "resolved_by" not in text.out
    assert found["messages"] == []
    assert found["read"].keys() == {"input", "fields"}
    assert found["read"]["fields"] == {}


def test_try_tells_which_columns_a_classical_tier_went_by(leak: Path) -> None:
    prompt = ("--prompt", "{{ text }} ({{ resolved_by }})")

    found = evalbench(
        "try", *ASKED, *prompt, "--train", "train.csv", "--item", "t.3", "--json", cwd=leak
    ).json[0]

    assert list(found["read"]["fields"]) == ["resolved_by"]
    assert found["messages"] == []
