"""Print how steady a gate is: how often it would flip, and whether whole runs differ."""

from __future__ import annotations

from typing import Any

from evalbench.cli.screen import terminal
from evalbench.gate.noise import Flips, Spread
from evalbench.reports import numbers
from evalbench.reports.gate_words import plain
from evalbench.workflows.gate_noise import Noise, NoiseLine


def show_noise(found: Noise, *, as_json: bool) -> None:
    """How often each line would flip, and what it can see."""
    if as_json:
        terminal.print_json(_noise_json(found))
        return
    lines = []
    for line in found.lines:
        lines.append(f"{plain(line.task)}  {plain(line.tier)}  {_flips_words(line)}")
        lines += [f"  {sentence}" for sentence in _noise_sentences(line)]
    terminal.show_lines(lines)


def _flips_words(line: NoiseLine) -> str:
    found = line.flips
    if found is None:
        return "too few items to say anything"
    if not found.is_repeated:
        return "asked once: how much its answers vary is not known"
    drop = _drop_words(found)
    return f"fails {numbers.percent(found.failed)} of checks with nothing changed; {drop}"


def _drop_words(found: Flips) -> str:
    if found.detectable_drop is None:
        return "can see no drop"
    return f"can see a drop of {numbers.drop(round(found.detectable_drop, 3))} (4 times in 5)"


def _noise_sentences(line: NoiseLine) -> list[str]:
    found = line.flips
    sentences = []
    if found is not None and found.is_repeated:
        sentences.append(
            f"passes {numbers.percent(found.passed)}, cannot tell {numbers.percent(found.unclear)} of "
            f"{found.checks:,} checks of one half of each item's {line.repeats} repeats against the other"
        )
        if not found.variance:
            most = numbers.percent(found.unseen_share)
            sentences.append(
                f"no item's repeats differed; of all the items there could be, up to {most} may (95 % sure)"
            )
        sentences.append("what moves a whole run (another model behind the name) is not in it")
        if line.is_corpus:
            sentences.append(f"counted on the items' own scores, since {line.metric} has none by repeat")
    elif found is not None:
        worst = "" if found.detectable_drop is None else f", and {_drop_words(found)}"
        sentences.append(
            f"at the most, as if two answers to one item had nothing in common, two runs would differ "
            f"as much as by {numbers.percent(found.variance_high)} of the items (95 % sure){worst}"
        )
        sentences.append("to know it: evalbench run --repeats 3 --refresh, then evalbench gate noise")
    return [*sentences, *_spread_sentences(line)]


def _spread_sentences(line: NoiseLine) -> list[str]:
    found = line.spread
    if found is None:
        there = numbers.plural(len(line.runs), "run")
        return [f"{there} of this set-up with answers of its own; three would tell whether whole runs differ"]
    spread = f"{numbers.drop(found.between_runs)} apart (standard deviation of {found.runs} runs' scores)"
    explained = numbers.drop(found.from_items)
    if not found.is_shock:
        return [f"whole runs lie {spread}, which items alone explain ({explained})"]
    where = f"whole runs lie {spread}, where items alone explain {explained}"
    bar = numbers.drop(2 * found.between_runs)
    return [f"{where}: something moves all items at once, so a drop below {bar} may be no regression"]


def _noise_json(found: Noise) -> dict[str, Any]:
    return {
        "schema": "evalbench.gate-noise/1",
        "run": found.run,
        "lines": [
            {
                "task": line.task,
                "tier": line.tier,
                "metric": line.metric,
                "items": line.items,
                "repeats": line.repeats,
                "flips": None if line.flips is None else _flips_json(line.flips),
                "runs": list(line.runs),
                "between_runs": None if line.spread is None else _spread_json(line.spread),
            }
            for line in found.lines
        ],
    }


def _flips_json(found: Flips) -> dict[str, Any]:
    return {
        "from": "repeats" if found.is_repeated else "items",
        "checks": found.checks,
        "fail": found.failed,
        "pass": found.passed,
        "warn": found.unclear,
        "variance": found.variance,
        "variance_high": found.variance_high,
        "detectable_drop": found.detectable_drop,
    }


def _spread_json(found: Spread) -> dict[str, Any]:
    return {
        "runs": found.runs,
        "means": list(found.means),
        "standard_deviation": found.between_runs,
        "explained_by_items": found.from_items,
        "shock": found.is_shock,
    }
