"""Print what changed between two runs: the verdict of each line, the set-up, and the items."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from textwrap import wrap

from evalbench.advice.changed import BeforeAfter, ChangeVerdict, TaskChange, TierChange
from evalbench.advice.setup_changes import SetupChange
from evalbench.core.evalset import JsonValue
from evalbench.core.money import MINUS, batch_of
from evalbench.core.run import Run
from evalbench.reports import numbers, phrases
from evalbench.reports.plain_text import clip, one_line, spoken
from evalbench.workflows.compare import Answer, ChangedItem, Compared, ComparedTask

MOST = 3
"""How many items that got worse, and how many that got better, are shown a line."""

_WIDEST = 80
_LONGEST = 60
_OF_A_DIGEST = 12
_CORPUS_METRICS = {"macro_f1": "macro F1 ", "micro_f1": "micro F1 ", "bleu": "BLEU ", "chrf": "chrF "}
_MANY_MISSING = 0.05
_FEW_GROUPS = 10
_ALIASES = re.compile(r"^(\{% set \w+ = \w+ %\})+")
"""What a template opens with so that a column also goes by the name of its role; nobody wrote it."""

_SETTINGS = {
    "digest": "digest of the eval set",
    "train_digest": "digest of the training split",
    "params": "parameters",
    "max_answer_s": "latest useful answer (max_answer_s)",
    "max_drop": "largest drop allowed (max_drop)",
}

_VERDICTS = {
    ChangeVerdict.BETTER: "BETTER",
    ChangeVerdict.WORSE: "WORSE",
    ChangeVerdict.NO_DIFFERENCE: "NO DIFFERENCE SHOWN",
    ChangeVerdict.NOTHING: "NOTHING TO COMPARE",
}


def compared_lines(compared: Compared) -> list[str]:
    """The comparison for a person: per task the lines by tier, then what explains them."""
    lines = [f"older  {_run_words(compared.older)}", f"newer  {_run_words(compared.newer)}"]
    lines += [f"  note: {one_line(note)}" for note in compared.notes]
    for task in compared.tasks:
        lines += ["", *_task_lines(task)]
    for run, names in (("older", compared.only_older), ("newer", compared.only_newer)):
        if names:
            lines += ["", f"tasks only in the {run} run: {', '.join(map(one_line, names))}"]
    return lines


def next_command(compared: Compared) -> str:
    """How to look closer: the item that changed most, else the report of the newer run."""
    newer = compared.newer.manifest.id
    changed = (
        (task.change.name, each) for task in compared.tasks for own in task.items.values() for each in own
    )
    task, first = next(changed, ("", None))
    # A name that could steer a terminal is not offered to be pasted.
    if first is None or one_line(first.change.item_id) != first.change.item_id or one_line(task) != task:
        return f"evalbench report {newer}"
    where = f" --task {shlex.quote(task)}" if len(compared.newer.tasks) > 1 else ""
    return f"evalbench show {newer} {shlex.quote(first.change.item_id)}{where}"


def _run_words(run: Run) -> str:
    return f"{run.manifest.id}  {run.manifest.created[:16].replace('T', ' ')} UTC"


def _task_lines(task: ComparedTask) -> Iterator[str]:
    change = task.change
    yield f"{one_line(change.name)}: {numbers.plural(len(change.shared), 'item')} in both runs"
    left_out = [f"{count:,} {why}" for why, count in _left_out(change).items() if count]
    if left_out:
        yield from wrap(f"  left out: {', '.join(left_out)}", _WIDEST, subsequent_indent=" " * 12)
    for line in change.lines:
        yield from _tier_lines(change, line)
    for name, tiers in (("older", change.only_older_tiers), ("newer", change.only_newer_tiers)):
        if tiers:
            yield f"  only in the {name} run: {', '.join(map(one_line, tiers))}"
    if change.setup:
        yield "  set up otherwise:"
        for setting in change.setup:
            yield from _setup_lines(setting)
    else:
        inside = "; changes inside a model or function are not seen" if _moves(change) else ""
        yield f"  nothing was set up otherwise{inside}"
    for line in change.lines:
        yield from _item_lines(line, task.items[line.tier])


def _moves(change: TaskChange) -> bool:
    return any(line.changes for line in change.lines)


def _left_out(change: TaskChange) -> dict[str, int]:
    shared = change.shared
    return {
        "only in the older run": len(shared.only_older),
        "only in the newer run": len(shared.only_newer),
        "with another prompt": len(shared.prompt_changed),
        "with another right answer": len(shared.target_changed),
        "without a right answer": len(shared.unlabelled),
    }


def _tier_lines(change: TaskChange, line: TierChange) -> Iterator[str]:
    yield f"  {_tier_words(line)}  {_verdict_words(line)}"
    if line.difference is not None:
        yield f"    {_scores_words(change, line)}"
        yield f"    {_evidence_words(line)}"
    if line.verdict is ChangeVerdict.NO_DIFFERENCE:
        yield f"    {_power_words(line)}"
    for side, left in (("older", line.not_asked_older), ("newer", line.not_asked_newer)):
        if left:
            yield f"    {numbers.plural(left, 'item')} not asked in the {side} run, which stopped early"
    if line.groups is not None and line.groups < _FEW_GROUPS:
        yield f"    few groups ({line.groups}): more of them, not more items in each, would show more"
    for words in _missing_words(change, line):
        yield f"    {words}"
    yield f"    {_means_words(line)}"


def _missing_words(change: TaskChange, line: TierChange) -> Iterator[str]:
    sides = ("older", line.missing_older), ("newer", line.missing_newer)
    for side, missing in sides:
        if missing:
            yield f"{numbers.plural(missing, 'answer')} missing in the {side} run, and left out"
    if line.is_missing_sensitive is not None:
        yield (
            "the missing ones could undo this: they would if all spoke against it"
            if line.is_missing_sensitive
            else "this holds even if every missing one speaks against it"
        )
    elif max(missing for _, missing in sides) > _MANY_MISSING * len(change.shared):
        yield "so many missing ones may hide a change"


def _tier_words(line: TierChange) -> str:
    before, after = line.older_model, line.newer_model
    kind = ", classical" if after.is_classical else ""
    if before.id == after.id:
        model = after.label
    else:
        # A classical model goes by its whole name here: alone, `large` would look like a tier.
        is_clear = before.label != after.label and not (before.is_classical or after.is_classical)
        names = [each.label if is_clear else each.id for each in (before, after)]
        model = f"{names[0]} before, {names[1]} now"
    return f"{one_line(line.tier)} ({one_line(model)}{kind})"


def _verdict_words(line: TierChange) -> str:
    word = _VERDICTS[line.verdict]
    if line.difference is None or line.verdict is ChangeVerdict.NO_DIFFERENCE:
        return word
    return f"{word}, by {numbers.drop(line.difference)}"


def _scores_words(change: TaskChange, line: TierChange) -> str:
    counted = numbers.plural(line.items, "item")
    if line.groups is not None:
        counted += f", {numbers.plural(line.groups, 'group')}"
    if line.is_share:
        before, after = numbers.percent(line.score.older), numbers.percent(line.score.newer)
        scores = f"{before} right before, {after} now"
    else:
        before, after = numbers.score(line.score.older), numbers.score(line.score.newer)
        name = _CORPUS_METRICS.get(change.metric, "")
        scores = f"{name}{before} of 100 before, {after} now"
    worse = sum(each.difference < 0 for each in line.changes)
    return f"{scores} ({counted}); {len(line.changes) - worse:,} better, {worse:,} worse"


def _evidence_words(line: TierChange) -> str:
    span = numbers.span(line.low, line.high, numbers.points)
    interval = f"; {line.level * 100:g} % sure that it is from {span}" if span else ""
    return f"change {numbers.points(line.difference)} points{interval} (p {_p_words(line)})"


def _p_words(line: TierChange) -> str:
    return numbers.probability(line.p_adjusted).removesuffix(".000")


def _power_words(line: TierChange) -> str:
    if line.detectable_drop is None:
        return "too few items to show any drop, however large"
    drop = numbers.drop(round(line.detectable_drop, 3))
    return f"a drop of {drop} would have shown 4 times in 5, smaller ones less often"


def _means_words(line: TierChange) -> str:
    cost, seconds = line.cost_usd, line.p95_s
    batch = batch_of((cost.older, cost.newer))
    costs = BeforeAfter(batch.cost_usd(cost.older), batch.cost_usd(cost.newer))
    return f"cost per {batch.name} {_arrow(costs, numbers.price)}; p95 {_arrow(seconds, numbers.seconds)}"


def _arrow(figure: BeforeAfter, write: Callable[[float | None], str]) -> str:
    """Both figures, and by how much the second is more; one where they read the same."""
    before, after = write(figure.older), write(figure.newer)
    if before == after:
        return before
    if not figure.older or figure.newer is None:
        return f"{before} to {after}"
    share = figure.newer / figure.older - 1
    return f"{before} to {after} ({'+' if share > 0 else MINUS}{abs(share) * 100:,.0f} %)"


def _setup_lines(setting: SetupChange) -> Iterator[str]:
    name = _SETTINGS.get(setting.setting, setting.setting.replace("_", " "))
    where = "" if setting.tier is None else f"{one_line(setting.tier)} "
    before, after = _texts(setting)
    if before == after:
        after = "the same but for blanks or line ends"
    yield f"    {where}{name}: {before}"
    yield f"    {' ' * len(where + name)}  now {after}"


def _texts(setting: SetupChange) -> tuple[str, str]:
    """Two values on a line each; of long ones the part from where they begin to differ."""
    before, after = _text(setting.older), _text(setting.newer)
    if setting.setting.endswith("digest"):
        return before[:_OF_A_DIGEST], after[:_OF_A_DIGEST]
    same = next(
        (place for place, (one, other) in enumerate(zip(before, after, strict=False)) if one != other),
        min(len(before), len(after)),
    )
    start = max(0, same - _LONGEST // 3) if max(len(before), len(after)) > _LONGEST else 0
    return _from(before, start), _from(after, start)


def _text(value: JsonValue) -> str:
    if value in (None, [], {}):
        return "none"
    if isinstance(value, str):
        return _ALIASES.sub("", value)
    return json.dumps(value, ensure_ascii=False)


def _from(text: str, start: int) -> str:
    return f"{'... ' if start else ''}{_short(text[start:])}"


def _short(text: str) -> str:
    part = clip(text, _LONGEST)
    return f"{one_line(part.text)}{'' if part.whole is None else ' ...'}"


def _item_lines(line: TierChange, items: tuple[ChangedItem, ...]) -> Iterator[str]:
    if not items:
        return
    more = len(line.changes) - len(items)
    rest = f"; {more:,} more with --json" if more > 0 else ""
    yield f"  items of {one_line(line.tier)} that changed most{rest}:"
    for each in items:
        yield f"    {one_line(each.change.item_id)}: {_move_words(line, each)}"
        if each.item is not None:
            prompt = each.item.prompt
            asked = prompt.text or " ".join(turn.content for turn in prompt.messages)
            yield f"      asked   {_short(asked)}"
            yield f"      right   {_short(spoken(each.item.target) or 'not given')}"
            yield f"      before  {_answer_words(each.older)}"
            yield f"      now     {_answer_words(each.newer)}"


def _move_words(line: TierChange, each: ChangedItem) -> str:
    older, newer = each.change.older, each.change.newer
    if line.is_share and {older, newer} == {0.0, 1.0}:
        return "right before, wrong now" if newer < older else "wrong before, right now"
    return f"{numbers.score(older)} before, {numbers.score(newer)} now"


def _answer_words(answer: Answer) -> str:
    status = phrases.STATUSES[answer.status]
    if not answer.text:
        return status
    return f"{_short(answer.text)}{'' if answer.status.value == 'ok' else f' ({status})'}"
