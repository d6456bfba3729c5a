from __future__ import annotations

from pathlib import Path

import pytest

from evalbench.config.evalset_file import read_evalset_file
from evalbench.core.evalset import Criticality, GraderSpec, Limits, TaskKind, Traffic
from evalbench.core.looks import LookPlan, Spending
from evalbench.errors import EvalSetError
from evalbench.loaders.settings import Settings

EVERY_KEY = """\
name: support-triage
description: one sentence
task: classification
criticality: high
max_drop: 0.05
confidence: 0.95
min_score: 0.90
max_p95_s: 2.0
max_answer_s: 10
max_cost_usd: 0.002
batch: true
allow_downgrade: false
looks: {items: 1000, spending: pocock}
value_usd: 0.05
monthly: {requests: 1200000}
items: {hub: owner/name, config: c, split: test, revision: r}
train: train.jsonl
columns: {id: id, input: text, target: label, group: conversation, tags: tags, messages: messages}
system: be brief
prompt: |
  Classify: {{ text }}
schema: schema.json
tools: [{type: function, strict: true}]
shots: 4
per_tier: {small: {shots: 8, prompt: p, system: s}}
labels: [billing, no, 012, 1:30, null, NA, 1.0]
grader: {name: json_fields, tolerance: 0.5, strict: true, unit: no}
metric: accuracy
must_pass: [id-17, 007]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "evalset.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str) -> EvalSetError:
    path = write(folder, text)
    with pytest.raises(EvalSetError) as caught:
        read_evalset_file(path)
    return caught.value


def test_every_key_is_read(tmp_path: Path) -> None:
    said = Settings(**read_evalset_file(write(tmp_path, EVERY_KEY)))

    assert said == Settings(
        name="support-triage",
        description="one sentence",
        kind=TaskKind.CLASSIFICATION,
        criticality=Criticality.HIGH,
        max_drop=0.05,
        confidence=0.95,
        limits=Limits(0.9, 2.0, 10, 0.002),
        looks=LookPlan(items=1000, spending=Spending.POCOCK),
        value_usd=0.05,
        traffic=Traffic(requests=1_200_000),
        batch=True,
        items={"hub": "owner/name", "config": "c", "split": "test", "revision": "r"},
        train={"path": "train.jsonl"},
        columns={
            "id": "id",
            "input": "text",
            "target": "label",
            "group": "conversation",
            "tags": "tags",
            "messages": "messages",
        },
        system="be brief",
        prompt="Classify: {{ text }}\n",
        schema="schema.json",
        tools=[{"type": "function", "strict": True}],
        shots=4,
        per_tier={"small": {"shots": 8, "prompt": "p", "system": "s"}},
        labels=("billing", "no", "012", "1:30", "null", "NA", "1.0"),
        grader=GraderSpec("json_fields", {"tolerance": 0.5, "strict": True, "unit": "no"}),
        metric="accuracy",
        must_pass=("id-17", "007"),
    )


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    assert Settings(**read_evalset_file(write(tmp_path, ""))) == Settings()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("promt: x", ":1: unknown key 'promt'; did you mean 'prompt'?"),
        ("name: a\ncolumns: {inptu: x}", ":2: unknown key 'columns.inptu'; did you mean 'input'?"),
        ("task: clasification", "'task' is 'clasification'; did you mean 'classification'?"),
        ("max_drop: 0", "'max_drop' is '0', not above 0"),
        ("max_drop: 5", "'max_drop' is '5', not below 1"),
        ("confidence: 95", "'confidence' is '95', not below 1"),
        ("labels: billing", "'labels' is 'billing', not a list (write `[a, b]`)"),
        ("labels: [a, b, a]", "'labels' has 'a' twice"),
        ("labels: [a, [b]]", "'labels.1' is a list, not text"),
        ("shots: 2.5", "'shots' is '2.5', not a whole number"),
        ("batch: perhaps", "'batch' is 'perhaps', neither true nor false"),
        ("monthly: {requests: 1, usd: 2}", "either `requests` or `usd`"),
        ("looks: 0", "'looks.planned' is '0', below 1"),
        ("looks: {planned: 3, items: 500}", "either `planned` (how many looks) or `items`"),
        ("looks: {planned: 3, spending: obf}", "has `spending`, which belongs to `items`"),
        ("looks: {items: 500, spending: obff}", "'looks.spending' is 'obff'; did you mean 'obf'?"),
        ("value_usd: 0", "'value_usd' is '0', not above 0"),
        ("items: {hub: a/b, path: x.csv}", "either `path` or `hub`"),
        ("items: {path: x.csv, split: test}", "belong to `hub`"),
        ("items: ''", "'items.path' is '', which is empty"),
        ("grader: {tolerance: 1}", "'grader' has no `name`, and none of `all`, `any` and `weighted`"),
        ("name: a/b", "without slashes"),
        ("schema: {maximum: .inf}", "no number that JSON knows"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_plain_words(tmp_path: Path, text: str, message: str) -> None:
    error = refusal(tmp_path, text)

    assert message in error.problems[0]


def test_all_problems_are_listed_with_their_lines(tmp_path: Path) -> None:
    error = refusal(tmp_path, "tsk: x\nmax_drop: 2\nshots: -1\n")

    assert error.problem.startswith("3 problems in ")
    assert [problem.split(":")[1] for problem in error.problems] == ["1", "2", "3"]


def test_a_file_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(EvalSetError) as caught:
        read_evalset_file(tmp_path / "evalset.yaml")

    assert "evalbench evalsets new" in caught.value.fix


def test_a_number_of_looks_is_short_for_planning_so_many(tmp_path: Path) -> None:
    said = read_evalset_file(write(tmp_path, "looks: 3"))

    assert said["looks"] == LookPlan(planned=3)
