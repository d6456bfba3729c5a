from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import servers
from tests.cli.shell import evalbench, write_project
from tests.servers import ModelServer

KEY = "sk-0123456789abcdef"
SCRIPT = """
import os
import evalbench.cli.app as cli
from evalbench.errors import InputError

def fail(**_):
    raise {error}

cli.app = fail
cli.main()
"""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("RuntimeError('no use for ' + os.environ['MY_KEY'])", 70),
        ("InputError('no use for ' + os.environ['MY_KEY'], 'not ' + os.environ['MY_KEY'])", 2),
    ],
)
def test_a_key_is_in_no_error_and_no_traceback(error: str, code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(error=error)],
        env={**os.environ, "MY_KEY": KEY},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == code
    assert "no use for [key]" in done.stderr
    assert KEY not in done.stderr + done.stdout


def test_a_long_value_in_a_settings_file_is_not_cut_within_a_key(tmp_path: Path) -> None:
    (tmp_path / "evalbench.yaml").write_text(
        f"tiers: {{a: openai/m}}\nseed: {'x' * 68} {KEY}\nrepeats: {KEY * 8}\n", "utf-8"
    )

    done = evalbench("doctor", "--json", cwd=tmp_path, MY_KEY=KEY * 8, OTHER_KEY=KEY)

    assert "characters, not a whole number" in done.out + done.err
    assert "sk-0" not in done.out + done.err


OWN = """\
def small(prompt):
    sent = "Authorization: Bearer a1b2c3d4e5f6g7h8"
    raise RuntimeError("POST /v1?key=AIzaSyD01234567890123456789012345678901, " + sent)


def large(prompt):
    return "bug, says sk-proj-0123456789abcdef0123"
"""


def test_a_failure_of_a_function_keeps_no_key_of_any_known_shape(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 3)
    (folder / "models.py").write_text(OWN, "utf-8")

    done = evalbench("run", "--tiers", "small,large", cwd=folder)

    kept = b"".join(
        path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".py"
    )
    assert done.code == 3
    assert "key=[key], Authorization: Bearer [key]" in done.err
    assert b"sk-proj-0123456789abcdef0123" in kept, "an answer is kept as it was given"
    for secret in (b"AIzaSy", b"a1b2c3"):
        assert secret not in kept + done.out.encode() + done.err.encode()


PROJECT = """\
tiers:
  small: {{model: openai/m, api_base: "{address}", api_key_env: MY_KEY, price: {{per_hour: 1}}}}
retries: 0
"""


class Indiscreet:
    """Tells the key to everybody: in answers, in the names it gives, and in its errors."""

    def __init__(self) -> None:
        self._calls = 0

    async def __call__(self, exchange: servers.Exchange) -> None:
        self._calls += 1
        if self._calls % 3 == 0:
            await servers.EchoesTheKey(400)(exchange)
            return
        key = exchange.call.headers["authorization"].removeprefix("Bearer ")
        document = servers.reply(f"bug, says {key}", {"prompt_tokens": 5, "completion_tokens": 2})
        await exchange.send(200, json.dumps(document | {"model": key}).encode())


def test_a_run_keeps_no_key_that_a_provider_echoes(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 30)
    with ModelServer(always=Indiscreet()) as server:
        (folder / "evalbench.yaml").write_text(PROJECT.format(address=server.address), "utf-8")

        done = evalbench("run", "--json", cwd=folder, MY_KEY=KEY)

    assert done.code == 3
    assert len(server.calls) == 30
    assert {call.headers["authorization"] for call in server.calls} == {f"Bearer {KEY}"}
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert {".sqlite", ".html", ".json"} <= {path.suffix for path in kept}
    assert [path for path in kept if KEY.encode() in path.read_bytes()] == []
    assert KEY not in done.out + done.err
    assert any(b"[key]" in path.read_bytes() for path in kept)
