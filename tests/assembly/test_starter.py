from __future__ import annotations

from pathlib import Path

import pytest

from evalbench.assembly.families import Ladder
from evalbench.assembly.proposal import Proposal
from evalbench.assembly.starter import starter_text
from evalbench.assembly.wiring import LOCAL_TIERS
from evalbench.config.project import Project, load_project
from evalbench.core.models import Model, Price
from evalbench.providers.discovery import Key

PRICE = Price(input=0.1, output=0.5, source="list price", as_of="2026-10-21")
PAID = {"small": Model("openai/a", params={"max_tokens": 4000}, price=PRICE), "large": Model("openai/b")}
OTHERS = (Ladder("gemini", {"small": Model("gemini/c", price=PRICE)}),)


def read_back(proposal: Proposal, folder: Path) -> Project:
    path = folder / "evalbench.yaml"
    path.write_text(starter_text(proposal), "utf-8")
    return load_project(path)


def test_paid_tiers_are_read_back_with_their_limit_and_a_cap(here: Path) -> None:
    project = read_back(Proposal(PAID, (), Key("openai", "OPENAI_API_KEY"), OTHERS), here)

    assert [model.id for model in project.tiers.values()] == ["openai/a", "openai/b"]
    assert project.tiers["small"].params == {"max_tokens": 4000}
    assert (project.current, project.max_spend_usd) == ("large", 5)


def test_prices_their_source_and_other_providers_stand_in_comments() -> None:
    text = starter_text(Proposal(PAID, (), Key("openai", "OPENAI_API_KEY"), OTHERS))

    assert "# $0.10 in, $0.50 out" in text
    assert "list price of 2026-10-21" in text
    assert "#   small: {model: gemini/c" in text


def test_classical_tiers_are_read_back(here: Path) -> None:
    project = read_back(Proposal(LOCAL_TIERS, ()), here)

    assert [model.id for model in project.tiers.values()] == ["local/small", "local/medium", "local/large"]


def test_served_tiers_leave_their_price_to_be_filled_in(here: Path) -> None:
    model = Model("ollama/llama3.2:1b", api_base="http://127.0.0.1:11434/v1")

    project = read_back(Proposal({"large": model}, (), is_served=True), here)
    filled = (here / "evalbench.yaml").read_text("utf-8").replace("# price:", "price:")
    (here / "evalbench.yaml").write_text(filled, "utf-8")
    priced = load_project(here / "evalbench.yaml").tiers["large"]

    assert project.tiers["large"] == model
    assert priced.price is not None
    assert priced.price.per_hour == 0.5


@pytest.mark.parametrize(
    "name",
    [
        "a: b",
        "x # y",
        "{curly}",
        "a, b",
        "'quoted\"",
        "back\\slash",
        "ends:",
        "/models/tiny.gguf",
        "größe",
        "😀",
    ],
)
def test_whatever_a_server_calls_its_models_is_read_back(name: str, here: Path) -> None:
    model = Model(f"hosted_vllm/{name}", api_base="http://127.0.0.1:8000/v1")

    assert read_back(Proposal({"large": model}, (), is_served=True), here).tiers["large"] == model
