"""Print one item with every prompt, answer and score, as `try` and `show` do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evalbench.assembly.shown import PaidInVain, Shown
from evalbench.core.completion import Completion
from evalbench.core.evalset import Prompt
from evalbench.core.trial import Trial
from evalbench.reports import numbers
from evalbench.reports.plain_text import clip, one_line, spoken

_LONGEST = 4000


def item_lines(trials: Sequence[Shown]) -> list[str]:
    """The items with what each tier was shown, said, and got for it."""
    lines: list[str] = []
    before: tuple[str, str] | None = None
    prompt: tuple[object, ...] | None = None
    for each in trials:
        place = (each.task, each.item.id)
        if place != before:
            target = spoken(each.item.target)
            lines += ["", f"{one_line(each.task)}  item {_quoted(one_line(each.item.id), each.item.id)}"]
            lines.append(f"  right answer: {'none given' if target is None else _target(target)}")
            before, prompt = place, None
        shown = (each.messages, each.read)
        if shown != prompt:
            lines += _prompt_lines(each) if each.read is None else _read_lines(each.read)
            prompt = shown
        lines += _trial_lines(each)
    return lines[1:]


def item_json(shown: Sequence[Shown]) -> list[dict[str, Any]]:
    """The same for scripts; unknown is null."""
    return [
        {
            "task": each.task,
            "item_id": each.item.id,
            "target": each.item.target,
            "tier": each.tier,
            "model": each.model,
            "classical": each.is_classical,
            "grader": each.grader,
            "repeat": each.trial.repeat,
            "messages": [{"role": turn.role, "content": turn.content} for turn in each.messages],
            "read": None
            if each.read is None
            else {"input": each.read.text, "fields": dict(each.read.fields)},
            **_trial_json(each.trial),
            "in_vain": each.in_vain,
        }
        for each in shown
    ]


def _trial_json(trial: Trial) -> dict[str, Any]:
    answer, score, failure = trial.completion, trial.score, trial.failure
    return {
        "status": trial.status.value,
        "output": None if answer is None else answer.text,
        "score": None if score is None else score.value,
        "reading": None if score is None else score.reading,
        "explanation": None if score is None else score.explanation,
        "cost_usd": None if answer is None else answer.cost_usd,
        "latency_s": None if answer is None else answer.latency_s,
        "first_token_s": None if answer is None else answer.first_token_s,
        "queue_s": None if answer is None else answer.effort.queue_s,
        "backoff_s": None if answer is None else answer.effort.backoff_s,
        "attempts": None if answer is None else answer.effort.attempts,
        "reused": trial.is_reused,
        "created": None if answer is None else answer.created,
        "confidence": None if answer is None else answer.confidence,
        "failure": None if failure is None else f"{failure.kind}: {failure.message}",
    }


def _prompt_lines(each: Shown) -> list[str]:
    lines = []
    for turn in each.messages:
        lines.append(f"  {turn.role}:")
        lines += [f"  | {line}" for line in _clipped(turn.content).splitlines()]
    return lines or ["  no prompt is stored", f"  | {_clipped(each.item.prompt.text)}"]


def _read_lines(read: Prompt) -> list[str]:
    """What a classical model went by; it is sent no prompt, and learned from items that look like this."""
    named = {"input": read.text, **read.fields} if read.text else read.fields
    lines = ["  read of the item, without a prompt:" if named else "  read nothing of the item"]
    for name, value in named.items():
        text = spoken(value)
        lines.append(f"  {one_line(name)}:")
        lines += [f"  | {line}" for line in _clipped(text or "").splitlines()]
    return lines


def _trial_lines(each: Shown) -> list[str]:
    trial = each.trial
    kind = ", classical" if each.is_classical else ""
    head = f"  {one_line(each.tier)} ({one_line(each.model)}{kind})"
    if trial.repeat:
        head += f" repeat {trial.repeat}"
    answer = trial.completion
    if answer is None:
        failure = trial.failure
        lines = [f"{head}: no answer: {one_line(failure.message) if failure else 'never asked'}"]
        return lines if each.in_vain is None else [*lines, f"    {_vain_words(each.in_vain)}"]
    facts = [numbers.seconds(answer.latency_s), f"cost {numbers.price(answer.cost_usd)}"]
    if answer.confidence is not None:
        facts.append(f"confidence {answer.confidence:.2f}")
    facts += _effort_words(trial, answer)
    if each.in_vain is not None:
        facts.append(_vain_words(each.in_vain))
    return [
        f"{head}: {trial.status.value}, {', '.join(facts)}",
        *(f"    > {line}" for line in _clipped(answer.text).splitlines()),
        f"    {_score_words(each)}",
    ]


def _effort_words(trial: Trial, answer: Completion) -> list[str]:
    effort, words = answer.effort, []
    if answer.first_token_s is not None:
        words.append(f"first token after {numbers.seconds(answer.first_token_s)}")
    if effort.attempts > 1:
        words.append(f"{effort.attempts} attempts, {numbers.seconds(effort.backoff_s)} between them")
    if trial.is_reused:
        words.append(f"stored {answer.created or 'earlier'}")
    return words + [f"without {name}" for name in [answer.detail.get("params_left_out")] if name]


def _vain_words(paid: PaidInVain) -> str:
    """What attempts that gave no answer cost this run, and how many bills nobody knows."""
    bills = numbers.plural(paid.unknown_bills, "failed attempt")
    unknown = f"{bills} may have been billed" if paid.unknown_bills else ""
    known = "" if paid.usd == 0 else f"{numbers.price(paid.usd)} paid in vain by this run"
    return " and ".join(words for words in (known, unknown) if words)


def _score_words(each: Shown) -> str:
    score = each.trial.score
    if score is None and each.trial.failure is not None:
        return f"not graded: {one_line(each.trial.failure.message)}"
    if each.is_yardstick:
        return "not scored: it is what the others are compared with"
    if score is None:
        return "not scored: the item has no right answer"
    reading = "nothing" if score.reading is None else repr(_clipped(score.reading))
    reason = f": {one_line(score.explanation)}" if score.explanation else ""
    grader = each.grader.partition("[")[0]  # What stands in brackets is for reproduction, not for reading.
    return f"{grader} read {reading}, score {score.value:g}{reason}"


def _target(text: str) -> str:
    return _quoted(_clipped(text), text)


def _quoted(shown: str, text: str) -> str:
    """What is shown of a text, in quotes where blanks at its ends, or nothing at all, would go unseen."""
    return shown if text and text == text.strip() else repr(text)


def _clipped(text: str) -> str:
    short = clip(text, _LONGEST)
    return short.text if short.whole is None else f"{short.text} ... ({short.whole:,} characters)"
