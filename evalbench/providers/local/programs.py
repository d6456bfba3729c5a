"""Turn tables into JSON by the program that training suggests, at three levels of effort."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from evalbench.core.evalset import Item, JsonValue, Prompt
from evalbench.providers.local.classes import learn_linear
from evalbench.providers.local.learned import Answer, Learned
from evalbench.providers.local.reading import as_json, parsed_target
from evalbench.providers.local.tables import SETTINGS, Program, has_table, to_json

_LOOKED_AT = 40
_PER_INSTRUCTION = 3
_ROUNDS = 2
_MOSTLY = 0.95
_TABULAR = 0.6


@dataclass(frozen=True, slots=True)
class Task:
    """A table, what an instruction above it says, and the JSON that it should become."""

    instruction: str
    table: str
    target: JsonValue


@dataclass(frozen=True, slots=True)
class OneProgram:
    """Treats every table alike."""

    program: Program
    has_instruction: bool

    def answer(self, prompt: Prompt) -> Answer:
        """The table as JSON."""
        instruction, table = _divide(prompt.text, has_instruction=self.has_instruction)
        return _written(to_json(table, instruction, self.program), table, 1.0)


@dataclass(frozen=True, slots=True)
class ReadInstructions:
    """Does what the instruction above a table says, as far as training has taught it.

    An instruction that occurred in training is followed as found there; of another, each
    setting is guessed from its words.
    """

    usual: Program
    known: Mapping[str, Program]
    guesses: Mapping[str, Learned]

    def answer(self, prompt: Prompt) -> Answer:
        """The table as JSON."""
        instruction, table = _divide(prompt.text, has_instruction=True)
        program, sure = self._program(instruction)
        return _written(to_json(table, instruction, program), table, sure)

    def _program(self, instruction: str) -> tuple[Program, float]:
        if instruction in self.known:
            return self.known[instruction], 1.0
        found = {name: guess.answer(Prompt(instruction)) for name, guess in self.guesses.items()}
        sure = min((answer.evidence[0] for answer in found.values()), default=0.0)
        chosen = {name: answer.text for name, answer in found.items()}
        return replace(self.usual, **chosen), 1 / (1 + math.exp(-sure)) - 1  # type: ignore[arg-type] # each text is a value of SETTINGS


def is_tabular(items: Sequence[Item]) -> bool:
    """Whether the items turn tables into JSON."""
    looked_at = items[:_LOOKED_AT]
    fits = [
        isinstance(parsed_target(item), list | dict) and has_table(item.prompt.text) for item in looked_at
    ]
    return sum(fits) >= _TABULAR * len(fits)


def learn_naive_program(items: Sequence[Item], seed: int) -> Learned:  # noqa: ARG001 - there is no chance in it
    """The small converter: it splits lines at the separator, whatever stands in quotation marks."""
    tasks, has_instruction = _tasks(items)
    return OneProgram(_search(tasks[:_LOOKED_AT], Program(reading="naive")), has_instruction)


def learn_usual_program(items: Sequence[Item], seed: int) -> Learned:  # noqa: ARG001 - there is no chance in it
    """The medium converter: it reads tables properly, and does what served best on the whole."""
    tasks, has_instruction = _tasks(items)
    return OneProgram(_search(tasks[:_LOOKED_AT], Program()), has_instruction)


def learn_programs(items: Sequence[Item], seed: int) -> Learned:
    """The large converter: it finds the program behind each instruction, and what words mean which."""
    tasks, has_instruction = _tasks(items)
    usual = _search(tasks[:_LOOKED_AT], Program())
    if not has_instruction:
        return OneProgram(usual, has_instruction)
    by_instruction: dict[str, list[Task]] = {}
    for task in tasks:
        by_instruction.setdefault(task.instruction, []).append(task)
    found: dict[str, Program] = {}
    tried: Counter[Program] = Counter([usual])
    for instruction, examples in by_instruction.items():
        program = _program_of(examples[:_PER_INSTRUCTION], usual, [each for each, _ in tried.most_common()])
        tried[program] += 1
        found[instruction] = program
    return ReadInstructions(usual, found, _learn_guesses(found, seed))


def _learn_guesses(found: Mapping[str, Program], seed: int) -> dict[str, Learned]:
    guesses: dict[str, Learned] = {}
    for name in SETTINGS:
        values = [str(getattr(program, name)) for program in found.values()]
        if len(set(values)) > 1:
            items = [
                Item(str(number), Prompt(instruction), value)
                for number, (instruction, value) in enumerate(zip(found, values, strict=True))
            ]
            guesses[name] = learn_linear(items, seed)
    return guesses


def _program_of(tasks: Sequence[Task], usual: Program, tried: Sequence[Program]) -> Program:
    for program in tried:
        if _agreement(tasks, program) >= 1:
            return program
    return _search(tasks, usual)


def _search(tasks: Sequence[Task], program: Program) -> Program:
    """Improve a program one setting at a time, until nothing helps."""
    best = _agreement(tasks, program)
    for _ in range(_ROUNDS):
        before = best
        for name, values in SETTINGS.items():
            for value in values:
                other = replace(program, **{name: value})  # type: ignore[arg-type] # SETTINGS holds the values of each setting
                agreement = _agreement(tasks, other)
                if agreement > best:
                    program, best = other, agreement
        if best in (before, 1.0):
            break
    return program


def _agreement(tasks: Sequence[Task], program: Program) -> float:
    shares = [_alike(to_json(task.table, task.instruction, program), task.target) for task in tasks]
    return math.fsum(shares) / len(shares)


def _alike(found: JsonValue, target: JsonValue) -> float:
    """The share of cells that agree, and one cell more for the table as a whole."""
    found_rows = found if isinstance(found, list) else [found]
    target_rows = target if isinstance(target, list) else [target]
    cells = agreeing = 0
    for number in range(max(len(found_rows), len(target_rows))):
        left = found_rows[number] if number < len(found_rows) else {}
        right = target_rows[number] if number < len(target_rows) else {}
        if not isinstance(left, dict) or not isinstance(right, dict):
            return float(found == target)
        cells += len(left.keys() | right.keys())
        agreeing += sum(
            key in right and type(value) is type(right[key]) and value == right[key]
            for key, value in left.items()
        )
    is_whole = agreeing == cells and isinstance(found, list) == isinstance(target, list)
    return (agreeing + is_whole) / (cells + 1)


def _tasks(items: Sequence[Item]) -> tuple[list[Task], bool]:
    has_instruction = sum("\n\n" in item.prompt.text.strip() for item in items) >= _MOSTLY * len(items)
    tasks = [
        Task(*_divide(item.prompt.text, has_instruction=has_instruction), parsed_target(item))
        for item in items
    ]
    return tasks, has_instruction


def _divide(text: str, *, has_instruction: bool) -> tuple[str, str]:
    if not has_instruction:
        return "", text
    instruction, _, table = text.partition("\n\n")
    return instruction, table


def _written(value: JsonValue, table: str, sure: float) -> Answer:
    odd = sum(table.count(mark) for mark in "\"'\\#") + table.count("  ")
    return Answer(as_json(value), (sure, -math.log1p(odd), -math.log1p(len(table))))
