"""Read HTML as a list of what a browser would make of it."""

from __future__ import annotations

import re
from collections.abc import Hashable
from html.parser import HTMLParser

Event = tuple[str, Hashable]

_VOID = frozenset(re.findall(r"\w+", "area base br col embed hr img input link meta param source track wbr"))
_VERBATIM = frozenset(("pre", "textarea", "script", "style"))
# Around these, spaces and line ends are not shown.
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        """
        address article aside base blockquote body br caption center col colgroup dd details dialog div dl dt
        fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe legend li
        link main menu meta nav noframes ol optgroup option p pre script section source style summary table
        tbody td template tfoot th thead title tr track ul
        """,
    )
)
_SPACES = re.compile(r"[ \t\n\r\f]+")
_MOST_UNCLOSED = 50


def html_events(text: str) -> list[Event]:
    """Tags with their attributes in order, and text without insignificant space.

    Entities are resolved, comments dropped, `<hr />` is `<hr>`, and attributes are sorted. Nothing is
    repaired. A ValueError says what cannot be read.
    """
    if _unclosed(text, "<", ">") or _unclosed(text, "<!--", "-->"):
        raise ValueError("is not HTML: many tags are opened and never closed")
    events = _Events()
    try:
        events.feed(text.replace("\r\n", "\n"))
        events.close()
    except AssertionError as error:
        # This is how the parser of the standard library refuses a broken declaration.
        raise ValueError(f"is not HTML: {str(error)[:100]}") from None
    return _without_space(events.found)


class _Events(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Event] = []
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        first = dict(reversed(attrs))  # Of two attributes with one name, the first counts.
        self._add(f"<{tag}", tuple(sorted((name, value or "") for name, value in first.items())))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self._add(f"</{tag}", ())

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_decl(self, decl: str) -> None:
        self._add("<!", decl.lower())

    def unknown_decl(self, data: str) -> None:
        self._add("<![", data)

    def handle_pi(self, data: str) -> None:
        self._add("<?", data)

    def close(self) -> None:
        super().close()
        self._flush()

    def _add(self, kind: str, content: Hashable) -> None:
        self._flush()
        self.found.append((kind, content))

    def _flush(self) -> None:
        if self._text:
            self.found.append(("text", "".join(self._text)))
            self._text.clear()


def _without_space(events: list[Event]) -> list[Event]:
    kept: list[Event] = []
    verbatim = 0
    for place, (kind, content) in enumerate(events):
        name = kind.lstrip("</")
        if name in _VERBATIM:
            verbatim = max(0, verbatim + (-1 if kind.startswith("</") else 1))
        if kind != "text":
            kept.append((kind, content))
            continue
        text = str(content)
        if not verbatim:
            is_last = place + 1 == len(events) or _is_block(events[place + 1])
            text = _shown(text, is_first=not kept or _is_block(kept[-1]), is_last=is_last)
        elif kept[-1][0] == "<pre":
            text = text.removeprefix("\n")  # As browsers do.
        if text:
            kept.append(("text", text))
    return kept


def _shown(text: str, *, is_first: bool, is_last: bool) -> str:
    text = _SPACES.sub(" ", text)
    if is_first:
        text = text.removeprefix(" ")
    return text.removesuffix(" ") if is_last else text


def _is_block(event: Event) -> bool:
    return event[0].lstrip("</") in _BLOCKS or event[0].startswith(("<!", "<?"))


def _unclosed(text: str, opening: str, closing: str) -> bool:
    """Whether many tags begin after the last one that ends, on which the parser takes for ever."""
    return text.count(opening, text.rfind(closing) + 1) > _MOST_UNCLOSED
