"""What the README of a shipped set promises beyond the grader's word, checked from the text of its items."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from itertools import permutations

import jinja2
import pytest
from markdown_it import MarkdownIt

from evalbench.config.evalset_file import read_evalset_file
from evalbench.core.evalset import EvalSet, Item
from evalbench.graders.html_text import html_events
from evalbench.loaders.create import labels_of
from evalbench.loaders.find import shipped_folder
from evalbench.loaders.load import load_evalset

BALANCED = (
    *("ambiguous-requests", "contract-risk", "intent-routing", "keyword-topics", "sentiment"),
    *("edge-cases", "dates", "reply-templates", "translation"),
)
TIME = r"(\d\d):(\d\d)"


def load(name: str) -> EvalSet:
    return load_evalset(shipped_folder() / name, read_settings=read_evalset_file)


@pytest.mark.parametrize("name", BALANCED)
def test_no_label_or_kind_is_much_more_frequent_than_another(name: str) -> None:
    evalset = load(name)

    counted = Counter(
        kind
        for item in evalset.items
        for kind in (labels_of(item.target) or ["none"] if evalset.task.labels else item.tags[:1])
    )

    assert max(counted.values()) <= 1.3 * min(counted.values())


def test_the_html_of_every_document_is_what_a_commonmark_parser_makes_of_it() -> None:
    evalset, parser = load("markdown-to-html"), MarkdownIt("commonmark")

    differing = [
        item.id
        for item in (*evalset.items, *evalset.train)
        if html_events(parser.render(item.prompt.text)) != html_events(str(item.target))
    ]

    assert differing == []


def test_a_worked_solution_ends_in_the_answer_and_is_no_part_of_the_item() -> None:
    evalset = load("steps")
    rows = (shipped_folder() / "steps" / "items.jsonl").read_text("utf-8").splitlines()

    worked = {row["id"]: row["worked"] for row in map(json.loads, rows)}

    for item in evalset.items:
        assert f"= {item.target} (" in worked[item.id].rpartition("; ")[2]
        assert dict(item.prompt.fields) == {}


def test_the_rules_hold_the_answer_of_every_question_that_can_be_answered() -> None:
    for item in load("policy-questions").items:
        rules, _, _ = item.prompt.text.rpartition("Question:")
        assert isinstance(item.target, list)
        answers = [str(answer) for answer in item.target]

        if item.tags == ("answerable",):
            assert any(
                re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", rules, re.IGNORECASE) for answer in answers
            )
        else:
            assert answers == ["not in the text"]


def test_every_message_is_what_another_program_makes_of_template_and_facts() -> None:
    for item in load("reply-templates").items:
        facts = dict(re.findall(r"^(.+?): (.+)$", item.prompt.text, re.MULTILINE))

        message = as_jinja(str(item.prompt.fields["template"])).render(facts=facts)

        assert message.split() == str(item.target).split()


@cache
def as_jinja(template: str) -> jinja2.Template:
    """A house template in the language of another program."""
    source = re.sub(r"\{\{(.+?)\}\}", r"{{ facts.get('\1') }}", template)
    for pattern, condition in (
        (r"\[only if ([\w ]+) is (not )?given: ([^]]*)\]", r"\2'\1' in facts"),
        (r"\[only if ([\w ]+) is (not )?([\w ]+): ([^]]*)\]", r"\2facts.get('\1') == '\3'"),
    ):
        text = rf"\{re.compile(pattern).groups}"
        source = re.sub(pattern, rf"{{% if {condition} %}}{text}{{% endif %}}", source)
    return jinja2.Environment(autoescape=False).from_string(source)  # noqa: S701 - the messages are plain text


def test_every_accepted_translation_has_the_numbers_of_the_sentence_and_no_other() -> None:
    evalset = load("translation")

    for item in (*evalset.items, *evalset.train):
        assert isinstance(item.target, list)
        assert {numbers(text) for text in item.target} == {numbers(item.prompt.text)}
        assert len(set(item.target)) == len(item.target)


def numbers(text: str) -> tuple[str, ...]:
    """The numbers of a text in any order, without signs between their digits and full hours."""
    joined = re.sub(r"(?<=\d)[.,:](?=\d)|(?<=\d) (?=\d{3}\b)", "", re.sub(r"(\d) h\b ?(\d\d)?", _hour, text))
    return tuple(sorted(re.findall(r"\d+", joined)))


def _hour(time: re.Match[str]) -> str:
    return f"{time[1]}:{time[2] or '00'}"


def test_notes_hold_every_fact_of_their_summary_and_all_that_it_must_not_have() -> None:
    for item in load("meeting-notes").items:
        notes, summary = item.prompt.text.casefold(), str(item.solution).casefold()

        assert 120 <= len(notes.split()) <= 250
        assert len(summary.split()) <= 60
        assert isinstance(item.target, list)
        for entry in item.target:
            is_wanted = isinstance(entry, list)
            wordings = [text.casefold() for text in (entry if is_wanted else entry["not"])]
            assert any(text in notes for text in wordings)
            assert any(text in summary for text in wordings) == is_wanted


def test_exactly_one_order_obeys_what_the_text_of_a_day_says() -> None:
    for item in load("trip-planning").items:
        plans = [plan for plan in Day(item).plans() if plan is not None]

        assert plans == [item.target]


class Day:
    """A day as its text describes it, read without the generator."""

    def __init__(self, item: Item) -> None:
        head, stops, *rules = item.prompt.text.split("\n")
        self.start = minutes(head)
        self.way = int(re.findall(r"takes (\d+) minutes", head)[0])
        self.takes = {
            name: int(time) for name, time in re.findall(r"([\w' ]+?) \((\d+) minutes\)", stops[7:])
        }
        self.takes = {name.strip(): time for name, time in self.takes.items()}
        self.rules = [self.understood(rule.removeprefix("- ")) for rule in rules]

    def understood(self, rule: str) -> tuple[str, list[str], int]:
        """The kind of a rule, the stops that it names in order, and its time."""
        named = sorted((rule.lower().find(f"the {stop}"), stop) for stop in self.takes)
        stops = [stop for place, stop in named if place >= 0]
        kinds = (
            ("opens", "Nobody is let in|at the earliest"),
            ("closes", "must be over by|must not last beyond"),
            ("later", "is visited later than|must wait until"),
            ("apart", "at least one other stop|separates"),
            ("next", "Nothing comes between|is next"),
            ("not first", "not the first stop|cannot be the first"),
            ("not last", "not the last stop|cannot come last"),
        )
        (kind,) = [kind for kind, words in kinds if re.search(words, rule)]
        return kind, stops, minutes(rule) if kind in {"opens", "closes"} else 0

    def plans(self) -> list[dict[str, str] | None]:
        return [self.plan(order) for order in permutations(self.takes)]

    def plan(self, order: tuple[str, ...]) -> dict[str, str] | None:
        """The beginning of every stop in this order, or None where a rule forbids it."""
        opens = {stops[0]: time for kind, stops, time in self.rules if kind == "opens"}
        now, begins = self.start, {}
        for stop in order:
            begins[stop] = max(now, opens.get(stop, 0))
            now = begins[stop] + self.takes[stop] + self.way
        for kind, stops, time in self.rules:
            places = [order.index(stop) for stop in stops]
            end = begins[stops[0]] + self.takes[stops[0]]
            obeys = {
                "opens": True,
                "closes": end <= time,
                "later": places[0] > places[-1],
                "next": places[-1] == places[0] + 1,
                "apart": abs(places[-1] - places[0]) > 1,
                "not first": places[0] > 0,
                "not last": places[0] < len(order) - 1,
            }
            if not obeys[kind]:
                return None
        return {stop: f"{begin // 60:02}:{begin % 60:02}" for stop, begin in begins.items()}


def minutes(text: str) -> int:
    """The first time of day in a text, in minutes."""
    found = re.search(TIME, text)
    assert found is not None, text
    return int(found[1]) * 60 + int(found[2])
