from __future__ import annotations

import pytest

from evalbench.errors import InputError
from evalbench.providers.proxies import proxy_of

PROXY = "http://127.0.0.1:3128"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def test_without_a_proxy_every_call_is_direct() -> None:
    assert proxy_of("https://models.example/v1") is None


def test_each_scheme_has_its_own_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)

    assert proxy_of("https://models.example/v1") == PROXY
    assert proxy_of("http://models.example/v1") is None


def test_a_proxy_without_a_scheme_is_an_http_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "127.0.0.1:3128")

    assert proxy_of("http://models.example/v1") == PROXY


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "api.localhost"])
def test_this_machine_is_called_directly(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", PROXY)

    assert proxy_of(f"http://{host}/v1") is None


@pytest.mark.parametrize("excepted", ["models.example", ".example", "other, models.example", "*"])
def test_hosts_that_are_excepted_are_called_directly(monkeypatch: pytest.MonkeyPatch, excepted: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", excepted)

    assert proxy_of("https://models.example/v1") is None


def test_a_host_can_be_excepted_at_one_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", "models.example:8443")

    assert proxy_of("https://models.example:8443/v1") is None
    assert proxy_of("https://models.example/v1") == PROXY


def test_a_proxy_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1080")

    with pytest.raises(InputError, match="HTTPS_PROXY names a socks5 proxy"):
        proxy_of("https://models.example/v1")
