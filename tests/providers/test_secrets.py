from __future__ import annotations

import base64
import json
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalbench.providers.secrets import Secrets, hide_keys, secret_variables

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


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("refused sk-proj-0123456789abcdef.", "refused [key]."),
        ("refused sk-ant-api03-a_b-0123456789abcdef", "refused [key]"),
        ("gsk_0123456789abcdef0123 or ghp_0123456789abcdef0123", "[key] or [key]"),
        ("pay with sk_live_0123456789abcdef0", "pay with [key]"),
        ("?key=AIzaSyD01234567890123456789012345678901&alt=json", "?key=[key]&alt=json"),
        ("AKIA0123456789ABCDEF is no user", "[key] is no user"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc_def-123", "[key]"),
        ("Authorization: Bearer abc123def456ghi789", "Authorization: Bearer [key]"),
        ("{'Authorization': 'Basic dXNlcjpwYXNzMTIz'}", "{'Authorization': 'Basic [key]'}"),
        ('{"api_key": "0123456789abcdef"}', '{"api_key": "[key]"}'),
        ("X-Api-Key: 0123456789abcdef", "X-Api-Key: [key]"),
        ("OPENAI_API_KEY=abcdef0123456789", "OPENAI_API_KEY=[key]"),
        ("access_token=Bearer abcdef0123456789", "access_token=Bearer [key]"),
        ("postgres://joe:hunter2@db.test/x", "postgres://joe:[key]@db.test/x"),
    ],
)
def test_a_message_hides_keys_of_well_known_shapes(said: str, told: str) -> None:
    assert hide_keys(said) == told


@pytest.mark.parametrize(
    "said",
    [
        "scikit-learn is not installed: pip install sk-learn-compatible-estimators",
        "the key 'category' is missing in line 12",
        "a bearer authentication is needed",
        "fix: name a variable with api_key_env: OPENAI_API_KEY_FOR_BILLING",
        "max_tokens=100000, seed=12345678901234",
        "evalbench run --resume 20261125-071445-1405de",
        "http://127.0.0.1:8000/v1 answers nothing",
        "hash 0123456789abcdef0123456789abcdef",
        "risk-0123456789abcdef0123 is an item",
    ],
)
def test_a_message_without_a_key_stays_as_it_is(said: str) -> None:
    assert hide_keys(said) == said


def test_a_long_message_is_searched_in_no_time() -> None:
    for text in (
        "a-key" * 40_000,
        "bearer " * 40_000,
        "://x" * 40_000,
        "sk-" + "a" * 200_000,
        "eyJ" * 60_000,
    ):
        started = time.perf_counter()

        hide_keys(text)

        assert time.perf_counter() - started < 5.0
