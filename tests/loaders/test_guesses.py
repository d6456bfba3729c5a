from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from evalbench.errors import EvalSetError
from evalbench.loaders.create import create_evalset
from evalbench.loaders.find import shipped_folder
from tests.loaders.sets import load, write_jsonl

TARGETS = {
    "ambiguous-requests": ("classification", "label"),
    "contract-risk": ("classification", "labels"),
    "csv-to-json": ("reformatting", "reformat"),
    "dates": ("qa", "token_f1"),
    "edge-cases": ("qa", "token_f1"),
    "intent-routing": ("routing", "label"),
    "invoice-details": ("extraction", "json_fields"),
    "keyword-topics": ("classification", "label"),
    "markdown-to-html": ("reformatting", "reformat"),
    "meeting-notes": ("summarization", "rouge"),
    "order-extraction": ("extraction", "json_fields"),
    "policy-questions": ("qa", "token_f1"),
    "reply-templates": ("template", "template"),
    "sentiment": ("classification", "label"),
    "small-functions": ("code", "code"),
    "spam-filter": ("classification", "label"),
    "steps": ("reasoning", "numeric"),
    "support-triage": ("classification", "label"),
    "translation": ("translation", "chrf"),
    "trip-planning": ("extraction", "json_fields"),
}


WITHOUT = "where there are no right answers, add --task generation, and let a judge say what is good"


def shipped_rows(name: str) -> list[dict[str, Any]]:
    text = (shipped_folder() / name / "items.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def write_csv(path: Path, rows: list[dict[str, Any]]) -> Path:
    names = [name for name in rows[0] if name != "tags"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for row in rows:
            cells = (row[name] for name in names)
            writer.writerow([cell if isinstance(cell, str) else json.dumps(cell) for cell in cells])
    return path


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
@pytest.mark.parametrize("name", TARGETS)
def test_task_and_grader_of_every_shipped_kind_are_guessed_from_its_rows(
    tmp_path: Path, name: str, suffix: str
) -> None:
    write = write_csv if suffix == "csv" else write_jsonl
    file = write(tmp_path / f"rows.{suffix}", shipped_rows(name))

    created = create_evalset(file, tmp_path / "s")
    evalset = load(tmp_path / "s")

    assert (evalset.task.kind.value, evalset.task.grader.name) == TARGETS[name]
    assert f"grader: {evalset.task.grader.name}" in created.notes
    assert created.train > 0
    groups = [{item.group for item in items} for items in (evalset.items, evalset.train)]
    assert None not in groups[0]
    assert not groups[0] & groups[1]
    assert (sum(created.balance.values()) == len(shipped_rows(name))) == (TARGETS[name][1] == "label")


def test_the_only_column_left_is_the_right_answer(tmp_path: Path) -> None:
    rows = [
        {"text": f"a {word} b", "colour": "red" if number % 2 else "blue"}
        for number, word in enumerate("abcdef")
    ]

    created = create_evalset(write_jsonl(tmp_path / "a.jsonl", rows), tmp_path / "s")

    assert "target: column 'colour', the only one left" in created.notes
    assert load(tmp_path / "s").task.labels == ("blue", "red")


def complaints(**others: list[str]) -> list[dict[str, str]]:
    return [
        {
            "no": f"{number}",
            "mail": f"My parcel number {number * 7} has not come. " + "Please look where it is by now. " * 4,
            **{name: values[number % len(values)] for name, values in others.items()},
        }
        for number in range(20)
    ]


def test_the_longest_texts_are_asked_and_values_that_come_back_are_right_answers(tmp_path: Path) -> None:
    rows = complaints(team=["billing", "delivery"])

    created = create_evalset(write_jsonl(tmp_path / "a.jsonl", rows), tmp_path / "s")

    assert "input: column 'mail', whose texts are by far the longest" in created.notes
    assert "target: column 'team', the only one whose values come back as labels do" in created.notes
    assert load(tmp_path / "s").task.labels == ("billing", "delivery")


def test_of_two_columns_of_labels_the_first_is_proposed_and_none_is_taken(tmp_path: Path) -> None:
    rows = complaints(team=["billing", "delivery"], urgency=["high", "low"])

    with pytest.raises(EvalSetError) as caught:
        create_evalset(write_jsonl(tmp_path / "a.jsonl", rows), tmp_path / "s")

    assert caught.value.fix == f"say which one it is: --target team; {WITHOUT}"


@pytest.mark.parametrize("rare", [["a", "b", "c", "d", "e", "f"], ["only one"], ["x" * 62, "y" * 62]])
def test_values_that_hardly_come_back_are_no_labels(tmp_path: Path, rare: list[str]) -> None:
    with pytest.raises(EvalSetError) as caught:
        create_evalset(write_jsonl(tmp_path / "a.jsonl", complaints(other=rare)), tmp_path / "s")

    assert "no column is named as right answers usually are" in caught.value.problems[0]


def test_several_columns_that_may_be_the_right_answer_are_asked_about(tmp_path: Path) -> None:
    rows = [{"text": "a b", "colour": "red", "size": "big"}]

    with pytest.raises(EvalSetError) as caught:
        create_evalset(write_jsonl(tmp_path / "a.jsonl", rows), tmp_path / "s")

    assert "there are 'text', 'colour', 'size'" in caught.value.problems[0]
    assert caught.value.fix == f"say which one it is: --target colour; {WITHOUT}"


def test_a_column_that_gives_the_answer_away_is_shown_to_no_model(tmp_path: Path) -> None:
    rows = [
        {"question": f"{number} and 1?", "answer": f"{number + 1}", "rationale": "add"}
        for number in range(30)
    ]

    created = create_evalset(write_jsonl(tmp_path / "a.jsonl", rows), tmp_path / "s")

    assert "solution: column 'rationale', which no model is shown" in created.notes
    assert dict(load(tmp_path / "s").items[0].prompt.fields) == {}


def test_accepted_answers_in_a_cell_of_a_csv_are_written_as_a_list(tmp_path: Path) -> None:
    rows = [{"question": "how many?", "answer": ["8", "8 days"]}, {"question": "who?", "answer": ["nobody"]}]

    create_evalset(write_csv(tmp_path / "a.csv", rows), tmp_path / "s")

    assert [item.target for item in load(tmp_path / "s").items] == [["8", "8 days"], ["nobody"]]


def test_cells_that_only_begin_like_lists_stay_texts(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('question,answer\nwhich?,"[""a""]"\nand?,[sic]\n', encoding="utf-8")

    create_evalset(file, tmp_path / "s")

    assert [item.target for item in load(tmp_path / "s").items] == ['["a"]', "[sic]"]


def test_few_numbers_are_grades_and_many_are_results(tmp_path: Path) -> None:
    grades = [{"text": f"essay {number} by someone", "answer": str(number % 5)} for number in range(60)]
    results = [{"text": f"sum {number} of something", "answer": str(number % 30)} for number in range(90)]

    create_evalset(write_jsonl(tmp_path / "g.jsonl", grades), tmp_path / "grades")
    create_evalset(write_jsonl(tmp_path / "r.jsonl", results), tmp_path / "results")

    assert load(tmp_path / "grades").task.kind == "classification"
    assert load(tmp_path / "results").task.grader.name == "numeric"


def test_labels_with_few_items_to_measure_on_are_named(tmp_path: Path) -> None:
    rows = [{"text": f"text {number}", "label": "rare" if number < 4 else "common"} for number in range(40)]

    created = create_evalset(write_jsonl(tmp_path / "a.jsonl", rows), tmp_path / "s")

    assert "labels: 1 of 2 have fewer than 10 items to measure on (rare)" in created.notes


@pytest.mark.parametrize(
    ("answer", "kind"), [("{name} is a {food} place near {near}.", "template"), ("{name}", "qa")]
)
def test_named_values_make_a_template_only_where_the_answers_hold_them(
    tmp_path: Path, answer: str, kind: str
) -> None:
    values = [{"name": f"Inn {number}", "food": "fish", "near": f"Gate {number}"} for number in range(30)]
    rows = [
        {
            "text": "\n".join(f"{name}: {value}" for name, value in facts.items()),
            "answer": answer.format(**facts),
        }
        for facts in values
    ]

    create_evalset(write_jsonl(tmp_path / "a.jsonl", rows), tmp_path / "s")

    assert load(tmp_path / "s").task.kind == kind
