"""Rewrite a text as a whole: case, spacing, dates, numbers, or Markdown as HTML."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from markdown_it import MarkdownIt

from evalbench.core.evalset import Item, Prompt
from evalbench.providers.local.learned import Answer
from evalbench.providers.local.reading import as_answer
from evalbench.providers.local.rewriting import REWRITES, Rewrite

Convert: TypeAlias = Callable[[str], str]

_LOOKED_AT = 200
_COMMONMARK = MarkdownIt("commonmark")
_RULE = re.compile(r"\s*(?:([-*_])\s*)(?:\1\s*){2,}")
_INLINE = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\*([^*]+)\*"), r"<em>\1</em>"),
    (re.compile(r"(?<!\w)_([^_]+)_(?!\w)"), r"<em>\1</em>"),
    (re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)"), r'<a href="\2">\1</a>'),
)


@dataclass(frozen=True, slots=True)
class Converter:
    """Rewrites every text in the way that reproduced the most of training."""

    convert: Convert
    agreement: float

    def answer(self, prompt: Prompt) -> Answer:
        """The text, rewritten."""
        text = prompt.text
        odd = sum(not sign.isalnum() and not sign.isspace() for sign in text)
        lines = text.count("\n")
        return Answer(self.convert(text), (-math.log1p(odd), -math.log1p(lines), -math.log1p(len(text))))


def simple_markdown(text: str) -> str:
    """Headings and paragraphs, by pattern."""
    return "\n".join(_paragraph(block) for block in re.split(r"\n\s*\n", text.strip("\n")) if block.strip())


def block_markdown(text: str) -> str:
    """Headings, paragraphs, lists, quotations, rules and code, line by line; no nesting."""
    return "\n".join(_block(block) for block in _blocks(text))


def full_markdown(text: str) -> str:
    """Markdown as CommonMark defines it."""
    return str(_COMMONMARK.render(text)).rstrip("\n")


def _rewritten(rewrite: Rewrite, text: str) -> str:
    return as_answer(rewrite(text))


_PLAIN: tuple[Convert, ...] = tuple(partial(_rewritten, rewrite) for rewrite in REWRITES.values())
_BY_EFFORT: Mapping[str, Sequence[Convert]] = {
    "small": (simple_markdown, *_PLAIN),
    "medium": (block_markdown, simple_markdown, *_PLAIN),
    "large": (full_markdown, block_markdown, simple_markdown, *_PLAIN),
}


def learn_converter(items: Sequence[Item], effort: str) -> Converter | None:
    """The way of rewriting that reproduces most of the training targets; None where none does any."""
    looked_at = items[:: max(1, len(items) // _LOOKED_AT)][:_LOOKED_AT]
    best = max(
        (Converter(convert, _agreement(convert, looked_at)) for convert in _BY_EFFORT[effort]),
        key=lambda converter: converter.agreement,
    )
    return best if best.agreement > 0 else None


def _agreement(convert: Convert, items: Sequence[Item]) -> float:
    right = sum(convert(item.prompt.text).strip() == as_answer(item.target).strip() for item in items)
    return right / len(items)


def _paragraph(block: str) -> str:
    heading = re.match(r"(#{1,6})\s+(.*?)\s*#*$", block)
    if heading:
        level = len(heading.group(1))
        return f"<h{level}>{_inline(heading.group(2))}</h{level}>"
    return f"<p>{_inline(block.strip())}</p>"


def _inline(text: str) -> str:
    text = html.escape(text).replace("&#x27;", "'")
    for pattern, written in _INLINE:
        text = pattern.sub(written, text)
    return text


def _blocks(text: str) -> Iterator[list[str]]:
    block: list[str] = []
    is_code = False
    for line in text.split("\n"):
        is_fence = line.startswith(("```", "~~~"))
        ends = is_fence or re.match(r"#{1,6}\s", line) or _RULE.fullmatch(line)
        if not is_code and block and (ends or not line.strip()):
            yield block
            block = []
        if is_code or line.strip():
            block.append(line)
        if is_fence:
            is_code = not is_code
        if block and not is_code and ends:
            yield block
            block = []
    if block:
        yield block


def _block(lines: list[str]) -> str:
    first = lines[0]
    if first.startswith(("```", "~~~")):
        body = lines[1:-1] if len(lines) > 1 and lines[-1][:3] == first[:3] else lines[1:]
        language = first[3:].strip().split(" ")[0]
        opening = f'<code class="language-{language}">' if language else "<code>"
        return f"<pre>{opening}{_verbatim(body)}</code></pre>"
    if all(line.startswith("    ") for line in lines):
        return f"<pre><code>{_verbatim([line[4:] for line in lines])}</code></pre>"
    if len(lines) == 1 and _RULE.fullmatch(first):
        return "<hr />"
    return _list(lines) or _quotation(lines) or _paragraph("\n".join(line.strip() for line in lines))


def _verbatim(lines: Sequence[str]) -> str:
    return "".join(html.escape(line).replace("&#x27;", "'") + "\n" for line in lines)


def _list(lines: list[str]) -> str:
    for mark, tag in ((r"[-*+]\s+", "ul"), (r"\d+[.)]\s+", "ol")):
        if all(re.match(mark, line) for line in lines):
            entries = "\n".join(f"<li>{_inline(re.sub('^' + mark, '', line))}</li>" for line in lines)
            return f"<{tag}>\n{entries}\n</{tag}>"
    return ""


def _quotation(lines: list[str]) -> str:
    if not all(line.startswith(">") for line in lines):
        return ""
    inner = block_markdown("\n".join(line[1:].removeprefix(" ") for line in lines))
    return f"<blockquote>\n{inner}\n</blockquote>"
