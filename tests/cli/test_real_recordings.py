"""Real answers of real models; the expected figures are those published with the recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import evalbench

ARC = {
    "mistralai/mistral-7b-chat": (0.6710, 1.004e-4),
    "mistralai/mixtral-8x7b-chat": (0.8544, 3.011e-4),
    "gpt-3.5-turbo-1106": (0.8345, 5.018e-4),
    "gpt-4-1106-preview": (0.9540, 5.028e-3),
}
CALLS = {
    "claude-3-haiku-20240307": (0.7435, 1.7555e-4),
    "gpt-3.5-turbo-0125-FC": (0.7194, 1.7098e-4),
    "gpt-4o-mini-2024-07-18-FC": (0.8726, 7.0046e-5),
    "gpt-4o-2024-08-06-FC": (0.8976, 1.2429e-3),
    "claude-3-opus-20240229": (0.9008, 1.0477e-2),
}
GSM = {"mistralai/Mixtral-8x7B-Instruct-v0.1": (0.6384, None), "gpt-4-1106-preview": (0.8567, None)}


def imported(folder: Path, data: Path, name: str, models: list[str], *more: str) -> dict[str, Any]:
    tiers = ",".join(f"t{number}={model}" for number, model in enumerate(models))
    file = str(data / "recordings" / f"{name}.jsonl")
    done = evalbench(
        "import", "recordings", file, "--tiers", tiers, "--trust-scores", "--json", *more, cwd=folder
    )
    assert done.code == 0, done.err
    (task,) = done.json["tasks"]
    return dict(task)


@pytest.mark.parametrize(
    ("name", "expected"), [("arc-challenge", ARC), ("function-calls", CALLS), ("gsm8k", GSM)]
)
def test_trusted_scores_and_costs_are_those_that_were_published(
    here: Path, data: Path, name: str, expected: dict[str, tuple[float, float | None]]
) -> None:
    task = imported(here, data, name, list(expected))

    for tier, (accuracy, cost_usd) in zip(task["tiers"], expected.values(), strict=True):
        assert tier["score"]["value"] == pytest.approx(accuracy, abs=5.1e-5)
        assert tier["cost_usd"]["per_item"] == (cost_usd and pytest.approx(cost_usd, rel=5e-4))
    assert task["unlabelled"] == 0


@pytest.mark.parametrize(("max_drop", "tier"), [("0.05", "t2"), ("0.12", "t1")])
def test_arc_keeps_gpt_4_unless_12_points_may_be_lost(
    here: Path, data: Path, max_drop: str, tier: str
) -> None:
    models = ["mistralai/mistral-7b-chat", "mistralai/mixtral-8x7b-chat", "gpt-4-1106-preview"]

    task = imported(here, data, "arc-challenge", models, "--max-drop", max_drop)

    assert (task["recommendation"]["outcome"], task["recommendation"]["tier"]) == ("recommended", tier)
    assert task["comparisons"][1]["proven_drop"] == pytest.approx(0.118, abs=0.002)
