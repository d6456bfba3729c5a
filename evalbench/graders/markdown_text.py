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
    are wrapped, how entries behind the first of a list are numbered, whether they are set apart by
    blank lines, and whether a link is written out.
    """
    found: list[Event] = []
    open_blocks: list[str] = []
    # Code and HTML at the very end are lines like any others.
    for token in _parser().parse(text.rstrip("\n") + "\n"):
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
    # Elsewhere the info tells how a thing was written: the number of an entry, the brackets of a link.
    info = token.info.strip() if token.type == "fence" else ""
    content = _plain(token.children or ()) if token.type == "image" else token.content
    return (_CODE.get(token.type, token.type), (token.tag, attributes, info, content))


def _plain(tokens: Sequence[Token]) -> str:
    """The text that stands in for an image: its description without emphasis and links."""
    pieces = (
        "\n" if token.type in _SPACE else _plain(token.children) if token.children else token.content
        for token in tokens
    )
    return "".join(pieces)


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
