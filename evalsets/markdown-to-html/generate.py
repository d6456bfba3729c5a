"""Writes the items of this eval set from hand-written sentences, byte for byte the same each time.

python evalsets/markdown-to-html/generate.py            writes items.jsonl and train.jsonl
python evalsets/markdown-to-html/generate.py --check    compares them with what would be written
"""

from __future__ import annotations

import html
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeAlias

FOLDER: Final = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent))

from writing import (  # noqa: E402 - it lies beside the folders of the sets
    Collection,
    Row,
    by_label,
    drawn,
    numbered,
    read_lines,
    write_or_check,
)

SEED: Final = 61
SHAPES: Final = {"train": 110, "test": 80}
PER_SHAPE: Final = 4
MARKED: Final = 0.6  # share of sentences with an inline mark

Pair: TypeAlias = tuple[str, str]
"""A piece of a document as Markdown and as HTML."""


class Writer:
    """Writes pieces of documents, both ways at once."""

    def __init__(self, words: Mapping[str, Sequence[str]], dice: random.Random) -> None:
        self.words = words
        self.dice = dice

    def pick(self, kind: str) -> str:
        """A listed text."""
        return self.dice.choice(self.words[kind])

    def plain(self, kind: str) -> Pair:
        """A listed text; `<` is written as it is, since a space follows it."""
        text = self.pick(kind)
        return text, html.escape(text, quote=False)

    def mark(self) -> Pair:
        """An inline piece: emphasis, code, a link, an escaped sign or an image."""
        words = self.pick("phrase")
        code = self.pick("code")
        label, _, target = self.pick("link").partition("|")
        address = html.escape(target)
        sign = self.dice.choice("*_#`")
        star, line = self.dice.choice(("*", "_")), self.dice.choice(("**", "__"))
        return self.dice.choice(
            (
                (f"{star}{words}{star}", f"<em>{words}</em>"),
                (f"{line}{words}{line}", f"<strong>{words}</strong>"),
                (f"***{words}***", f"<em><strong>{words}</strong></em>"),
                (f"**{words} *{words}***", f"<strong>{words} <em>{words}</em></strong>"),
                (f"`{code}`", f"<code>{html.escape(code, quote=False)}</code>"),
                (f"`` a`{code} ``", f"<code>a`{html.escape(code, quote=False)}</code>"),
                (f"[{label}]({target})", f'<a href="{address}">{label}</a>'),
                (f'[{label}]({target} "{words}")', f'<a href="{address}" title="{words}">{label}</a>'),
                (f"[**{label}**]({target})", f'<a href="{address}"><strong>{label}</strong></a>'),
                (f"\\{sign}{words}\\{sign}", f"{sign}{words}{sign}"),
                (f"![{label}](img/{len(words)}.png)", f'<img src="img/{len(words)}.png" alt="{label}" />'),
                ("<https://example.org/a>", '<a href="https://example.org/a">https://example.org/a</a>'),
            )
        )

    def line(self, kind: str = "sentence") -> Pair:
        """A text, often with an inline piece before or after it."""
        text, shown = self.plain(kind)
        if self.dice.random() < MARKED:
            mark, marked = self.mark()
            if kind == "sentence" and self.dice.random() < 0.5:  # noqa: PLR2004 - before or after
                return f"Note: {mark}. {text}", f"Note: {marked}. {shown}"
            return f"{text} ({mark})", f"{shown} ({marked})"
        return text, shown

    def heading(self) -> Pair:
        """A heading in one of its spellings."""
        text, shown = self.plain("title")
        level = self.dice.randint(1, 4)
        if level <= 2 and self.dice.random() < 0.3:  # noqa: PLR2004 - only two levels can be underlined
            return f"{text}\n{'=-'[level - 1] * len(text)}", f"<h{level}>{shown}</h{level}>"
        closing = self.dice.choice(("", "", " " + "#" * level))
        return f"{'#' * level} {text}{closing}", f"<h{level}>{shown}</h{level}>"

    def paragraph(self) -> Pair:
        """One or two sentences, perhaps on two lines, perhaps with a hard break."""
        first, second = self.line(), self.line()
        match self.dice.randrange(4):
            case 0:
                return first[0], f"<p>{first[1]}</p>"
            case 1:
                return f"{first[0]}\n{second[0]}", f"<p>{first[1]}\n{second[1]}</p>"
            case 2:
                return f"{first[0]}  \n{second[0]}", f"<p>{first[1]}<br />\n{second[1]}</p>"
            case _:
                return f"{first[0]}\\\n{second[0]}", f"<p>{first[1]}<br />\n{second[1]}</p>"

    def bullets(self) -> Pair:
        """A list without numbers."""
        sign, entries = self.dice.choice("-*+"), [self.line("entry") for _ in range(self.dice.randint(2, 4))]
        shown = "\n".join(f"<li>{entry[1]}</li>" for entry in entries)
        return "\n".join(f"{sign} {entry[0]}" for entry in entries), f"<ul>\n{shown}\n</ul>"

    def numbers(self) -> Pair:
        """A numbered list; its first number counts, the others do not."""
        start = self.dice.choice((1, 1, 3, 7))
        entries = [self.line("entry") for _ in range(self.dice.randint(2, 4))]
        shown = "\n".join(f"<li>{entry[1]}</li>" for entry in entries)
        opening = "<ol>" if start == 1 else f'<ol start="{start}">'
        step = self.dice.choice((0, 1))
        written = "\n".join(f"{start + place * step}. {entry[0]}" for place, entry in enumerate(entries))
        return written, f"{opening}\n{shown}\n</ol>"

    def nested(self) -> Pair:
        """A list within a list."""
        outer, last = self.line("entry"), self.line("entry")
        inner = [self.line("entry") for _ in range(2)]
        written = "\n".join([f"- {outer[0]}", *(f"  - {entry[0]}" for entry in inner), f"- {last[0]}"])
        shown = "\n".join(f"<li>{entry[1]}</li>" for entry in inner)
        return (
            written,
            f"<ul>\n<li>{outer[1]}\n<ul>\n{shown}\n</ul>\n</li>\n<li>{last[1]}</li>\n</ul>",
        )

    def loose(self) -> Pair:
        """A list whose entries are set apart and therefore are paragraphs."""
        entries = [self.line("entry") for _ in range(2)]
        shown = "\n".join(f"<li>\n<p>{entry[1]}</p>\n</li>" for entry in entries)
        return "\n\n".join(f"* {entry[0]}" for entry in entries), f"<ul>\n{shown}\n</ul>"

    def quote(self) -> Pair:
        """A quotation, perhaps of two paragraphs or within another one."""
        first, second = self.line(), self.line()
        if self.dice.random() < 0.4:  # noqa: PLR2004 - somewhat less than half
            return (
                f"> {first[0]}\n>\n> > {second[0]}",
                f"<blockquote>\n<p>{first[1]}</p>\n<blockquote>\n<p>{second[1]}</p>\n</blockquote>\n</blockquote>",
            )
        return f"> {first[0]}", f"<blockquote>\n<p>{first[1]}</p>\n</blockquote>"

    def fence(self) -> Pair:
        """A block of code, in which nothing is a mark."""
        lines = [self.pick("code"), f"# *{self.pick('phrase')}*", self.pick("code")]
        body = "".join(html.escape(line, quote=False) + "\n" for line in lines)
        name = self.dice.choice(("", "", "sh", "python"))
        if not name and self.dice.random() < 0.4:  # noqa: PLR2004 - somewhat less than half
            return "\n".join(f"    {line}" for line in lines), f"<pre><code>{body}</code></pre>"
        opening = f'<code class="language-{name}">' if name else "<code>"
        return "\n".join([f"```{name}", *lines, "```"]), f"<pre>{opening}{body}</code></pre>"

    def rule(self) -> Pair:
        """A line across the page."""
        return self.dice.choice(("***", "---", "_ _ _")), "<hr />"


BLOCKS: Final = ("heading", "paragraph", "bullets", "numbers", "nested", "loose", "quote", "fence", "rule")


def shapes(dice: random.Random) -> dict[str, list[tuple[str, ...]]]:
    """Different sequences of blocks for each split; lists do not touch, since they would be one."""
    made: list[tuple[str, ...]] = []
    lists = {"bullets", "numbers", "nested", "loose"}
    while len(made) < sum(SHAPES.values()):
        shape = tuple(dice.choices(BLOCKS, (4, 5, 2, 2, 2, 1, 2, 2, 1), k=dice.randint(2, 4)))
        pairs = pairwise(shape)
        touches = any(
            (one in lists and other in lists | {"fence"})
            or (one == other and one in {"quote", "fence", "rule"})
            for one, other in pairs
        )
        if not touches and shape not in made and shape[0] != "rule" and set(shape) != {"heading"}:
            made.append(shape)
    return {"train": made[: SHAPES["train"]], "test": made[SHAPES["train"] :]}


def row(shape: tuple[str, ...], writer: Writer) -> Row:
    """A document of this shape, both ways."""
    make: list[Callable[[], Pair]] = [getattr(writer, block) for block in shape]
    pieces = [block() for block in make]
    return {
        "text": "\n\n".join(piece[0] for piece in pieces),
        "target": "\n".join(piece[1] for piece in pieces),
        "tags": sorted(set(shape)),
        "group": "-".join(shape),
    }


def contents() -> dict[Path, str]:
    """What the two files should hold."""
    dice, collection = random.Random(SEED), Collection()
    texts, found = by_label(read_lines(FOLDER / "texts.txt")), {}
    chosen = shapes(dice)
    for at, (split, name, prefix) in enumerate(
        (("train", "train.jsonl", "mark-t"), ("test", "items.jsonl", "mark-"))
    ):
        writer = Writer({kind: lines[at::2] for kind, lines in texts.items()}, dice)
        rows = [
            drawn(partial(row, shape, writer), collection, split)
            for shape in chosen[split]
            for _ in range(PER_SHAPE)
        ]
        found[FOLDER / name] = numbered(rows, prefix, dice)
    return found


if __name__ == "__main__":
    raise SystemExit(write_or_check(contents(), sys.argv[1:]))
