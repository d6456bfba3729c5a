"""What `init` finds, proposes and says, and that no key ever leaves its variable."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml

from evalbench.assembly.options import ModelChoice
from evalbench.config.project import load_project
from evalbench.providers.discovery import Place
from evalbench.workflows.init import Started, Surroundings, init
from tests.cli.shell import evalbench
from tests.servers import ModelServer, serving

SET_KEY = "sk-proj-0123456789abcdefSET"
FILE_KEY = "AIza0123456789abcdefFILE"


def test_a_key_brings_three_tiers_with_todays_prices_and_their_source(here: Path) -> None:
    done = evalbench("init", cwd=here, OPENAI_API_KEY=SET_KEY)

    project = load_project(here / "evalbench.yaml")
    assert done.code == 0, done.err
    assert list(project.tiers) == ["small", "medium", "large"]
    assert all(model.id.startswith("openai/") for model in project.tiers.values())
    assert "OPENAI_API_KEY is set" in done.out
    assert " in, $" in done.out
    assert "list price, litellm" in done.out
    assert "next: evalbench doctor --call" in done.err


def test_a_key_that_is_only_in_a_file_comes_with_the_flag_that_loads_it(here: Path) -> None:
    (here / ".env").write_text(f"GEMINI_API_KEY={FILE_KEY}\n", "utf-8")

    done = evalbench("init", "project", cwd=here)

    assert "GEMINI_API_KEY is in .env, not in the environment" in done.out
    assert "add --env-file ../.env" in done.out
    assert "evalbench run --env-file ../.env" in done.err
    assert load_project(here / "project" / "evalbench.yaml").tiers["small"].id.startswith("gemini/")


def test_no_key_is_ever_shown_or_written(here: Path) -> None:
    (here / ".env").write_text(f"MISTRAL_API_KEY={FILE_KEY}\nMY_KEY={FILE_KEY}\n", "utf-8")
    environment = {"OPENAI_API_KEY": SET_KEY, "TOGETHER_API_KEY": SET_KEY}

    made = [
        evalbench("init", "plain", cwd=here, **environment),
        evalbench("init", "json", "--json", cwd=here, **environment),
        evalbench("init", "from-file", "--provider", "mistral", cwd=here, **environment),
    ]
    checked = [
        evalbench("doctor", "--env-file", "../.env", *more, cwd=here / name, **environment)
        for name in ("plain", "from-file")
        for more in ((), ("--json",), ("--call", "--dry-run"))
    ]

    texts = [text for done in (*made, *checked) for text in (done.out, done.err)]
    texts += [
        path.read_text("utf-8")
        for name in ("plain", "json", "from-file")
        for path in (here / name).rglob("*")
        if path.is_file()
    ]
    assert [done.code for done in (*made, *checked)] == [0] * 9
    assert not [text for text in texts if "0123456789abcdef" in text]


def test_a_provider_can_be_asked_for_by_name(here: Path) -> None:
    done = evalbench("init", "--provider", "anthropic", "--json", cwd=here, OPENAI_API_KEY=SET_KEY)

    assert done.json["tiers"]["large"].startswith("anthropic/")
    assert any("ANTHROPIC_API_KEY is not set yet" in sentence for sentence in done.json["proposed"])
    assert done.json["config"] == "evalbench.yaml"


def test_nothing_that_is_there_is_overwritten(here: Path) -> None:
    (here / "evalbench.yaml").write_text("tiers: {small: local/small}\n", "utf-8")

    done = evalbench("init", cwd=here, OPENAI_API_KEY=SET_KEY)

    assert done.code == 2
    assert "'evalbench.yaml' is there already" in done.err
    assert (here / "evalbench.yaml").read_text("utf-8") == "tiers: {small: local/small}\n"
    assert not (here / "evalsets").exists()


def test_an_unknown_provider_leaves_no_file_behind(here: Path) -> None:
    done = evalbench("init", "--provider", "opnai", cwd=here)

    assert done.code == 2
    assert "did you mean 'openai'?" in done.err
    assert list(here.iterdir()) == []


def started(folder: Path, *places: Place, local: bool = False, **environ: str) -> Started:
    around = Surroundings(environ, places, today=date(2026, 11, 25))
    return init(folder, ModelChoice(is_local=local), around)


def test_models_of_a_server_on_this_machine_are_proposed_by_size(here: Path) -> None:
    with ModelServer(always=serving("llama3.3:70b", "llama3.2:1b")) as server:
        found = started(here / "p", Place("Ollama", server.port, "ollama"))

        assert [call.path for call in server.calls] == ["/v1/models"]
    tiers = load_project(here / "p" / "evalbench.yaml").tiers
    assert [model.id for model in tiers.values()] == ["ollama/llama3.2:1b", "ollama/llama3.3:70b"]
    assert {model.api_base for model in tiers.values()} == {f"http://127.0.0.1:{server.port}/v1"}
    assert any("fill in `price: {per_hour: ...}`" in sentence for sentence in found.proposed)


def test_a_key_goes_before_a_server_unless_told_otherwise(here: Path) -> None:
    with ModelServer(always=serving("llama3.3:70b")) as server:
        place = Place("vLLM", server.port, "hosted_vllm")

        paid = started(here / "paid", place, OPENAI_API_KEY=SET_KEY)
        local = started(here / "local", place, local=True, OPENAI_API_KEY=SET_KEY)

    assert paid.tiers["large"].startswith("openai/")
    assert any("--local proposes these" in sentence for sentence in paid.proposed)
    assert local.tiers == {"large": "hosted_vllm/llama3.3:70b"}


def test_with_nothing_in_reach_the_classical_ladder_stands(here: Path) -> None:
    found = started(here / "p")

    assert found.tiers == {"small": "local/small", "medium": "local/medium", "large": "local/large"}
    assert any("no variable with a key" in sentence for sentence in found.found)
    assert [command for command, _ in found.commands][1] == "evalbench try evalsets/spam-filter -n 1"


def test_editors_are_told_by_which_schema_they_complete_and_check(here: Path) -> None:
    done = evalbench("init", "project", cwd=here, OPENAI_API_KEY=SET_KEY)

    assert done.code == 0, done.err
    files = [here / "project" / "evalbench.yaml", *(here / "project" / "evalsets").glob("*/evalset.yaml")]
    assert len(files) == 2
    for file in files:
        mark, _, place = file.read_text("utf-8").partition("\n")[0].partition("$schema=")
        schema = json.loads((file.parent / place).read_text("utf-8"))
        assert mark == "# yaml-language-server: "
        assert not Path(place).is_absolute()
        jsonschema.validate(yaml.safe_load(file.read_text("utf-8")), schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"tires": {}}, schema)


def test_a_project_in_a_folder_that_has_a_ledger_keeps_it(here: Path) -> None:
    (here / ".evalbench").mkdir()
    (here / ".evalbench" / "ledger.sqlite").write_bytes(b"")

    done = evalbench("init", cwd=here, OPENAI_API_KEY=SET_KEY)

    assert done.code == 0, done.err
    assert (here / ".evalbench" / "ledger.sqlite").exists()
