from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalbench.core.evalset import GraderSpec, TaskKind
from evalbench.loaders.settings import Overrides
from tests.loaders.sets import ROWS, load, refusal, write_jsonl, write_set


def kind_and_grader(path: Path, targets: list[object], column: str = "target") -> tuple[str, str, str]:
    rows = [{"id": str(n), "text": f"text {n}", column: target} for n, target in enumerate(targets)]
    task = load(write_jsonl(path / "a.jsonl", rows)).task
    return task.kind.value, task.grader.name, task.metric


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        (["a", "b", "a", "b"], ("classification", "label", "accuracy")),
        (["1", "0", "1", "0", "1"], ("classification", "label", "accuracy")),
        ([{"a": 1}, {}], ("extraction", "json_fields", "mean")),
        (['{"a": 1}', '{"b": 2}'], ("extraction", "json_fields", "mean")),
        ([["x", "y"], ["z"]], ("qa", "token_f1", "mean")),
        ([["x", "y"], ["x"], [], ["y"]] * 5, ("classification", "labels", "mean")),
        ([["x", "y"], ["x"], ["y"], "x"] * 5, ("qa", "token_f1", "mean")),
        ([["yes", "y"], ["no", "n"]] * 9, ("qa", "token_f1", "mean")),
        (["assert f(1) == 2", "def check(f):\n    assert f(2)"], ("code", "code", "mean")),
        (["Paris", "Rome", "London"], ("qa", "token_f1", "mean")),
        (["12", "3.5", "$1,200"], ("reasoning", "numeric", "mean")),
        ([12, 3.5, -1], ("reasoning", "numeric", "mean")),
    ],
)
def test_the_kind_of_a_task_is_read_off_its_targets(
    tmp_path: Path, targets: list[object], expected: tuple[str, str, str]
) -> None:
    assert kind_and_grader(tmp_path, targets) == expected


def test_a_column_called_label_holds_labels_however_few_repeat(tmp_path: Path) -> None:
    assert kind_and_grader(tmp_path, ["a", "b", "c"], "label")[0] == "classification"


@pytest.mark.parametrize(
    ("targets", "reason"), [(["x" * 300, "y" * 300], "long texts"), ([1, {}], "several sorts")]
)
def test_targets_that_do_not_tell_ask_for_a_task(tmp_path: Path, targets: list[object], reason: str) -> None:
    rows = [{"id": str(n), "text": f"text {n}", "target": target} for n, target in enumerate(targets)]

    error = refusal(write_jsonl(tmp_path / "a.jsonl", rows))

    assert reason in error.problems[0]
    assert error.fix.startswith("say `task:` one of classification, extraction")


@pytest.mark.parametrize(
    ("kind", "grader"),
    [
        ("routing", "label"),
        ("reformatting", "reformat"),
        ("template", "template"),
        ("qa", "token_f1"),
        ("summarization", "rouge"),
        ("translation", "chrf"),
        ("reasoning", "exact"),
        ("code", "code"),
    ],
)
def test_each_kind_has_its_default_grader(tmp_path: Path, kind: str, grader: str) -> None:
    assert load(write_set(tmp_path / "s", f"task: {kind}\n")).task.grader == GraderSpec(grader)


@pytest.mark.parametrize("kind", ["generation"])
def test_a_kind_without_a_default_grader_asks_for_one(tmp_path: Path, kind: str) -> None:
    error = refusal(write_set(tmp_path / "s", f"task: {kind}\n"))

    assert f"{kind} has no grader by default" in error.problems[0]
    assert "contains" in error.fix
    assert load(write_set(tmp_path / "t", f"task: {kind}\ngrader: contains\n")).task.kind.value == kind


def test_an_unknown_grader_names_the_nearest(tmp_path: Path) -> None:
    error = refusal(write_set(tmp_path / "s", "grader: lable\n"))

    assert error.problems == ("evalset.yaml:1: there is no grader named 'lable'; did you mean 'label'?",)


def test_a_grader_of_ones_own_is_looked_for_beside_the_settings(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "s", "grader: my_graders.py:grade\n")

    assert "there is no file 'my_graders.py'" in refusal(folder).problems[0]
    (folder / "my_graders.py").write_text("", encoding="utf-8")
    assert load(folder).task.grader.name == "my_graders.py:grade"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("metric: bleu", "bleu needs the grader bleu, not 'label'"),
        ("metric: blue", "did you mean 'bleu'?"),
        ("metric: acuracy", "did you mean 'accuracy'?"),
        ("metric: net_win_rate", "net_win_rate needs the grader pairwise, not 'label'"),
        ("metric: mean\ngrader: {name: pairwise, rubric: x}", "only says who won, so mean cannot be told"),
        ("metric: macro_f1\ngrader: exact", "macro_f1 needs the grader label or labels, not 'exact'"),
        ("shots: 2", "shots: 2 needs a train split"),
        ("must_pass: [t1, t9]", "`must_pass` names 't9'"),
        ("schema: no.json", "cannot read 'no.json' for `schema`"),
        ("schema: items.jsonl", "'items.jsonl' for `schema` not JSON"),
        ("schema: {type: strin}", "`schema` is no JSON Schema"),
        ("schema: [1]", "`schema` is no JSON object"),
    ],
)
def test_settings_that_cannot_work_are_problems(tmp_path: Path, settings: str, message: str) -> None:
    assert any(message in problem for problem in refusal(write_set(tmp_path / "s", settings)).problems)


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1", "micro_f1", "mean"])
def test_known_metrics_are_accepted(tmp_path: Path, metric: str) -> None:
    assert load(write_set(tmp_path / "s", f"metric: {metric}\n")).task.metric == metric


@pytest.mark.parametrize(
    ("criticality", "max_drop", "confidence"),
    [("low", 0.10, 0.90), ("standard", 0.05, 0.95), ("high", 0.03, 0.975), ("critical", 0.01, 0.99)],
)
def test_criticality_decides_what_is_not_said(
    tmp_path: Path, criticality: str, max_drop: float, confidence: float
) -> None:
    task = load(write_set(tmp_path / "s", f"criticality: {criticality}\n")).task

    assert (task.max_drop, task.confidence) == (max_drop, confidence)


def test_what_is_inferred_is_said(tmp_path: Path) -> None:
    inferred = load(write_set(tmp_path / "triage")).task.inferred

    assert set(inferred) == {
        "items: items.jsonl",
        "name: triage",
        "input: column 'text', by its name",
        "target: column 'label', by its name",
        "task: classification (targets are 2 distinct short texts)",
        "grader: label",
        "labels: 2 (billing, bug)",
        "prompt: 'Choose the one label that fits the text.' …",
        "metric: accuracy",
        "max_drop: 0.05 (criticality standard)",
        "confidence: 0.95 (criticality standard)",
    }


def test_what_is_said_is_not_inferred(tmp_path: Path) -> None:
    settings = """\
name: s
task: classification
items: items.jsonl
columns: {id: id, input: text, target: label}
prompt: "{{ text }}"
labels: [bug, billing]
grader: label
metric: accuracy
max_drop: 0.05
confidence: 0.95
"""

    task = load(write_set(tmp_path / "s", settings)).task

    assert task.inferred == ()
    assert task.labels == ("bug", "billing")


def test_schema_and_tools_are_read_from_files(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "s", "schema: s.json\ntools: t.json\n")
    (folder / "s.json").write_text('{"type": "object", "maxProperties": 3}', encoding="utf-8")
    (folder / "t.json").write_text('[{"type": "function"}]', encoding="utf-8")

    task = load(folder).task

    assert json.dumps(task.schema) == '{"type": "object", "maxProperties": 3}'
    assert task.tools == [{"type": "function"}]


def test_tiers_may_have_other_prompts(tmp_path: Path) -> None:
    settings = """\
system: S
prompt: "P {{ text }}"
shots: 1
per_tier: {small: {shots: 2}, tiny: {prompt: "Q {{ text }}", system: T}}
"""
    train = [{"text": f"new text {n}", "label": label} for n, label in enumerate(["bug", "billing"])]

    task = load(write_set(tmp_path / "s", settings, train=train)).task

    assert (task.per_tier["small"].template, task.per_tier["small"].shots) == (task.prompt.template, 2)
    assert (task.per_tier["tiny"].system, task.per_tier["tiny"].shots) == ("T", 1)


def test_more_shots_than_labelled_training_items_are_refused(tmp_path: Path) -> None:
    train = [{"text": "new text", "label": "bug"}, {"text": "newer text", "label": None}]

    error = refusal(write_set(tmp_path / "s", "per_tier: {small: {shots: 2}}\n", train=train))

    assert error.problems == ("evalset.yaml: shots: 2, but train has 1 labelled items",)


def test_a_label_that_is_no_text_is_a_problem(tmp_path: Path) -> None:
    error = refusal(write_set(tmp_path / "s", "task: classification\n", [{**ROWS[0], "label": {"a": 1}}]))

    assert error.problems[0] == "items.jsonl:1: the target is no text, so it is no label"


def test_a_classification_without_any_label_asks_for_them(tmp_path: Path) -> None:
    rows = [{"id": "1", "text": "a"}]

    assert (
        "there are no labels"
        in refusal(write_set(tmp_path / "s", "task: classification\n", rows)).problems[0]
    )
    assert load(write_set(tmp_path / "t", "labels: [a, b]\n", rows)).task.kind is TaskKind.CLASSIFICATION


def test_labels_on_the_command_line_make_it_a_classification(tmp_path: Path) -> None:
    evalset = load(write_set(tmp_path / "s"), Overrides(labels=("bug", "billing", "other")))

    assert evalset.task.labels == ("bug", "billing", "other")


def test_a_grader_named_on_the_command_line_is_looked_for_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_set(tmp_path / "sets" / "s")
    (tmp_path / "my_graders.py").write_text("def grade(answer, item): return 1.0\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    grader = load(folder, Overrides(grader="my_graders.py:grade")).task.grader

    assert grader == GraderSpec("../../my_graders.py:grade")


@pytest.mark.parametrize(
    ("settings", "grader", "metric"),
    [
        ("task: translation", "chrf", "chrf"),
        ("task: translation\nmetric: bleu", "bleu", "bleu"),
        ("task: translation\ngrader: bleu", "bleu", "bleu"),
        ("task: translation\ngrader: bleu\nmetric: mean", "bleu", "mean"),
        ("task: generation\nmetric: chrf", "chrf", "chrf"),
        ("task: generation\ngrader: {all: [exact, {name: length, max_words: 3}]}", "all", "mean"),
        ("task: classification\ngrader: labels", "labels", "mean"),
        ("task: classification\ngrader: {name: pairwise, rubric: x}", "pairwise", "net_win_rate"),
    ],
)
def test_the_metric_suits_the_grader_and_the_grader_the_metric(
    tmp_path: Path, settings: str, grader: str, metric: str
) -> None:
    task = load(write_set(tmp_path / "s", f"{settings}\n")).task

    assert (task.grader.name, task.metric) == (grader, metric)


@pytest.mark.parametrize(
    ("grader", "message"),
    [
        ("{all: [exact, lable]}", "there is no grader named 'lable'; did you mean 'label'?"),
        (
            "{any: [exact, {all: [mine.py:grade]}]}",
            "there is no file 'mine.py' for the grader 'mine.py:grade'",
        ),
        ("all", "the grader 'all' combines others and has none"),
    ],
)
def test_every_part_of_a_combination_is_looked_for(tmp_path: Path, grader: str, message: str) -> None:
    error = refusal(write_set(tmp_path / "s", f"task: qa\ngrader: {grader}\n"))

    assert message in error.problems[0]


def test_a_combination_gives_no_counts_to_sum(tmp_path: Path) -> None:
    error = refusal(write_set(tmp_path / "s", "task: qa\ngrader: {all: [bleu]}\nmetric: bleu\n"))

    assert "bleu needs the grader bleu, not 'all'" in error.problems[0]


def test_sets_of_labels_are_collected_from_the_targets(tmp_path: Path) -> None:
    rows = [
        {"id": str(number), "text": f"text {number}", "target": target}
        for number, target in enumerate([["b", "a"], [], ["c"], "a"])
    ]
    folder = tmp_path / "s"
    write_set(folder, "task: classification\ngrader: labels\n")
    write_jsonl(folder / "items.jsonl", rows)

    assert load(folder).task.labels == ("a", "b", "c")


def test_a_strange_label_in_a_set_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    write_set(folder, "task: classification\ngrader: labels\nlabels: [billing, bug]\n")
    write_jsonl(folder / "items.jsonl", [{"id": "1", "text": "x", "target": ["bug", "bilin"]}])

    assert "the label 'bilin' is not in `labels`; did you mean 'billing'?" in refusal(folder).problems[0]


def test_labels_that_differ_in_case_or_blanks_alone_are_a_warning(tmp_path: Path) -> None:
    mixed = [*ROWS, {"id": "t5", "text": "it hangs", "label": "Bug "}]

    warnings = load(write_set(tmp_path / "s", rows=mixed)).warnings

    assert any("1 label is written in several ways ('Bug ', 'bug')" in warning for warning in warnings)


def test_labels_that_differ_otherwise_are_no_matter(tmp_path: Path) -> None:
    assert not any("in several ways" in warning for warning in load(write_set(tmp_path / "s")).warnings)


@pytest.mark.parametrize("strange", ["bilin", "bug"])
def test_labels_of_a_large_set_are_checked_as_those_of_a_small_one(tmp_path: Path, strange: str) -> None:
    rows = [{"id": f"i{n}", "text": f"{n} {'x' * 2_000}", "label": "bug"} for n in range(400)]
    rows[300]["label"] = strange
    folder = write_set(tmp_path / "s", "task: classification\nlabels: [billing, bug]\n", rows)

    if strange == "bug":
        assert load(folder).task.labels == ("billing", "bug")
    else:
        assert "items.jsonl:301: the label 'bilin' is not in `labels`" in refusal(folder).problems[0]
