"""Prompt templates that cannot run away, reach into the program, or see what they must not.

Only a small part of Jinja2 is allowed: text, columns, conditions, loops over columns, and filters
that shape text. Everything else is refused before the first item is rendered.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import (
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
    Undefined,
    meta,
    nodes,
    pass_context,
)
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

from evalbench.core.evalset import JsonValue

MAX_CHARACTERS = 20_000_000
MAX_STEPS = 100_000
_MAX_TEMPLATE = 200_000
_MAX_SUMS = 50
_STEPS = "_steps"

_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const),
    *(nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand),
    *(nodes.And, nodes.Or, nodes.Not, nodes.If, nodes.CondExpr, nodes.For, nodes.Concat, nodes.Add),
    *(nodes.Sub, nodes.Div, nodes.Neg, nodes.Tuple, nodes.List, nodes.Keyword, nodes.Call, nodes.Assign),
)
_METHODS = frozenset(
    ("strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "split", "splitlines")
) | frozenset(("startswith", "endswith", "items", "keys", "values", "get"))
_FILTERS = frozenset(
    ("default", "d", "lower", "upper", "title", "capitalize", "trim", "length", "count", "wordcount")
) | frozenset(
    ("first", "last", "truncate", "int", "float", "round", "string", "list", "sort", "unique", "items")
)
_INTERNALS = frozenset(
    ("mro", "gi_frame", "gi_code", "cr_frame", "func_globals", "func_code", "im_func", "self")
)


class PromptTemplateError(Exception):
    """A template cannot be used; says why, and on which line of it."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(f"{message} (line {line} of the prompt)" if line else message)


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """A checked template, and the names it uses.

    `pieces` are its texts and column names in turn where it has nothing else, as most prompts do:
    then it is put together without the template engine.
    """

    compiled: Template
    names: Mapping[str, int]
    pieces: tuple[str, ...] | None = None

    @property
    def shown(self) -> frozenset[str]:
        """The names whose values the text can depend on, which one that only got another name is not."""
        return frozenset(self.names if self.pieces is None else self.pieces[1::2])

    def render(self, values: Mapping[str, JsonValue]) -> str:
        """The text for one item; never more than 20 million characters or 100,000 loop steps."""
        if self.pieces is not None and self.names.keys() <= values.keys():
            whole = "".join(
                _as_text(values[piece]) if number % 2 else piece for number, piece in enumerate(self.pieces)
            )
            if len(whole) <= MAX_CHARACTERS:
                return whole
        parts: list[str] = []
        size = 0
        try:
            for part in self.compiled.generate({**values, _STEPS: _Steps()}):
                parts.append(part)
                size += len(part)
                if size > MAX_CHARACTERS:
                    raise PromptTemplateError(f"the prompt grows beyond {MAX_CHARACTERS:,} characters")
        except TemplateError as error:
            raise PromptTemplateError(f"the prompt cannot be rendered: {error.message}") from error
        except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError, MemoryError) as error:
            raise PromptTemplateError(f"the prompt cannot be rendered: {error}") from error
        return "".join(parts)


def compile_template(source: str) -> PromptTemplate:
    """Check a template and make it ready to render.

    Raises:
        PromptTemplateError: the template is no Jinja2, or uses something that prompts may not.
    """
    if len(source) > _MAX_TEMPLATE:
        raise PromptTemplateError(f"the prompt is longer than {_MAX_TEMPLATE:,} characters")
    environment = _environment()
    try:
        tree = environment.parse(source)
        _check_all(tree)
        undeclared = meta.find_undeclared_variables(tree)
        names = {name: _line(tree, name) for name in sorted(undeclared)}
        pieces = _pieces(tree, names)
        for loop in list(tree.find_all(nodes.For)):
            loop.iter = nodes.Filter(loop.iter, "_counted", [], [], None, None, lineno=loop.lineno)
        return PromptTemplate(environment.from_string(tree), names, pieces)
    except TemplateSyntaxError as error:
        raise PromptTemplateError(
            f"the prompt is no Jinja2 template: {error.message}", error.lineno
        ) from error
    except (RecursionError, MemoryError, SyntaxError) as error:
        raise PromptTemplateError("the prompt is nested too deeply") from error


def _pieces(tree: nodes.Template, names: Mapping[str, int]) -> tuple[str, ...] | None:
    """Texts and names in turn, beginning and ending with a text; None where there is anything else.

    What `set` gives another name to goes by the name that it had before.
    """
    pieces = [""]
    meant: dict[str, str] = {}
    for node in tree.body:
        for part in node.nodes if isinstance(node, nodes.Output) else (node,):
            if isinstance(part, nodes.TemplateData):
                pieces[-1] += part.data
            elif isinstance(part, nodes.Name):
                pieces += [meant.get(part.name, part.name), ""]
            elif (alias := _alias(part)) is not None:
                meant[alias[0]] = meant.get(alias[1], alias[1])
            else:
                return None
    return tuple(pieces) if names.keys() >= set(pieces[1::2]) else None


def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
        finalize=_as_text,
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    environment.filters |= {"join": _join, "replace": _replace, "tojson": _to_json, "_counted": _counted}
    return environment


def _walk(tree: nodes.Node) -> Iterator[nodes.Node]:
    yield tree
    for child in tree.iter_child_nodes():
        yield from _walk(child)


def _line(tree: nodes.Template, name: str) -> int:
    return next((node.lineno for node in tree.find_all(nodes.Name) if node.name == name), 1)


def _check_all(tree: nodes.Template) -> None:
    sums = 0
    for node in _walk(tree):
        _check(node)
        sums += len(node.nodes) if isinstance(node, nodes.Concat) else isinstance(node, nodes.Add)
    if sums > _MAX_SUMS:
        raise PromptTemplateError(f"the prompt puts more than {_MAX_SUMS} texts together with `~` or `+`")


def _check(node: nodes.Node) -> None:
    if not isinstance(node, _ALLOWED) or _may_grow(node):
        word = type(node).__name__.lower()
        raise PromptTemplateError(f"the prompt uses {word!r}, which prompts may not", node.lineno)
    reached = _reached(node)
    if reached is not None and (reached.startswith("_") or reached in _INTERNALS):
        raise PromptTemplateError(f"the prompt reaches for Python internals: {reached!r}", node.lineno)
    if isinstance(node, nodes.Filter) and node.name not in {*_FILTERS, "join", "replace", "tojson"}:
        raise PromptTemplateError(
            f"the prompt uses the filter {node.name!r}, which prompts may not", node.lineno
        )
    if isinstance(node, nodes.Call) and not (
        isinstance(node.node, nodes.Getattr) and node.node.attr in _METHODS
    ):
        called = getattr(node.node, "attr", None) or getattr(node.node, "name", "something")
        raise PromptTemplateError(f"the prompt calls {called!r}, which prompts may not", node.lineno)


def _may_grow(node: nodes.Node) -> bool:
    # A name may stand for another one, but must not collect ever longer values.
    if isinstance(node, nodes.Assign):
        return _alias(node) is None
    return isinstance(node, nodes.For) and node.recursive


def _alias(node: nodes.Node) -> tuple[str, str] | None:
    """The new name and the old one, where a node does nothing but let one stand for the other."""
    if not isinstance(node, nodes.Assign):
        return None
    old, new = node.node, node.target
    return (new.name, old.name) if isinstance(old, nodes.Name) and isinstance(new, nodes.Name) else None


def _reached(node: nodes.Node) -> str | None:
    if isinstance(node, nodes.Getattr):
        return node.attr
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return str(node.arg.value)
    return None


class _Steps:
    """How many loop steps one rendering has left."""

    def __init__(self) -> None:
        self.left = MAX_STEPS

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise PromptTemplateError(f"the prompt takes more than {MAX_STEPS:,} loop steps")


@pass_context
def _counted(context: Context, values: Any) -> Iterator[Any]:
    steps = context.resolve(_STEPS)
    for value in values:
        steps.take()
        yield value


def _bounded(size: int) -> None:
    if size > MAX_CHARACTERS:
        raise PromptTemplateError(f"the prompt grows beyond {MAX_CHARACTERS:,} characters")


def _as_text(value: Any) -> str:
    if isinstance(value, str | Undefined):
        return str(value)
    if value is None:
        return ""
    if isinstance(value, bool | list | tuple | dict):
        return _to_json(value)
    if isinstance(value, int | float):
        return str(value)
    raise PromptTemplateError(f"the prompt prints a {type(value).__name__}, which is no value of a column")


def _join(values: Any, separator: str = "") -> str:
    texts = [str(value) for value in values]
    _bounded(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def _replace(text: Any, old: str, new: str) -> str:
    whole = str(text)
    _bounded(len(whole) + whole.count(old) * len(new))
    return whole.replace(old, new)


def _to_json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=None if indent is None else min(int(indent), 8))
