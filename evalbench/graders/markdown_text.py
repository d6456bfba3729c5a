"""Read Markdown as what it says, however it is spelled."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

Event = tuple[str, Hashable]

_CODE = {"fence": "code", "code_block": "code"}
_SPACE = frozenset(("softbreak",))


def markdown_events(text: str) -> list[Event]:
    """The blocks and inline marks of CommonMark with tables, in order.

    It makes no difference which characters mark emphasis, bullets, rules and headings, where lines
    are wrapped, and whether list entries are set apart by blank lines.
    """
    found: list[Event] = []
    open_blocks: list[str] = []
    for token in _parser().parse(text):
        if token.nesting < 0:
            open_blocks.pop()
        if not (token.type.startswith("paragraph") and open_blocks and open_blocks[-1] == "list_item_open"):
            found.extend(_inline(token.children or ()) if token.type == "inline" else [_block(token)])
        if token.nesting > 0:
            open_blocks.append(token.type)
    return found


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def _block(token: Token) -> Event:
    attributes = tuple(sorted((name, str(value)) for name, value in token.attrs.items()))
    return (_CODE.get(token.type, token.type), (token.tag, attributes, token.info.strip(), token.content))


def _inline(tokens: Sequence[Token]) -> Iterator[Event]:
    text: list[str] = []
    for token in tokens:
        if token.type == "text":
            text.append(token.content)
        elif token.type in _SPACE:
            text.append(" ")
        else:
            yield from _text(text)
            text.clear()
            yield _block(token)
    yield from _text(text)


def _text(pieces: Sequence[str]) -> Iterator[Event]:
    words = " ".join("".join(pieces).split(" "))
    if words:
        yield ("text", words)
