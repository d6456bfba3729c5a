"""The least that asking can cost: aiohttp and orjson, no retries, no ledger, no grading.

python benchmarks/bare_client.py ITEMS.jsonl PORT CONNECTIONS
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import aiohttp
import orjson


async def ask(items: list[dict[str, str]], port: int, connections: int) -> int:
    """Ask for every item over a fixed pool of connections; how many answers were right."""
    left = iter(items)
    right = 0
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def work() -> None:
            nonlocal right
            for item in left:
                body = {"model": "mock", "messages": [{"role": "user", "content": item["prompt"]}]}
                async with session.post(
                    f"http://127.0.0.1:{port}/v1/chat/completions",
                    data=orjson.dumps(body),
                    headers={"Content-Type": "application/json"},
                ) as response:
                    answer = orjson.loads(await response.read())
                right += answer["choices"][0]["message"]["content"] == item["label"]

        await asyncio.gather(*(work() for _ in range(connections)))
    return right


def main() -> None:
    """Read the items and ask for them."""
    path, port, connections = sys.argv[1:]
    with Path(path).open(encoding="utf-8") as file:
        items = [json.loads(line) for line in file]
    print(asyncio.run(ask(items, int(port), int(connections))))


if __name__ == "__main__":
    main()
