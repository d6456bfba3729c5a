"""Make what a provider handed over fit to be stored and shown: lone surrogates are no text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from evalbench.core.completion import Completion, Failure


def storable_text(text: str) -> str:
    """The text, with a question mark for each lone surrogate."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
    return text


def storable_detail(detail: Mapping[str, str]) -> Mapping[str, str]:
    """The facts about an answer, names and values."""
    if "".join(detail).isascii() and "".join(detail.values()).isascii():
        return detail
    return {storable_text(name): storable_text(value) for name, value in detail.items()}


def storable(answer: Completion | Failure) -> Completion | Failure:
    """An answer or a failure, the same one where nothing is wrong with it."""
    if isinstance(answer, Failure):
        message = storable_text(answer.message)
        return answer if message is answer.message else replace(answer, message=message)
    text, detail = storable_text(answer.text), storable_detail(answer.detail)
    reason = answer.finish_reason and storable_text(answer.finish_reason)
    if text is answer.text and detail is answer.detail and reason is answer.finish_reason:
        return answer
    return replace(answer, text=text, detail=detail, finish_reason=reason)
