"""A certificate authority for as long as a test, and a proxy that opens tunnels to one server."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

NAME = "models.example.test"


def make_authority(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """The authority's certificate, and what a server of this machine needs to show one that it signed."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no certificates without the command openssl")
    request = (openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2")
    own = ("-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=authority")
    names = f"subjectAltName=IP:127.0.0.1,DNS:{NAME}"
    signed = (
        *("-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", "server.key", "-out", "server.pem"),
        *("-subj", "/CN=server", "-addext", names, "-addext", "basicConstraints=critical,CA:FALSE"),
    )
    for arguments in (own, signed):
        subprocess.run([*request, *arguments], cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return folder / "ca.pem", context


@contextlib.contextmanager
def tunnels_to(port: int, wished: list[str]) -> Iterator[int]:
    """The port of a proxy that leads every tunnel to a server of this machine, and notes where it should."""
    started = threading.Event()
    ports: list[int] = []
    loop = asyncio.new_event_loop()

    async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while piece := await source.read(65536):
                sink.write(piece)
                await sink.drain()
        sink.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        wished.append(head.partition("\r\n")[0])
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))

    async def opened() -> asyncio.Server:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        ports.append(server.sockets[0].getsockname()[1])
        started.set()
        return server

    def run() -> None:
        server = loop.run_until_complete(opened())
        loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    started.wait(10)
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
