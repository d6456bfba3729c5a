"""Plausible wrong answers, made of the right ones, for each shipped set that compares the two."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from evalbench.core.evalset import EvalSet, Item, JsonValue

WrongAnswer = Callable[[Item, EvalSet], str]


def gold(item: Item, evalset: EvalSet) -> str:
    """The right answer as a model would write it; of several accepted ones the last."""
    target = item.target
    if item.solution is not None and not isinstance(target, str):
        return item.solution
    if evalset.task.grader.name == "labels":
        return json.dumps(target)
    if isinstance(target, list) and all(isinstance(entry, str) for entry in target):
        return str(target[-1])
    return target if isinstance(target, str) else json.dumps(target, ensure_ascii=False)


def other_label(item: Item, evalset: EvalSet) -> str:
    """The label that is most common among the others."""
    return _most_common(item, evalset, evalset.items)


def one_label_of_several(item: Item, evalset: EvalSet) -> str:
    """The first of several labels; of one or none, another one."""
    assert isinstance(item.target, list)
    wrong = (
        item.target[:1]
        if len(item.target) > 1
        else [each for each in evalset.task.labels if each not in item.target][:1]
    )
    return json.dumps(wrong)


def other_answer_of_its_kind(item: Item, evalset: EvalSet) -> str:
    """What is most often right in other cases of the same kind."""
    return _most_common(item, evalset, [other for other in evalset.items if other.tags == item.tags])


def without_a_field(item: Item, _: EvalSet) -> str:
    """One field too few, or where nothing is to be found, one too many."""
    fields = dict(_object(item))
    if fields:
        fields.popitem()
        return json.dumps(fields, ensure_ascii=False)
    return json.dumps({"email": "post@example.org"})


def without_the_last_row(item: Item, _: EvalSet) -> str:
    assert isinstance(item.target, list)
    return json.dumps(item.target[:-1], ensure_ascii=False)


def hardly_converted(item: Item, _: EvalSet) -> str:
    """The Markdown itself in one paragraph, as a model that gives up answers."""
    return f"<p>{item.prompt.text}</p>"


def the_day_after(item: Item, evalset: EvalSet) -> str:
    """One day off, or where there is no such day, one that there is."""
    if item.target == "none":
        return "2024-03-01"
    return (date.fromisoformat(gold(item, evalset)) + timedelta(days=1)).isoformat()


def one_too_many(item: Item, evalset: EvalSet) -> str:
    return f"So the answer is {int(gold(item, evalset)) + 1}."


def made_up_or_withheld(item: Item, _: EvalSet) -> str:
    """An answer where there is none, and none where there is one."""
    return "3 days" if item.target == ["not in the text"] else "not in the text"


def two_stops_exchanged(item: Item, _: EvalSet) -> str:
    plan = _object(item)
    first, second, *rest = plan.values()
    return json.dumps(dict(zip(plan, (second, first, *rest), strict=True)))


def with_open_gaps(item: Item, _: EvalSet) -> str:
    """The template as it was given, as a model that fills nothing answers."""
    return str(item.prompt.fields["template"])


def left_as_it_is(item: Item, _: EvalSet) -> str:
    """The English sentence, as a model that does not translate answers."""
    return item.prompt.text


def the_last_words(item: Item, _: EvalSet) -> str:
    """The end of the notes, where things are decided, as far as a summary may go."""
    return " ".join(item.prompt.text.split()[-60:])


def _object(item: Item) -> Mapping[str, JsonValue]:
    assert isinstance(item.target, dict)
    return item.target


def _most_common(item: Item, evalset: EvalSet, others: Sequence[Item]) -> str:
    own = gold(item, evalset)
    counted = Counter(answer for other in others if (answer := gold(other, evalset)) != own)
    return counted.most_common(1)[0][0]


WRONG_ANSWERS: Mapping[str, WrongAnswer] = {
    "ambiguous-requests": other_label,
    "contract-risk": one_label_of_several,
    "csv-to-json": without_the_last_row,
    "dates": the_day_after,
    "edge-cases": other_answer_of_its_kind,
    "intent-routing": other_label,
    "invoice-details": without_a_field,
    "keyword-topics": other_label,
    "markdown-to-html": hardly_converted,
    "meeting-notes": the_last_words,
    "order-extraction": without_a_field,
    "policy-questions": made_up_or_withheld,
    "reply-templates": with_open_gaps,
    "sentiment": other_label,
    "spam-filter": other_label,
    "steps": one_too_many,
    "support-triage": other_label,
    "translation": left_as_it_is,
    "trip-planning": two_stops_exchanged,
}
