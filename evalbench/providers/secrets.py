"""Keep keys out of everything that is stored or shown, whatever a provider echoes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, quote_plus, unquote

PLACEHOLDER = "[key]"
"""What stands where a key was."""

_SHORTEST = 6
_SECRET_NAME = re.compile(r"KEY(?!BOARD|MAP)|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL")
_KEY_START = re.compile(
    r"(?:sk|pk|rk|hf|gsk|ghp|gho|xai|nvapi|csk|fw|r8|pplx|glpat|xox[abp])[-_]|AIza|AKIA|eyJ"
)
_KEY_SHAPES = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:sk|gsk|hf|ghp|gho|ghu|ghs|github_pat|glpat|xox[abeprs]|xai|nvapi|csk|fw|r8|pplx|[spr]k_(?:live|test))"
    r"[-_](?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{16,}"
    r"|AIza[A-Za-z0-9_-]{30,}|(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])"
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?)"
)
_AFTER_SCHEMES = re.compile(
    r"((?<![A-Za-z0-9])(?i:bearer|basic)\s+)"
    r"(?=[A-Za-z0-9._~+/=-]*(?:[0-9]|[a-z][A-Z]))[A-Za-z0-9._~+/=-]{12,}"
)
_AFTER_NAMES = re.compile(
    r"(?i)((?<![a-z0-9])(?:[a-z0-9]{1,20}[_-]){0,3}(?:apikey|key|token|secret|password|passwd)"
    r"[\"']?\s{0,3}[=:]\s{0,3}[\"']?)"
    r"(?=[a-z0-9._~+/=-]*[0-9])(?=[0-9._~+/=-]*[a-z])[a-z0-9._~+/=-]{12,}"
)
_IN_ADDRESS = re.compile(r"(://[^\s/:@]*:)[^\s/@]+(?=@)")
_KEY_BODY = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])[A-Za-z0-9_\-]{32,}")


@dataclass(frozen=True, slots=True)
class Secrets:
    """The spellings of all keys in play, longest first, so that none is left half hidden."""

    spellings: tuple[str, ...] = ()

    @classmethod
    def of(cls, values: Iterable[str]) -> Self:
        """Secrets for these values; what is too short to be a key is no secret."""
        found = {spelling for value in values for spelling in _spellings(value.strip())}
        return cls(tuple(sorted(found, key=lambda spelling: (-len(spelling), spelling))))

    @classmethod
    def from_variables(cls, environ: Mapping[str, str], names: Iterable[str]) -> Self:
        """Secrets for the values of these variables, those that are set, and for passwords of proxies."""
        return cls.of([*(environ[name] for name in names if name in environ), *_proxy_passwords(environ)])

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Secrets for every variable that looks as if it held one."""
        return cls.from_variables(environ, secret_variables(environ))

    def redact(self, text: str) -> str:
        """The text with `[key]` in place of every key."""
        for spelling in self.spellings:
            if spelling in text:
                text = text.replace(spelling, PLACEHOLDER)
        return text


def hide_keys(text: str) -> str:
    """A message with `[key]` in place of what looks like one, whoever it belongs to.

    It goes by the shapes that well-known services give their keys, by words such as `Bearer` and
    `api_key=`, and by addresses with a password. Not for answers: those are kept as they were given.
    """
    for pattern, instead in (
        (_IN_ADDRESS, rf"\1{PLACEHOLDER}"),
        (_KEY_SHAPES, PLACEHOLDER),
        (_AFTER_SCHEMES, rf"\1{PLACEHOLDER}"),
        (_AFTER_NAMES, rf"\1{PLACEHOLDER}"),
    ):
        text = pattern.sub(instead, text)
    return text


def secret_variables(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the variables that look as if they held a secret, by their name or by their value."""
    return tuple(name for name, value in environ.items() if _is_secret(name, value.strip()))


def _is_secret(name: str, value: str) -> bool:
    if _SECRET_NAME.search(name.upper()):
        # Counts such as MAX_TOKENS=100000 are no secrets, and would garble every message.
        return not (value.isdecimal() and "PASS" not in name.upper())
    is_long = len(value) >= 2 * _SHORTEST and not re.search(r"\s", value)
    return is_long and bool(_KEY_START.match(value) or _KEY_BODY.fullmatch(value))


def _proxy_passwords(environ: Mapping[str, str]) -> Iterator[str]:
    for name, value in environ.items():
        if name.lower().endswith("_proxy"):
            place = value.rpartition("@")[0].rpartition("//")[2]
            yield unquote(place.partition(":")[2])


def _spellings(value: str) -> Iterator[str]:
    if len(value) < _SHORTEST:
        return
    yield value
    for safe in ("", "/"):
        quoted = quote(value, safe=safe, errors="surrogateescape")
        yield quoted
        yield re.sub(r"%..", lambda escape: escape.group().lower(), quoted)
    yield quote_plus(value, errors="surrogateescape")
    for is_ascii in (True, False):
        escaped = json.dumps(value, ensure_ascii=is_ascii)[1:-1]
        yield escaped
        yield escaped.replace("/", "\\/")
    yield from _inside_base64(value.encode("utf-8", "surrogateescape"))


def _inside_base64(value: bytes) -> Iterator[str]:
    # In `Basic base64(user:key)` the key may start at any of three places in a group of three
    # bytes. What its neighbours have a part in is cut off at both ends.
    for shift in range(3):
        whole = len(value) - (shift + len(value)) % 3
        encoded = base64.b64encode(bytes(shift) + value[:whole])[(shift * 8 + 5) // 6 :].decode()
        if len(encoded) >= _SHORTEST:
            yield encoded
            yield encoded.replace("+", "-").replace("/", "_")
