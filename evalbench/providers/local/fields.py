"""Find out from training items where the values of each field come from, and how they are rewritten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalbench.core.evalset import Item, JsonValue
from evalbench.providers.local.clues import Clues
from evalbench.providers.local.objects import Path, flat
from evalbench.providers.local.passages import Candidate, Passage, Sources
from evalbench.providers.local.patterns import PATTERNS
from evalbench.providers.local.reading import as_json, object_target
from evalbench.providers.local.rewriting import REWRITES, best_rewrite

_LOOKED_AT = 200
_LOOKED_AT_CLOSELY = 60
_LONGEST = 6
_ENOUGH = 0.95
_WORTH_RUNS = 0.03
_WORTH_A_PATTERN = 0.01
_MOSTLY_COPIED = 0.5
_EVERYTHING = Sources(tuple(PATTERNS))


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """How the values of one field are found: copied from the text, or else chosen among `values`.

    `when_absent` is the JSON text that targets have where there is no value, or None where they
    leave the key out.
    """

    path: Path
    rewrite: str
    sources: Sources
    is_copied: bool
    when_absent: str | None

    def value(self, candidate: Candidate) -> JsonValue:
        """The value that a piece of text stands for."""
        return self.rewritten(candidate.text)

    def rewritten(self, text: str) -> JsonValue:
        """A text in the form that the targets of this field have."""
        return REWRITES[self.rewrite](text)


@dataclass(frozen=True, slots=True)
class Example:
    """A training item as extraction sees it."""

    item: Item
    clues: Clues
    fields: Mapping[Path, JsonValue]

    @property
    def passage(self) -> Passage:
        """The text, cut into words."""
        return self.clues.passage

    def present(self, path: Path) -> JsonValue:
        """The value of a field, or None where there is none."""
        value = self.fields.get(path)
        return None if value == "" else value


def examples_of(items: Sequence[Item]) -> list[Example]:
    """The training items, each with its text and fields."""
    return [Example(item, Clues(Passage(item.prompt)), flat(object_target(item))) for item in items]


def plan_fields(examples: Sequence[Example]) -> list[FieldPlan]:
    """A plan for every field that has a value anywhere in training, in the order of its first mention."""
    paths = dict.fromkeys(path for example in examples for path in example.fields)
    return [_plan(path, examples) for path in paths]


def _plan(path: Path, examples: Sequence[Example]) -> FieldPlan:
    valued = [example for example in examples if example.present(path) is not None]
    absent = Counter(
        as_json(example.fields[path]) if path in example.fields else None
        for example in examples
        if example.present(path) is None
    )
    when_absent = absent.most_common(1)[0][0] if absent else None
    looked_at = valued[:: max(1, len(valued) // _LOOKED_AT)][:_LOOKED_AT]
    rewrite, sources, covered = _sources(path, looked_at)
    return FieldPlan(path, rewrite, sources, covered >= _MOSTLY_COPIED, when_absent)


def _sources(path: Path, examples: Sequence[Example]) -> tuple[str, Sources, float]:
    found = {example.item.id: example.passage.candidates(_EVERYTHING) for example in examples}
    rewrite, covered = _best(path, examples, found)
    patterns = _useful(path, rewrite, examples, found)
    if covered >= _ENOUGH or not examples:
        return rewrite, Sources(patterns), covered
    closely = examples[:: max(1, len(examples) // _LOOKED_AT_CLOSELY)]
    longest = min(_LONGEST, max(_length(example.present(path)) for example in examples))
    runs = Sources((), longest)
    for example in closely:
        found[example.item.id] += example.passage.candidates(runs)
    run_rewrite, run_covered = _best(path, closely, {e.item.id: found[e.item.id] for e in closely})
    if run_covered - covered < _WORTH_RUNS:
        return rewrite, Sources(patterns), covered
    return run_rewrite, Sources(patterns, longest), run_covered


def _best(
    path: Path, examples: Sequence[Example], found: Mapping[str, Sequence[Candidate]]
) -> tuple[str, float]:
    return best_rewrite(
        ([candidate.text for candidate in found[example.item.id]], example.present(path))
        for example in examples
    )


def _useful(
    path: Path, rewrite: str, examples: Sequence[Example], found: Mapping[str, Sequence[Candidate]]
) -> tuple[str, ...]:
    """Patterns that together reproduce as many values as all do; the most precise come first."""
    hits: dict[str, set[str]] = {}
    total: Counter[str] = Counter()
    for example in examples:
        value = example.present(path)
        for candidate in found[example.item.id]:
            total.update(candidate.patterns)
            if REWRITES[rewrite](candidate.text) == value:
                for name in candidate.patterns:
                    hits.setdefault(name, set()).add(example.item.id)
    chosen: list[str] = []
    reached: set[str] = set()
    while hits:
        # Precision breaks ties: of two patterns that reach the same values, the narrower is better.
        name = max(hits, key=lambda each: (len(hits[each] - reached), len(hits[each]) / total[each]))
        if len(hits[name] - reached) < max(1, _WORTH_A_PATTERN * len(examples)):
            break
        reached |= hits.pop(name)
        chosen.append(name)
    return tuple(chosen)


def _length(value: JsonValue) -> int:
    return len(str(value).split()) + sum(not sign.isalnum() and not sign.isspace() for sign in str(value))
