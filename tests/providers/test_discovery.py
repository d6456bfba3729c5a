from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from evalbench.providers.discovery import Place, Served, keys, objection_to, served_models, servers
from tests.servers import ModelServer, Reaction, redirect, send, serving, slow_first_byte


def served(reaction: Reaction, limit_s: float = 5.0) -> Served | None:
    with ModelServer(always=reaction) as server:
        return asyncio.run(served_models(server.address, limit_s=limit_s))


def free_port() -> int:
    with ModelServer() as server:
        return server.port


def test_a_key_is_known_by_the_name_of_its_variable_alone() -> None:
    (key,) = keys({"OPENAI_API_KEY": "sk-very-secret", "PATH": "/bin"})

    assert (key.provider, key.variable, key.file) == ("openai", "OPENAI_API_KEY", None)
    assert "secret" not in repr(key)


def test_a_key_in_a_file_counts_where_the_environment_has_none(here: Path) -> None:
    path = here / ".env"
    path.write_text("MISTRAL_API_KEY='from file'\nOPENAI_API_KEY=from-file\nXAI_API_KEY=\n", "utf-8")

    found = {key.provider: key.file for key in keys({"OPENAI_API_KEY": "set", "GROQ_API_KEY": " "}, [path])}

    assert found == {"openai": None, "mistral": path}


def test_a_variable_that_two_providers_share_is_one_key() -> None:
    assert [key.variable for key in keys({"COHERE_API_KEY": "set"})] == ["COHERE_API_KEY"]


def test_a_file_that_is_no_text_holds_no_key(here: Path) -> None:
    path = here / ".env"
    path.write_bytes(b"OPENAI_API_KEY=\xff\xfe\n")

    assert keys({}, [path, here]) == ()


def test_a_server_says_which_models_it_has() -> None:
    assert served(serving("llama3.2:1b", "qwen3:8b")) == Served(("llama3.2:1b", "qwen3:8b"))


def test_a_server_with_one_model_for_every_name_is_told_by_its_own_word() -> None:
    assert served(serving("tiny.gguf", owner="llamacpp")) == Served(("tiny.gguf",), takes_any_name=True)


def test_a_server_is_asked_for_its_list_and_nothing_else() -> None:
    with ModelServer(always=serving("a")) as server:
        asyncio.run(served_models(server.address, limit_s=5.0))

        (call,) = server.calls
    assert (call.path, call.raw, call.headers.get("authorization")) == ("/v1/models", b"", None)


def test_the_latest_version_need_not_be_named() -> None:
    assert Served(("llama3.2:latest",)).has("llama3.2")


@pytest.mark.parametrize(
    "reaction",
    [
        send(200, b"<html>It works!</html>", "text/html"),
        send(200, b'{"data": {"id": "a"}}'),
        send(200, b"[" * 100_000),
        send(200, b'{"data": ["' + b"a" * 1_000_000 + b'"]}'),
        send(401, b'{"data": [{"id": "a"}]}'),
    ],
    ids=["a page", "another shape", "nested without end", "too long", "refused"],
)
def test_another_program_on_the_port_is_no_model_server(reaction: Reaction) -> None:
    assert served(reaction) is None


def test_names_that_could_steer_a_terminal_are_left_out() -> None:
    assert served(serving("good", "bad\x1b[2J", "line\nbreak", "")) == Served(("good",))


def test_a_redirect_is_not_followed() -> None:
    with ModelServer(always=serving("a")) as other:
        assert served(redirect(f"{other.address}/models")) is None

        assert other.calls == []


def test_a_server_that_takes_its_time_is_not_waited_for() -> None:
    assert served(slow_first_byte(2.0), limit_s=0.1) is None


def test_no_other_machine_is_asked() -> None:
    with pytest.raises(ValueError, match="not on this machine"):
        asyncio.run(served_models("http://192.0.2.1:11434/v1"))


def test_servers_are_found_where_they_listen() -> None:
    with ModelServer(always=serving("a", "b")) as server:
        places = (Place("Ollama", server.port, "ollama"), Place("vLLM", free_port(), "hosted_vllm"))

        (found,) = servers(places)

    assert (found.place.name, found.models) == ("Ollama", ("a", "b"))


def test_an_endpoint_that_accepts_connections_is_sent_nothing() -> None:
    with ModelServer() as server:
        objection = asyncio.run(objection_to(server.address))

        assert (objection, server.calls) == (None, [])


def test_an_endpoint_where_nothing_listens_is_told() -> None:
    assert asyncio.run(objection_to(f"http://127.0.0.1:{free_port()}/v1")) == "nothing listens there"


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/v1", "http://127.0.0.1:99999/v1"])
def test_what_is_no_address_is_told(address: str) -> None:
    assert asyncio.run(objection_to(address)) == "it is no address"
