from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalbench.providers.secrets import Secrets, secret_variables

KEY = 'sk-"a/b+c d&é01234567890'
PLAIN = "sk-proj-0123456789abcdef"

SPELLINGS = {
    "as it is": KEY,
    "quoted in a URL": quote(KEY, safe=""),
    "quoted in a path": quote(KEY),
    "quoted in small letters": quote(KEY, safe="").lower(),
    "in a form": quote_plus(KEY),
    "in JSON": json.dumps(KEY),
    "in JSON with its own letters": json.dumps(KEY, ensure_ascii=False),
    "in base64": base64.b64encode(KEY.encode()).decode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_a_key_is_found_in_every_spelling(spelling: str) -> None:
    redacted = Secrets.of([KEY]).redact(f"before {spelling} after")

    assert "[key]" in redacted
    assert redacted.startswith("before ")
    assert redacted.endswith(" after")
    assert KEY[8:] not in redacted
    assert quote(KEY, safe="")[8:] not in redacted


@pytest.mark.parametrize("user", ["", "a", "ab", "abc", "a longer name"])
def test_a_key_is_found_in_basic_authentication(user: str) -> None:
    for text in (f"{user}:{PLAIN}", f"Bearer {PLAIN}", f"{PLAIN}:{user}"):
        encoded = base64.b64encode(text.encode()).decode()

        redacted = Secrets.of([PLAIN]).redact(f"Basic {encoded}")

        assert "[key]" in redacted
        assert len(redacted) < len(encoded)


def test_the_longer_key_goes_first_so_that_no_rest_is_left() -> None:
    secrets = Secrets.of(["abcdef", "abcdef-ghijkl"])

    assert secrets.redact("abcdef-ghijkl, abcdef") == "[key], [key]"


def test_what_is_too_short_to_be_a_key_stays() -> None:
    assert Secrets.of(["yes", "", "12345"]).redact("yes, 12345") == "yes, 12345"


def test_blanks_around_a_key_do_not_hide_it() -> None:
    assert Secrets.of([f" {PLAIN}\n"]).redact(f"x{PLAIN}x") == "x[key]x"


def test_named_variables_that_are_not_set_are_no_secrets() -> None:
    secrets = Secrets.from_variables({"A_KEY": PLAIN}, ["A_KEY", "B_KEY"])

    assert secrets.redact(PLAIN) == "[key]"


@pytest.mark.parametrize("address", ["http://joe:{}@proxy.test:3128", "joe:{}@proxy.test", "https://:{}@p"])
def test_the_password_of_a_proxy_is_a_secret(address: str) -> None:
    hidden = "hunter2/hunter2"
    environ = {"https_proxy": address.format(quote(hidden, safe="")), "NO_PROXY": "a.test,b.test"}

    secrets = Secrets.from_environment(environ)

    basic = base64.b64encode(f"joe:{hidden}".encode()).decode()
    assert secrets.redact(f"{hidden} and {environ['https_proxy']}").count("[key]") == 2
    assert "[key]" in secrets.redact(f"Basic {basic}")
    assert secrets.redact("joe at proxy.test") == "joe at proxy.test"


@given(st.text(min_size=6), st.text(), st.text())
def test_no_text_keeps_a_key(key: str, before: str, after: str) -> None:
    redacted = Secrets.of([key]).redact(before + key + after)

    assert len(key.strip()) < 6 or key.strip() in "[key]" or key.strip() not in redacted


def test_variables_are_suspected_by_their_name_or_their_value() -> None:
    environ = {
        "OPENAI_API_KEY": "whatever",
        "github_token": "whatever",
        "DB_PASSWORD": "123456",
        "GOOGLE_APPLICATION_CREDENTIALS": "whatever",
        "UNRELATED": "sk-0123456789abcdef",
        "HARMLESS": "0123456789abcdef0123456789abcdef",
        "MAX_TOKENS": "100000",
        "KEYBOARD": "german",
        "HOME": "/somewhere/over/the/rainbow/with/12",
        "LANG": "en_US.UTF-8",
    }

    assert secret_variables(environ) == (
        "OPENAI_API_KEY",
        "github_token",
        "DB_PASSWORD",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "UNRELATED",
        "HARMLESS",
    )
