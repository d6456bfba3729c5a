"""How calls leave this machine: encrypted to whom, and through which proxy."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

import pytest

from tests.cli.shell import Done, evalbench
from tests.servers import ModelServer, send
from tests.tls import NAME, make_authority, tunnels_to

ITEMS = 30
ANTHROPIC = json.dumps(
    {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": "ok"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
).encode()
WAYS = pytest.mark.parametrize("model", ["hosted_vllm/m", "anthropic/claude-haiku-4-5"])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return make_authority(tmp_path_factory.mktemp("authority"))


def run(folder: Path, model: str, address: str, **variables: str) -> Done:
    base = address.removesuffix("/v1") if model.startswith("anthropic") else address
    tier = f'{{model: {model}, api_base: "{base}", price: {{input: 1, output: 1}}}}'
    (folder / "evalbench.yaml").write_text(f"tiers: {{only: {tier}}}\nclassical: off\n", "utf-8")
    rows = [{"id": f"i{number}", "text": f"{number} label=ok", "target": "ok"} for number in range(ITEMS)]
    (folder / "items.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    arguments = ("run", "items.jsonl", "--input", "text", "--grader", "exact", "--task", "qa")
    keys = {"ANTHROPIC_API_KEY": "sk-ant-1234567890", "HOSTED_VLLM_API_KEY": "sk-1234567890"}
    # Those of the machine that the test runs on, by either spelling, are taken away or set anew.
    proxies = {name: variables.pop(name, "") for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")}
    lower = {name.lower(): value for name, value in proxies.items()}
    return evalbench(*arguments, "--quiet", "--json", cwd=folder, **{**keys, **proxies, **lower, **variables})


def server_for(model: str, tls: ssl.SSLContext | None = None) -> ModelServer:
    return ModelServer(always=send(200, ANTHROPIC) if model.startswith("anthropic") else None, tls=tls)


def score(done: Done) -> float:
    assert done.code == 0, done.err
    return float(done.json["tasks"][0]["tiers"][0]["score"]["value"])


@WAYS
def test_a_server_whose_certificate_is_trusted_answers(
    tmp_path: Path, authority: tuple[Path, ssl.SSLContext], model: str
) -> None:
    with server_for(model, authority[1]) as server:
        done = run(tmp_path, model, server.address, SSL_CERT_FILE=str(authority[0]))

    assert score(done) == 1.0
    assert len(server.calls) == ITEMS


@WAYS
def test_a_certificate_that_nobody_vouches_for_ends_the_tier_at_once_with_the_fix(
    tmp_path: Path, authority: tuple[Path, ssl.SSLContext], model: str
) -> None:
    with server_for(model, authority[1]) as server:
        done = run(tmp_path, model, server.address)

    assert done.code == 3
    assert f"the certificate of 127.0.0.1:{server.port} cannot be trusted" in done.err
    assert "unable to get local issuer certificate" in done.err
    assert "export SSL_CERT_FILE=FILE.pem" in done.err
    assert done.err.count("cannot be trusted") == 1
    assert server.calls == []
    assert server.connections <= 8


@WAYS
def test_calls_to_another_machine_go_through_the_proxy(tmp_path: Path, model: str) -> None:
    with server_for(model) as proxy:
        through = f"http://127.0.0.1:{proxy.port}"
        done = run(tmp_path, model, f"http://{NAME}/v1", HTTP_PROXY=through)

    assert score(done) == 1.0
    assert {call.path.partition("/v1/")[0] for call in proxy.calls} == {f"http://{NAME}"}


@WAYS
def test_encrypted_calls_go_through_a_tunnel_that_the_proxy_cannot_look_into(
    tmp_path: Path, authority: tuple[Path, ssl.SSLContext], model: str
) -> None:
    wished: list[str] = []
    with server_for(model, authority[1]) as server, tunnels_to(server.port, wished) as port:
        done = run(
            tmp_path,
            model,
            f"https://{NAME}/v1",
            HTTPS_PROXY=f"http://127.0.0.1:{port}",
            SSL_CERT_FILE=str(authority[0]),
        )

    assert score(done) == 1.0
    assert set(wished) == {f"CONNECT {NAME}:443 HTTP/1.1"}


@WAYS
def test_this_machine_is_never_asked_through_a_proxy(tmp_path: Path, model: str) -> None:
    with server_for(model) as server, server_for(model) as proxy:
        done = run(tmp_path, model, server.address, HTTP_PROXY=f"http://127.0.0.1:{proxy.port}")

    assert score(done) == 1.0
    assert (len(server.calls), proxy.connections) == (ITEMS, 0)


def test_a_proxy_that_is_not_there_is_named(tmp_path: Path) -> None:
    with ModelServer() as server:
        port = server.port
    done = run(tmp_path, "hosted_vllm/m", f"http://{NAME}/v1", HTTP_PROXY=f"http://127.0.0.1:{port}")

    assert done.code == 3
    assert f"no connection to the proxy 127.0.0.1:{port}" in done.err


def test_a_proxy_that_wants_a_password_ends_the_tier_at_once(tmp_path: Path) -> None:
    with ModelServer(always=send(407, b"")) as proxy:
        done = run(tmp_path, "hosted_vllm/m", f"http://{NAME}/v1", HTTP_PROXY=f"127.0.0.1:{proxy.port}")

    assert done.code == 3
    assert f"the proxy on the way to {NAME} refused the call (407)" in done.err
    assert len(proxy.calls) <= 8


def test_a_proxy_of_another_kind_is_refused_before_any_call(tmp_path: Path) -> None:
    done = run(tmp_path, "hosted_vllm/m", f"https://{NAME}/v1", HTTPS_PROXY="socks5://127.0.0.1:1080")

    assert done.code == 2
    assert "HTTPS_PROXY names a socks5 proxy" in done.err
    assert f"export NO_PROXY={NAME}" in done.err
