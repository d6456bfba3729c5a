"""Find who could answer from here: keys by the name of their variable, and model servers on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dotenv import dotenv_values

from evalbench.providers.endpoints import is_loopback, key_variables, known_providers
from evalbench.providers.threads import Threads

ANSWER_LIMIT_S = 0.5
"""How long a server on this machine may take to say which models it has."""

CONNECT_LIMIT_S = 1.0
"""How long an endpoint may take to accept a connection."""

_LONGEST_REPLY = 1_000_000
_LONGEST_NAME = 200
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Place:
    """A port where a well-known model server listens, and what its models' ids begin with."""

    name: str
    port: int
    provider: str

    @property
    def base(self) -> str:
        """The address that paths are added to."""
        return f"http://127.0.0.1:{self.port}/v1"


PLACES = (
    Place("Ollama", 11434, "ollama"),
    Place("LM Studio", 1234, "lm_studio"),
    Place("llama.cpp", 8080, "hosted_vllm"),
    Place("vLLM", 8000, "hosted_vllm"),
)
"""Where model servers listen unless they are told otherwise. Other programs use these ports, too."""


@dataclass(frozen=True, slots=True)
class Served:
    """The models that a server says it has.

    `takes_any_name` says that it answers with its only model, whatever name it is asked for.
    """

    models: tuple[str, ...]
    takes_any_name: bool = False

    def has(self, name: str) -> bool:
        """Whether a model can be asked for by this name; `latest` may be left out."""
        return name in self.models or f"{name}:latest" in self.models


@dataclass(frozen=True, slots=True)
class Server:
    """A model server that answers on this machine, and the models it has."""

    place: Place
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A variable that holds a provider's key; the key itself is never kept.

    `file` is the file it stands in when it is not in the environment.
    """

    provider: str
    variable: str
    file: Path | None = None


def keys(environ: Mapping[str, str], files: Sequence[Path] = ()) -> tuple[Key, ...]:
    """One key for each provider that has one, those of the environment before those in files."""
    places: list[tuple[frozenset[str], Path | None]] = [(_filled(environ), None)]
    places += [(_filled(_variables_in(path)), path) for path in files]
    found: dict[str, Key] = {}
    taken: set[str] = set()
    for names, path in places:
        for provider in known_providers():
            variable = next((each for each in key_variables(provider) if each in names), None)
            # Two providers may share a variable; the first stands for both.
            if variable is not None and provider not in found and variable not in taken:
                found[provider] = Key(provider, variable, path)
                taken.add(variable)
    return tuple(found.values())


def _filled(variables: Mapping[str, str | None]) -> frozenset[str]:
    return frozenset(name for name, value in variables.items() if value and value.strip())


def _variables_in(path: Path) -> Mapping[str, str | None]:
    try:
        return dotenv_values(path, interpolate=False) if path.is_file() else {}
    except (OSError, UnicodeDecodeError):
        return {}  # What cannot be read holds no key that could be used.


def servers(places: Iterable[Place] = PLACES) -> tuple[Server, ...]:
    """The model servers that answer on this machine, all asked at once."""
    return asyncio.run(_servers(tuple(places)))


async def _servers(places: Sequence[Place]) -> tuple[Server, ...]:
    listed = await asyncio.gather(*(served_models(place.base) for place in places))
    return tuple(
        Server(place, served.models)
        for place, served in zip(places, listed, strict=True)
        if served is not None
    )


async def served_models(
    base: str, *, key: str | None = None, limit_s: float = ANSWER_LIMIT_S
) -> Served | None:
    """What a server on this machine says it has, or None where none says so.

    It asks for the list and nothing else, and no other machine is ever asked.
    """
    if not is_loopback(base):
        raise ValueError(f"{base!r} is not on this machine")
    import_module("aiohttp")  # It takes a while, which is not the server's fault.
    try:
        async with asyncio.timeout(limit_s):
            return _served(await _read(f"{base.rstrip('/')}/models", key))
    except TimeoutError:
        return None


async def _read(address: str, key: str | None) -> bytes | None:
    """What stands at an address of this machine: without a proxy, a redirect or a cookie."""
    import aiohttp

    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    try:
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), headers=headers) as session,
            session.get(address, allow_redirects=False) as response,
        ):
            whole = b""
            async for part in response.content.iter_any():
                whole += part
                if len(whole) > _LONGEST_REPLY:
                    return None
            return whole if response.status == 200 else None  # noqa: PLR2004 - the status of success
    except (aiohttp.ClientError, OSError, ValueError):
        return None


def _served(reply: bytes | None) -> Served | None:
    try:
        document: Any = json.loads(reply or b"")
    except (ValueError, RecursionError):
        return None
    listed = document.get("data") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        return None
    entries = [entry for entry in listed if isinstance(entry, dict)]
    names = (entry.get("id") for entry in entries)
    return Served(
        tuple(dict.fromkeys(name for name in names if isinstance(name, str) and _is_name(name))),
        bool(entries) and all(entry.get("owned_by") == "llamacpp" for entry in entries),
    )


def _is_name(name: str) -> bool:
    return 0 < len(name) <= _LONGEST_NAME and name.isprintable()


async def objection_to(address: str, limit_s: float = CONNECT_LIMIT_S) -> str | None:
    """Why no connection to an endpoint can be opened, or None when it can; nothing is sent."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        return "it is no address"
    try:
        async with asyncio.timeout(limit_s):
            return await _connect(host, port)
    except TimeoutError:
        return f"it does not answer within {limit_s:g} s"


async def _connect(host: str | None, port: int) -> str | None:
    """Opens a connection to the first of a host's addresses that takes one, and closes it."""
    reason = "its name is not known"
    try:
        # A look-up cannot be stopped: in a thread of its own it need not be waited for.
        look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        addresses = await Threads(1).do(look_up)
    except (OSError, UnicodeError):
        return reason
    for address in dict.fromkeys(found[4][0] for found in addresses):
        try:
            _, writer = await asyncio.open_connection(address, port)
        except OSError as error:
            reason = _reason(error)
            continue
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return None
    return reason


def _reason(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    return os.strerror(error.errno) if error.errno else "no connection"
