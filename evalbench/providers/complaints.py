"""Find the words in which a server says what is wrong, in any of the shapes they come in."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evalbench.providers.loose_json import parsed, written

_READ_BYTES = 100_000
_LONGEST_KEY_BYTES = 20_000
_QUOTED_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a server said is wrong: `words` for people, `code` and `parameter` where it names them."""

    words: str = ""
    code: str = ""
    parameter: str = ""

    @property
    def quoted(self) -> str:
        """The words as the end of a message, cut where they go on and on."""
        if not self.words:
            return ""
        is_long = len(self.words) > _QUOTED_CHARACTERS
        return f': "{self.words[:_QUOTED_CHARACTERS]}{"…" if is_long else ""}"'


def read_complaint(body: bytes, redact: Callable[[str], str]) -> Complaint:
    """The complaint in a reply's body; keys are taken out before anything is cut."""
    text = _beginning(body).decode("utf-8", "replace")
    document = parsed(text.encode())
    if document is None:
        return Complaint(_one_line(redact(_without_markup(text))))
    found = complaint_of(document)
    return Complaint(_one_line(redact(found.words)), redact(found.code), redact(found.parameter))


def complaint_of(document: Any) -> Complaint:
    """The complaint in a parsed reply, as it was written."""
    if isinstance(document, list):
        document = document[0] if document else {}
    if not isinstance(document, Mapping):
        return Complaint(str(document))
    error = document.get("error") or document
    if not isinstance(error, Mapping):
        return Complaint(str(error), str(document.get("code") or ""))
    words = " ".join(_words(error)) or " ".join(_words(document))
    code = " ".join(str(error[key]) for key in ("code", "type", "status") if error.get(key))
    parameter = error.get("param") or _place(error.get("detail"))
    return Complaint(words or written(document), code, parameter if isinstance(parameter, str) else "")


def _beginning(body: bytes) -> bytes:
    if len(body) <= _READ_BYTES:
        return body
    # Half a key would not be recognised as one, and no key has a space in it.
    start = body[:_READ_BYTES]
    end = max(start.rfind(space) for space in (b" ", b"\n", b"\t", b"\r"))
    return start[: end if end >= 0 else _READ_BYTES - _LONGEST_KEY_BYTES]


def _words(error: Mapping[str, Any]) -> Iterator[str]:
    message = next((error[key] for key in ("message", "detail", "errors", "msg") if error.get(key)), "")
    if isinstance(message, list):
        for each in message:
            yield from _words(each) if isinstance(each, Mapping) else [str(each)]
        return
    yield written(message) if isinstance(message, Mapping) else str(message)
    metadata = error.get("metadata")
    # A gateway's own words are "Provider returned error"; what the provider said is in here.
    if isinstance(metadata, Mapping) and isinstance(metadata.get("raw"), str):
        yield metadata["raw"]


def _place(detail: Any) -> Any:
    first = detail[0] if isinstance(detail, list) and detail else None
    place = first.get("loc") if isinstance(first, Mapping) else None
    return place[-1] if isinstance(place, list) and place else None


def _without_markup(text: str) -> str:
    title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    if title and title[1].strip():
        return html.unescape(title[1])
    if "<" not in text:
        return text
    bare = re.sub(r"<(script|style)\b.*?</\1>", " ", text, flags=re.IGNORECASE | re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", " ", bare))


def _one_line(text: str) -> str:
    printable = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(printable.split())
