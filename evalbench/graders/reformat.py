"""Judge answers that bring data or text into another format, by what they say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.graders.csv_text import by_header, read_csv
from evalbench.graders.html_text import html_events
from evalbench.graders.json_text import exact, parse_json
from evalbench.graders.markdown_text import markdown_events
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import NO_TARGET, shown, storable, without_fence
from evalbench.graders.tree import Document, sequence_document, tree_document
from evalbench.graders.yaml_text import read_yaml

_MOST_CHARACTERS = 1_000_000
_MOST_MARKUP = 200_000
_SPARE_MARKUP = 20_000
_YAML_LINE = re.compile(r"(?:- )?[\w\"'][^:\n{}<>|]{0,80}:(?: |$)")
_MARKDOWN_MARK = re.compile(r"^(?:#{1,6} |[-*+] |\d+[.)] |> |\|.*\|$|```)|\*\*|\[[^\]\n]*\]\(", re.MULTILINE)

_READERS: Mapping[str, Callable[[str], Document]] = {
    "json": lambda text: tree_document(parse_json(text)),
    "yaml": lambda text: tree_document(read_yaml(text)),
    "csv": lambda text: tree_document(read_csv(text)),
    "html": lambda text: sequence_document(html_events(text)),
    "markdown": lambda text: sequence_document(markdown_events(text)),
}
_FORMATS = ("guess", *_READERS)
_TREES = frozenset(("json", "yaml"))
_MARKUP = frozenset(("html", "markdown"))


class Reformat:
    """Right when the answer says the same as the target in the asked format.

    Both are parsed and compared as trees, never as text: JSON and YAML without regard to the order
    of keys, CSV to quoting and line ends (with `header_order: ignore` also to the order of columns),
    HTML to the order of attributes, entities and insignificant space, Markdown to spelling.
    `format` is guessed from the target unless it is given. With `score: partial` a wrong
    answer still earns the share of its parts that are right. A code fence around the whole
    answer is passed over; nothing is repaired.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("reformat", options)
        self._format = settings.choice("format", _FORMATS)
        self._is_partial = settings.choice("score", ("whole", "partial")) == "partial"
        self._ignores_order = settings.choice("header_order", ("keep", "ignore")) == "ignore"
        self.accepts_truncated = settings.flag("accept_truncated")
        self.signature = settings.sign(version=1)

    def grade(self, answer: str, item: Item) -> Score:
        """1.0 for an equal document, otherwise 0.0 or the share that is equal."""
        if item.target is None:
            return NO_TARGET
        try:
            target = self._target(item.target)
        except ValueError as error:
            return Score(0.0, None, f"the target {shown(item.target)} {error}")
        text = _unwrapped(answer, item.target)
        try:
            document = self._answer(text, item.target)
        except ValueError as error:
            return Score(0.0, None, f"the answer {error}", is_valid=False)
        share = document.share(target)
        value = share if self._is_partial else float(share == 1)
        return Score(value, storable(text), "" if share == 1 else f"{share:.0%} of the parts agree")

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets whose format cannot be told, or that are not in it."""
        found = []
        for item in items:
            if item.target is None:
                continue
            try:
                self._target(item.target)
            except ValueError as error:
                found.append(Problem(item.id, f"the target {shown(item.target)} {error}"))
        return found

    def _target(self, target: JsonValue) -> Document:
        name = self._name(target)
        if isinstance(target, str):
            return self._document(name, target)
        if name not in _TREES:
            raise ValueError(f"is no text, as the format {name} needs")
        return tree_document(exact(target))

    def _answer(self, text: str, target: JsonValue) -> Document:
        name = self._name(target)
        longest = _MOST_CHARACTERS
        if name in _MARKUP:
            # Their parsers can take quadratic time, and a much longer answer cannot be right.
            longest = min(_MOST_MARKUP, 4 * len(str(target)) + _SPARE_MARKUP)
        if len(text) > longest:
            raise ValueError(f"is longer than {longest:,} characters")
        return self._document(name, text)

    def _document(self, name: str, text: str) -> Document:
        if name == "csv" and self._ignores_order:
            return tree_document(by_header(read_csv(text)))
        return _READERS[name](text)

    def _name(self, target: JsonValue) -> str:
        """The format a target is in, as told or as it looks."""
        if self._format != "guess":
            return self._format
        guessed = guessed_format(target)
        if guessed is None:
            known = ", ".join(_READERS)
            raise ValueError(f"does not show its format: give the option `format`, one of {known}")
        return guessed


def guessed_format(target: JsonValue) -> str | None:
    """The format a target looks like, or None when it could be several or none."""
    if not isinstance(target, str):
        return "json"
    text = target.strip()
    if text.startswith(("{", "[")) and _can(parse_json, text):
        return "json"
    if text.startswith("<"):
        return "html"
    lines = text.splitlines()
    if text.startswith("---\n") or (lines and _YAML_LINE.match(lines[0]) and _can(read_yaml, text)):
        return "yaml"
    if _is_table(text):
        return "csv"
    return "markdown" if _MARKDOWN_MARK.search(text) else None


def _is_table(text: str) -> bool:
    """Whether `text` has several rows, all with the same several cells."""
    try:
        rows = read_csv(text)
    except ValueError:
        return False
    widths = {len(row) for row in rows}
    return len(rows) > 1 and len(widths) == 1 and widths != {1}


def _can(read: Callable[[str], JsonValue], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def _unwrapped(answer: str, target: JsonValue) -> str:
    """The answer without the code fence around it, unless the target has one too."""
    if isinstance(target, str) and target.lstrip().startswith(("```", "~~~")):
        return answer
    return without_fence(answer)
