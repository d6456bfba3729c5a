"""Check prompts before anything is paid: what they name, what they must not see, and every rendering."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from evalbench.core.evalset import PromptSpec, Task
from evalbench.errors import nearest
from evalbench.loaders.columns import Columns
from evalbench.loaders.items import Split
from evalbench.loaders.problems import Problems
from evalbench.loaders.prompts import RESERVED, template_values
from evalbench.loaders.templates import PromptTemplate, PromptTemplateError, compile_template

_SHOWN_ITEMS = 20
_PLACES = re.compile(r"\{[{%].*?(?:[}%]\}|$)", re.DOTALL)
"""Where a template names something: what stands in braces, closed or not."""
_OF_EVERY_ITEM = frozenset(("input", "id", "group"))


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """What templates may name: all columns of a file, and which of them holds what."""

    names: Collection[str]
    roles: Columns

    @property
    def visible(self) -> list[str]:
        """Every name that a template may use."""
        hidden = {self.roles.target, self.roles.messages, self.roles.solution}
        return list(dict.fromkeys([*(name for name in self.names if name not in hidden), *RESERVED]))

    @property
    def usable(self) -> list[str]:
        """The visible names that can stand in a template, which those with blanks in them cannot."""
        return [name for name in self.visible if name.isidentifier()]

    def meant(self, name: str) -> str:
        """What a name that is no column may stand for."""
        if self.roles.input is not None and _word(name) == _word(self.roles.input):
            return "did you mean 'input'?"
        return nearest(name, self.usable)

    def advice(self, source: str, key: str) -> str:
        """How a template with a fault becomes one without; names with blanks have to be known otherwise."""
        places = " ".join(_PLACES.findall(source))
        named = [name for name in self.visible if not name.isidentifier() and name in places]
        if self.roles.input in named:
            return f"write {{{{ input }}}} in `{key}`, which is what column {self.roles.input!r} holds"
        name = next((name for name in named if _word(name).isidentifier()), None)
        if name is not None:
            return f"rename column {name!r} to {_word(name)!r} in the file, and write that in `{key}`"
        return f"mend `{key}:`; it may use: {', '.join(self.usable)}"

    def faults(self, template: PromptTemplate) -> Iterator[str]:
        """What is wrong with the names that a template uses."""
        for name, line in template.names.items():
            where = f"(line {line} of the prompt)"
            if name == self.roles.target and name not in RESERVED:
                yield f"the prompt names the target column {name!r}, which no model may see {where}"
            elif name == self.roles.solution and name not in RESERVED:
                yield f"the prompt names the solution column {name!r}, which no model may see {where}"
            elif name not in self.visible:
                yield f"the prompt uses {name!r}, which is no column; {self.meant(name)} {where}"
            elif name in RESERVED and name in self._fields:
                yield f"{name!r} is both a column and a part of every item; rename the column {where}"

    def aliases(self, template: PromptTemplate) -> str:
        """What lets a template use the own names of the columns that became parts of an item."""
        roles = {role: getattr(self.roles, role) for role in ("input", "id", "group", "tags")}
        return "".join(
            f"{{% set {column} = {role} %}}"
            for role, column in roles.items()
            if column is not None and column != role and column in template.names
        )

    @property
    def _fields(self) -> set[str]:
        return set(self.names) - self.roles.used


def _word(name: str) -> str:
    """A name as one word that can stand in a template."""
    return re.sub(r"\W+", "_", name).strip("_").casefold()


def resolve_spec(
    spec: PromptSpec, columns: ColumnNames, key: str, place: tuple[str, int | None], problems: Problems
) -> PromptSpec:
    """The prompt with the own names of columns made known to it; every fault is noted.

    `key` is the setting that holds the prompt, and `place` the file and line where that stands.
    """
    if spec.template is None:
        return spec
    fix = columns.advice(spec.template, key)
    try:
        template = compile_template(spec.template)
    except PromptTemplateError as error:
        problems.add(*place, str(error), fix)
        return spec
    for fault in columns.faults(template):
        problems.add(*place, fault, fix)
    if not set(template.names) - {"labels"}:
        problems.warn(f"`{key}` uses no column, so every item is asked the same; write {{{{ input }}}} in it")
    return PromptSpec(columns.aliases(template) + spec.template, spec.system, spec.shots)


def check_renderings(task: Task, test: Split, train: Split | None, problems: Problems) -> None:
    """Render every item with every prompt once, and note those that cannot be."""
    specs = [spec for spec in (task.prompt, *task.per_tier.values()) if spec.template is not None]
    _render_all(specs, task, test, problems)
    if train is not None:
        _render_all([spec for spec in specs if spec.shots], task, train, problems)


def _render_all(specs: Iterable[PromptSpec], task: Task, split: Split, problems: Problems) -> None:
    for source in sorted({spec.template for spec in specs if spec.template is not None}):
        template = compile_template(source)
        if not _never_fails(template):
            _render_split(template, task, split, problems)


def _never_fails(template: PromptTemplate) -> bool:
    """Whether there is nothing in a prompt but one text that every item has, and none is too long."""
    names = (template.pieces or ())[1::2]
    return template.pieces is not None and len(names) <= 1 and _OF_EVERY_ITEM.issuperset(names)


def _render_split(template: PromptTemplate, task: Task, split: Split, problems: Problems) -> None:
    failed = 0
    for item in split.items:
        if item.prompt.messages:
            continue
        try:
            template.render(template_values(item, task))
        except PromptTemplateError as error:
            problems.add(
                split.place, item.line, str(error), "give every row the columns that the prompt uses."
            )
            failed += 1
            if failed == _SHOWN_ITEMS:
                return
