"""What a gate found, in plain words: one line per task and tier, and the reasons below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from evalbench.core.baseline import (
    GateLine,
    GateResult,
    GateTest,
    GateVerdict,
    LimitFinding,
    LimitState,
    MovedItem,
)
from evalbench.reports import numbers
from evalbench.reports.plain_text import one_line

WORDS: Mapping[GateVerdict, str] = {
    GateVerdict.FAIL: "FAIL",
    GateVerdict.PASS: "PASS",
    GateVerdict.WARN: "WARN",
    GateVerdict.INCOMPLETE: "INCOMPLETE",
}

_SETUP: Mapping[str, str] = {
    "params": "parameters",
    "schema_and_tools": "answer schema or tools",
    "train": "training split",
}

_COMMANDS = re.compile(r"(::|##)(?=\S)")
_NAMED = 5
_LONGEST = 200


def plain(text: str, longest: int = _LONGEST) -> str:
    """Text nobody vouches for on one short line that no terminal and no CI system takes for a command."""
    more = "" if len(text) <= longest else " ..."
    return _COMMANDS.sub("\\1\u200b", one_line(text[:longest])) + more


def headline(line: GateLine) -> str:
    """The change with its interval, and the drop that could have been seen."""
    if line.verdict is GateVerdict.INCOMPLETE:
        lacking = f"{line.missing:,} of {numbers.plural(line.wanted, 'answer')} missing"
        return f"not judged: {lacking}" if line.missing else "not judged: nothing was answered"
    broken = [limit for limit in line.limits if limit.state is LimitState.BROKEN]
    parts = [f"limit broken: {limit_words(limit)}" for limit in broken]
    test = line.worst
    if test.difference is None:
        parts.append("nothing was tested")
    else:
        if line.is_regression:
            parts.insert(0, "worse")
        parts.append(f"{change_words(test)}; {visible_words(test)}")
    return "; ".join(parts)


def change_words(test: GateTest) -> str:
    """The difference in points with its interval."""
    span = numbers.span(test.low, test.high, numbers.points)
    against = "" if test.against == "baseline" else f" against the {test.against}"
    return f"{numbers.points(test.difference)} points{f' ({span})' if span else ''}{against}"


def visible_words(test: GateTest) -> str:
    """The drop that would have been seen 4 times in 5."""
    if test.detectable_drop is None:
        return "too few items to see any drop"
    return f"could see a drop of {numbers.drop(round(test.detectable_drop, 3))}"


def reasons(line: GateLine) -> Iterator[str]:
    """Everything that explains a line, a sentence each."""
    for limit in line.limits:
        if limit.state is LimitState.BROKEN:
            yield f"a limit is broken, which is no regression by itself: {limit_words(limit)}"
        else:
            yield f"a limit could not be checked: {limit_words(limit)}"
    for test in line.tests:
        yield from _test_reasons(line, test)
    if line.verdict is not GateVerdict.INCOMPLETE:
        yield from _answer_reasons(line)
    if line.changed:
        yield f"set up otherwise than in the baseline: {', '.join(_setup_words(each) for each in line.changed)}"


def _setup_words(changed: str) -> str:
    return _SETUP.get(changed, plain(changed))


def _test_reasons(line: GateLine, test: GateTest) -> Iterator[str]:
    if test.difference is None:
        return
    against = "" if len(line.tests) == 1 else f"against the {test.against}: "
    yield f"{against}{_scores_words(line, test)}"
    if test.verdict is GateVerdict.FAIL:
        yield f"{against}chance alone does this in {_chance_words(test.p_adjusted)} of such checks"
    elif test.verdict is GateVerdict.WARN:
        yield f"{against}{_doubt_words(line, test)}"
    if test.unpaired:
        yield f"{against}{numbers.plural(test.unpaired, 'item')} without a score on both sides, left out"


def _answer_reasons(line: GateLine) -> Iterator[str]:
    if line.newer < line.answers:
        yield f"only {line.newer:,} of {line.answers:,} answers are newer than the baseline"
    losses = [item for item in line.moved if item.difference < 0]
    if losses:
        more = f" and {len(losses) - _NAMED:,} more" if len(losses) > _NAMED else ""
        yield f"items that got worse: {', '.join(plain(item.id) for item in losses[:_NAMED])}{more}"


def _scores_words(line: GateLine, test: GateTest) -> str:
    counted = numbers.plural(test.items, "item")
    if test.groups is not None:
        counted += f", {numbers.plural(test.groups, 'group')}"
    if line.is_share:
        return f"{numbers.percent(test.before)} right before, {numbers.percent(test.after)} now ({counted})"
    return f"{numbers.score(test.before)} of 100 before, {numbers.score(test.after)} now ({counted})"


def _chance_words(p_value: float | None) -> str:
    if p_value is not None and p_value < 0.0001:  # noqa: PLR2004 -- the smallest share that is said
        return "less than 0.01 %"
    return numbers.percent(p_value)


def _doubt_words(line: GateLine, test: GateTest) -> str:
    if test.detectable_drop is None:
        return "no proof of a regression, but there are too few items to see any drop"
    if test.low is not None and test.low > -line.max_drop:
        return "no proof of a regression, but the missing answers could hide one"
    return (
        f"no proof of a regression, but {numbers.plural(test.items, 'item')} can only see drops of "
        f"{numbers.drop(round(test.detectable_drop, 3))} (4 times in 5); to pass, a drop of "
        f"{numbers.drop(line.max_drop)} would have to be ruled out"
    )


def limit_words(limit: LimitFinding) -> str:
    """A limit and how it was missed."""
    if limit.kind == "must_pass":
        more = f" and {len(limit.items) - _NAMED:,} more" if len(limit.items) > _NAMED else ""
        return f"must_pass {', '.join(map(plain, limit.items[:_NAMED]))}{more} failed"
    write = {
        "min_score": numbers.score,
        "max_p95_s": numbers.seconds,
        "max_cost_usd": numbers.price,
        "cost_increase": numbers.percent,
        "p95_increase": numbers.percent,
    }[limit.kind]
    name = {
        "min_score": "score at least",
        "max_p95_s": "p95 at most",
        "max_cost_usd": "cost per item at most",
        "cost_increase": "cost at most above the baseline's",
        "p95_increase": "p95 at most above the baseline's",
    }[limit.kind]
    seen = "unknown" if limit.seen is None else write(limit.seen)
    return f"{name} {write(limit.allowed)}, and it is {seen}"


def moved_words(line: GateLine, item: MovedItem) -> str:
    """How an item's score moved."""
    if line.is_share and {item.before, item.after} == {0.0, 1.0}:
        return "right before, wrong now" if item.after < item.before else "wrong before, right now"
    return f"{numbers.score(item.before)} before, {numbers.score(item.after)} now"


def gate_lines(result: GateResult) -> list[str]:
    """The whole for a person: the grave lines first within the order of the tasks."""
    width = max((len(WORDS[line.verdict]) for line in result.lines), default=0)
    lines: list[str] = []
    for line in result.lines:
        name = f"{plain(line.task)}  {plain(line.tier)} ({plain(line.model)})"
        lines.append(f"{WORDS[line.verdict]:{width}}  {name}  {headline(line)}")
        if line.verdict is not GateVerdict.PASS:
            lines += [f"  {reason}" for reason in reasons(line)]
    return lines


def title(result: GateResult) -> str:
    """The whole in a few words."""
    counted = [
        f"{result.count(verdict):,} {said}"
        for verdict, said in (
            (GateVerdict.FAIL, "failed"),
            (GateVerdict.INCOMPLETE, "incomplete"),
            (GateVerdict.WARN, "cannot tell"),
            (GateVerdict.PASS, "passed"),
        )
        if result.count(verdict)
    ]
    return f"Gate: {', '.join(counted)}"


def github_annotations(result: GateResult) -> list[str]:
    """Commands that mark failed lines on the page of a GitHub workflow, one each."""
    return [
        f"::error title={_property(f'evalbench: {plain(line.task)}')}::"
        f"{_data(f'{plain(line.tier)}: {headline(line)}')}"
        for line in result.lines
        if line.verdict is GateVerdict.FAIL
    ]


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
