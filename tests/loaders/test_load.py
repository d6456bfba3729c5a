from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evalbench.config.evalset_file import read_evalset_file
from evalbench.core.evalset import Message, TaskKind
from evalbench.errors import EvalSetError
from evalbench.loaders.load import load_all
from evalbench.loaders.settings import Overrides
from tests.loaders.sets import ROWS, load, refusal, write_jsonl, write_set


def test_a_folder_with_settings_is_an_eval_set(tmp_path: Path) -> None:
    folder = write_set(
        tmp_path / "triage", "items: items.jsonl\nprompt: 'Classify: {{ text }}'\nmax_drop: 0.03\n"
    )

    evalset = load(folder)

    assert evalset.name == "triage"
    assert evalset.task.kind is TaskKind.CLASSIFICATION
    assert evalset.task.labels == ("billing", "bug")
    assert evalset.task.max_drop == 0.03
    assert [item.id for item in evalset.items] == ["t1", "t2", "t3", "t4"]
    assert evalset.items[0].prompt.text == "my card is broken"
    assert evalset.items[0].target == "bug"
    assert evalset.items[2].line == 3


def test_the_settings_file_itself_names_the_eval_set(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "triage")

    evalset = load(folder / "evalset.yaml")

    assert (evalset.name, evalset.items) == ("triage", load(folder).items)


def test_a_bare_csv_needs_no_project(tmp_path: Path) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text(
        "text,category\nmy card,bug\nthe bill,billing\na page,bug\nmoney,billing\n", encoding="utf-8"
    )
    overrides = Overrides(
        input="text", target="category", prompt="Classify: {{ text }}", max_drop=0.1, name="t"
    )

    evalset = load(path, overrides)

    assert (evalset.name, evalset.task.max_drop, evalset.task.labels) == ("t", 0.1, ("billing", "bug"))


def test_what_the_command_line_says_wins_over_the_file(tmp_path: Path) -> None:
    rows = [{"a": row["text"], "b": row["label"], "c": "other"} for row in ROWS]
    folder = write_set(tmp_path / "s", "columns: {input: c, target: c}\nlabels: [x]\n", rows)
    overrides = Overrides(input="a", target="b", labels=("bug", "billing"), task="routing", grader="exact")

    evalset = load(folder, overrides)

    assert evalset.items[0].target == "bug"
    assert evalset.task.labels == ("bug", "billing")
    assert (evalset.task.kind, evalset.task.grader.name) == (TaskKind.ROUTING, "exact")


@pytest.mark.parametrize("name", ["007", "NA", "null", "1.0", "1e3", "123456789012345678901", "no", "true"])
def test_ids_and_labels_survive_every_format(tmp_path: Path, name: str) -> None:
    texts = ["alpha", "beta", "gamma"]
    (tmp_path / "a.csv").write_text(
        "id,text,label,group\n"
        + "".join(f"{name}{n},{text},{name},{name}\n" for n, text in enumerate(texts)),
        encoding="utf-8",
    )
    columns = {
        "id": [f"{name}{n}" for n in range(3)],
        "text": texts,
        "label": [name] * 3,
        "group": [name] * 3,
    }
    pq.write_table(pa.table(columns), tmp_path / "b.parquet")
    write_jsonl(
        tmp_path / "c.jsonl",
        [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)],
    )

    evalsets = [load(tmp_path / file) for file in ("a.csv", "b.parquet", "c.jsonl")]

    for evalset in evalsets:
        assert [item.id for item in evalset.items] == columns["id"]
        assert {item.target for item in evalset.items} == {name} == set(evalset.task.labels)
        assert {item.group for item in evalset.items} == {name}


def test_json_numbers_and_booleans_as_ids_and_labels_are_text_as_written(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"id": 1.0, "text": "a", "label": true, "group": 1e3, "tags": [1.50]}\n'
        '{"id": 1, "text": "b", "label": true, "group": 1e3}\n'
        '{"id": 1e0, "text": 12.0, "label": 1, "group": 1e3}\n',
        encoding="utf-8",
    )

    items = load(path).items

    assert [item.id for item in items] == ["1.0", "1", "1e0"]
    assert [item.target for item in items] == ["true", "true", "1"]
    assert (items[0].group, items[0].tags, items[2].prompt.text) == ("1e3", ("1.50",), "12.0")


def test_only_null_and_absent_targets_are_none(tmp_path: Path) -> None:
    targets: list[object] = [{"x": 1.5}, {}, [], "", None]
    rows = [{"id": str(n), "text": f"text {n}", "target": target} for n, target in enumerate(targets)]
    path = write_jsonl(tmp_path / "a.jsonl", [*rows, {"id": "5", "text": "text 5"}])

    evalset = load(path, Overrides(task="extraction"))

    assert [item.target for item in evalset.items] == [{"x": 1.5}, {}, [], "", None, None]
    assert evalset.warnings == ("2 of 6 items have no target; they are answered, but take no part in scores",)


def test_an_empty_target_cell_of_a_csv_is_unlabelled_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\nalpha,x\nbeta,\ngamma,x\n", encoding="utf-8")

    evalset = load(path)

    assert [item.target for item in evalset.items] == ["x", None, "x"]
    assert any("1 rows have an empty cell as target" in warning for warning in evalset.warnings)


def test_other_columns_become_fields_with_real_numbers(tmp_path: Path) -> None:
    row = {
        "id": "1",
        "text": "a",
        "label": "x",
        "group": "g",
        "tags": "p, q",
        "price": 1.5,
        "more": {"a": [1]},
    }
    rows = [row, {**row, "id": "2", "text": "b", "extra": True}]

    items = load(write_jsonl(tmp_path / "a.jsonl", rows)).items

    assert items[0].prompt.fields == {"price": 1.5, "more": {"a": [1]}}
    assert items[1].prompt.fields == {"price": 1.5, "more": {"a": [1]}, "extra": True}
    assert items[0].tags == ("p", "q")


def test_without_an_id_column_the_id_is_a_hash_of_the_row(tmp_path: Path) -> None:
    rows = [{"text": "a", "label": "x"}, {"text": "b", "label": "x"}, {"text": "a", "label": "x"}]

    evalset = load(write_jsonl(tmp_path / "a.jsonl", rows))
    reordered = load(write_jsonl(tmp_path / "b.jsonl", rows[1:]))

    ids = [item.id for item in evalset.items]
    assert [len(item_id) for item_id in ids] == [12, 12, 14]
    assert ids[2] == f"{ids[0]}-2"
    assert [item.id for item in reordered.items] == [ids[1], ids[0]]
    assert any("1 rows are equal to an earlier one" in warning for warning in evalset.warnings)


def test_a_duplicate_id_is_an_error_with_both_lines(tmp_path: Path) -> None:
    error = refusal(write_set(tmp_path / "s", "", [*ROWS, ROWS[1]]))

    assert error.problems == ("items.jsonl:5: the id 't2' is there already, on line 2",)
    assert error.fix.endswith("to have ids made from the rows, rename 'id' in the file")


def test_without_the_id_column_that_was_named_ids_are_made_from_the_rows(tmp_path: Path) -> None:
    rows = [{"case": "c1", "text": text, "label": "bug"} for text in ("one", "two")]
    path = write_jsonl(tmp_path / "a.jsonl", rows)

    error = refusal(path, Overrides(id="case"))

    assert "name a column that tells the rows apart: --id COLUMN" in error.fix
    assert error.fix.endswith("to have ids made from the rows, leave 'case' out as `id`")
    assert len(load(path).items) == 2


def test_a_label_outside_the_list_is_an_error_with_its_line(tmp_path: Path) -> None:
    error = refusal(write_set(tmp_path / "s", "labels: [billing, bugs]\n", ROWS[:2]))

    assert error.problems == ("items.jsonl:1: the label 'bug' is not in `labels`; did you mean 'bugs'?",)


def test_all_problems_are_raised_as_one_error(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "s", "labels: [bug]\nmust_pass: [t9]\ngrader: exakt\n")
    with (folder / "items.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "t5", "text"\n')

    error = refusal(folder)

    assert error.problem == f"2 problems in {folder}"
    assert error.problems[0].startswith("items.jsonl:5: not JSON")
    assert error.problems[1] == "evalset.yaml:3: there is no grader named 'exakt'; did you mean 'exact'?"


def test_more_than_20_problems_are_counted_not_listed(tmp_path: Path) -> None:
    rows = [{"id": str(n), "text": f"text {n}", "label": "wrong"} for n in range(50)]

    error = refusal(write_set(tmp_path / "s", "labels: [bug]\n", rows))

    assert error.problem.startswith("50 problems")
    assert len(error.problems) == 21
    assert error.problems[-1] == "and 30 more"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", "", "the file is empty"),
        ("a.csv", "text,label\n", "there are no rows"),
        ("a.jsonl", "\n\n", "there are no rows"),
        ("a.csv", "foo,bar\n1,2\n", "no column is named as inputs usually are; there are 'foo', 'bar'"),
        ("a.txt", "hello", "has a format that nothing reads"),
        ("a.csv", "text\0", "NUL bytes"),
        ("a.jsonl", '{"text": null, "label": "x"}', "a.jsonl:1: the input in column 'text' is null"),
        ("a.jsonl", '{"text": ["x"], "label": "x"}', "a.jsonl:1: the input in column 'text' is no text"),
        ("a.jsonl", '{"text": "x"}\n{"txt": "x"}', "a.jsonl:2: has no column 'text'; did you mean 'txt'?"),
        ("a.jsonl", '{"text": "x", "id": null}', "a.jsonl:1: has no id in column 'id'"),
        ("a.jsonl", '{"text": "x", "group": {}}', "a.jsonl:1: the group in column 'group' is no text"),
        ("a.jsonl", '{"text": "x", "tags": [[]]}', "a.jsonl:1: a tag is no text"),
    ],
)
def test_rows_that_cannot_be_used_are_named(tmp_path: Path, name: str, content: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")

    error = refusal(path)

    assert any(message in problem for problem in error.problems)
    assert error.fix


def test_a_missing_input_column_names_those_that_are_there(tmp_path: Path) -> None:
    error = refusal(write_set(tmp_path / "s"), Overrides(input="txt"))

    expected = "no column 'txt' for `input`; did you mean 'text'? (there are id, text, label)"
    assert any(expected in problem for problem in error.problems)


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "s", "items: item.jsonl\n")

    error = refusal(folder)

    assert "there is no file" in error.problems[0]
    assert error.fix == "did you mean 'items.jsonl'?"


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("name: x\nitems: data.jsonl\n", "evalset.yaml:2: there is no file "),
        ("name: x\nitems: items.jsonl\ntrain: nowhere.csv\n", "evalset.yaml:3: there is no file "),
        ("items: .\n", "evalset.yaml:1: '"),
    ],
)
def test_a_file_that_is_not_there_is_named_with_the_line_that_asks_for_it(
    tmp_path: Path, settings: str, problem: str
) -> None:
    error = refusal(write_set(tmp_path / "s", settings))

    assert len(error.problems) == 1
    assert error.problems[0].startswith(problem)


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    assert "there is no file" in refusal(tmp_path / "no" / "where.csv").problems[0]


def test_problems_of_the_settings_file_are_passed_on(tmp_path: Path) -> None:
    error = refusal(write_set(tmp_path / "s", "promt: x\n"))

    assert "evalset.yaml:1: unknown key 'promt'" in error.problems[0]


def test_an_unknown_task_on_the_command_line_names_the_nearest(tmp_path: Path) -> None:
    error = refusal(write_set(tmp_path / "s"), Overrides(task="clasification"))

    assert error.fix == "did you mean 'classification'?"


def test_messages_are_taken_as_they_are(tmp_path: Path) -> None:
    turns = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hello"}]
    rows = [
        {"id": "1", "messages": turns, "answer": "hi"},
        {"id": "2", "messages": json.dumps(turns), "answer": "hi"},
    ]

    evalset = load(write_jsonl(tmp_path / "a.jsonl", rows))

    expected = (Message("system", "be brief"), Message("user", "hello"))
    assert [item.prompt.messages for item in evalset.items] == [expected, expected]
    assert evalset.items[0].prompt.text == "hello"
    assert evalset.task.prompt.template is None


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        ([], "no list of messages"),
        ("hello", "not JSON"),
        ([{"role": "user"}], "not of the form {role, content}"),
        ([{"role": "usr", "content": "x"}], "the role 'usr'; did you mean 'user'?"),
        ([{"role": "user", "content": None}], "the content of a message is no text"),
    ],
)
def test_messages_of_another_form_are_problems(tmp_path: Path, messages: object, message: str) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [{"id": "1", "messages": messages, "answer": "hi"}])

    assert message in refusal(path).problems[0]


def test_a_train_file_beside_the_items_is_used_and_said_so(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "s", "", train=[{"text": "another broken card", "label": "bug"}])

    evalset = load(folder)

    assert [item.target for item in evalset.train] == ["bug"]
    assert "train: train.jsonl" in evalset.task.inferred


def test_a_train_split_may_lack_the_columns_that_only_a_test_needs(tmp_path: Path) -> None:
    rows = [{**row, "conversation": row["id"], "tags": []} for row in ROWS]
    train = [{"text": "another broken card", "label": "bug"}]

    evalset = load(
        write_set(tmp_path / "s", "columns: {id: id, group: conversation, tags: tags}\n", rows, train)
    )

    assert evalset.train[0].group is None


def test_digests_follow_content_and_nothing_else(tmp_path: Path) -> None:
    train = [{"id": "r1", "text": "another broken card", "label": "bug"}]
    one = load(write_set(tmp_path / "a", "max_drop: 0.1\n", train=train)).task
    two = load(write_set(tmp_path / "b", "max_drop: 0.2\nshots: 1\n", train=train)).task
    three = load(write_set(tmp_path / "c", "", [*ROWS[:3], {**ROWS[3], "label": "bug"}], train)).task

    assert (one.digest, one.train_digest) == (two.digest, two.train_digest)
    assert three.digest != one.digest
    assert load(write_set(tmp_path / "d")).task.train_digest is None


def test_strict_turns_warnings_into_errors(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "s", "", [*ROWS, {**ROWS[0], "id": "t5"}])

    assert len(load(folder).warnings) == 1
    assert "repeat the input of an earlier one" in refusal(folder, strict=True).problems[0]


def test_strict_accepts_items_without_a_target(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "s", "", [*ROWS, {"id": "t5", "text": "what is this"}])

    assert "1 of 5 items have no target" in load(folder, strict=True).warnings[0]


def test_everything_that_patterns_name_is_loaded_once(tmp_path: Path) -> None:
    write_set(tmp_path / "sets" / "a")
    write_set(tmp_path / "sets" / "b")
    (tmp_path / "sets" / "README.md").write_text("notes", encoding="utf-8")
    write_jsonl(tmp_path / "sets" / "c.jsonl", ROWS)

    found = load_all(["sets/*", "sets/a", "sets/b/evalset.yaml"], tmp_path, read_settings=read_evalset_file)

    assert [evalset.name for evalset in found] == ["a", "b", "c"]


def test_two_eval_sets_of_one_name_are_refused(tmp_path: Path) -> None:
    write_set(tmp_path / "a", "name: same\n")
    write_set(tmp_path / "b", "name: same\n")

    with pytest.raises(EvalSetError, match="two eval sets are named 'same'"):
        load_all(["a", "b"], tmp_path, read_settings=read_evalset_file)


@pytest.mark.parametrize("patterns", [["evalsets/*"], ["missing"], []])
def test_nothing_found_says_how_to_make_an_eval_set(tmp_path: Path, patterns: list[str]) -> None:
    with pytest.raises(EvalSetError) as caught:
        load_all(patterns, tmp_path, read_settings=read_evalset_file)

    assert "evalbench evalsets new" in caught.value.fix
