from __future__ import annotations

import json
from typing import Any

import pytest

from evalbench.providers.complaints import Complaint, read_complaint
from evalbench.providers.secrets import Secrets

KEY = "qv-0123456789abcdef"


def read(document: Any) -> Complaint:
    return read_complaint(json.dumps(document).encode(), str)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"error": {"message": "no such model"}}, "no such model"),
        ({"error": "no such model"}, "no such model"),
        ({"message": "no such model"}, "no such model"),
        ({"detail": "no such model"}, "no such model"),
        ({"detail": [{"msg": "field required"}, {"msg": "too short"}]}, "field required too short"),
        ({"errors": [{"message": "first"}, "second"]}, "first second"),
        ([{"error": {"message": "in a list", "status": "BAD"}}], "in a list"),
        (
            {"error": {"message": "Provider returned error", "metadata": {"raw": "too long"}}},
            "Provider returned error too long",
        ),
        ({"error": {"message": {"why": "nested"}}}, '{"why":"nested"}'),
        ({"odd": 1}, '{"odd":1}'),
        ("plain", "plain"),
        (None, "null"),
    ],
)
def test_words_are_found_wherever_they_stand(document: Any, words: str) -> None:
    assert read(document).words == words


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html><head><title>502 Bad\nGateway</title></head><body>x</body>", "502 Bad Gateway"),
        (b"<html><script>var x = 1</script><p>It&#39;s <b>down</b></p>", "It's down"),
        (b"Not Found\r\n", "Not Found"),
        (b"\x1b[31mred\x00", "[31mred"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"", ""),
    ],
)
def test_pages_and_plain_text_are_read_as_one_line(body: bytes, words: str) -> None:
    assert read_complaint(body, str).words == words


def test_code_and_parameter_are_kept() -> None:
    found = read({"error": {"message": "x", "code": "bad", "type": "invalid", "param": "seed"}})

    assert (found.code, found.parameter) == ("bad invalid", "seed")


def test_words_that_go_on_and_on_are_cut() -> None:
    assert len(read({"error": {"message": "x" * 1000}}).quoted) < 310
    assert read({"error": {"message": "short"}}).quoted == ': "short"'


@pytest.mark.parametrize("shown", [1, 5, len(KEY) - 1])
@pytest.mark.parametrize("before", [b"bad key ", b"x"])
def test_a_key_that_goes_beyond_what_is_read_is_not_shown_in_part(before: bytes, shown: int) -> None:
    filling = before[-1:] * (100_000 - len(before) - shown)
    body = filling + before + KEY.encode() + b"!" * 50

    words = read_complaint(body, Secrets.of([KEY]).redact).words

    assert KEY[:shown] not in words
