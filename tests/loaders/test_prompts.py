from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalbench.core.evalset import EvalSet, GraderSpec, Message, PromptSpec
from evalbench.errors import EvalSetError
from evalbench.loaders.prompts import PromptBuilder, answer_text, draw_shots
from evalbench.loaders.settings import Overrides
from tests.build import make_item, make_task
from tests.loaders.sets import ROWS, load, refusal, write_jsonl, write_set

TRAIN = [
    {"id": f"r{number}", "text": f"training text number {number}", "label": label}
    for number, label in enumerate(["bug", "bug", "bug", "bug", "billing", "billing"])
]


def test_the_prompt_sees_every_column_under_its_own_name(tmp_path: Path) -> None:
    settings = """\
columns: {id: ticket, input: text, target: label, group: conversation, tags: words}
prompt: |
  {{ ticket }}={{ id }} {{ text }}={{ input }} {{ conversation }}={{ group }} {{ words }}={{ tags }}
  {{ lang }}
"""
    rows = [{"ticket": "t1", "text": "hi", "label": "x", "conversation": "c", "words": ["w"], "lang": "en"}]
    evalset = load(write_set(tmp_path / "s", settings, rows))

    prompt = PromptBuilder(evalset, 7).prompt(evalset.items[0], "small")

    assert prompt.messages == (Message("user", 't1=t1 hi=hi c=c ["w"]=["w"]\nen'),)
    assert (prompt.text, prompt.fields) == ("hi", {"lang": "en"})


def test_system_text_and_shots_come_before_the_question(tmp_path: Path) -> None:
    settings = "system: Be brief.\nprompt: 'Q: {{ text }}'\nshots: 1\n"
    evalset = load(write_set(tmp_path / "s", settings, train=TRAIN))

    messages = PromptBuilder(evalset, 7).prompt(evalset.items[0], "small").messages

    assert [turn.role for turn in messages] == ["system", "user", "assistant", "user"]
    assert messages[0].content == "Be brief."
    assert messages[1].content.startswith("Q: training text number")
    assert messages[2].content in {"bug", "billing"}
    assert messages[3].content == "Q: my card is broken"


def test_every_item_of_a_tier_sees_the_same_shots(tmp_path: Path) -> None:
    evalset = load(write_set(tmp_path / "s", "shots: 3\n", train=TRAIN))

    openings = {PromptBuilder(evalset, 7).prompt(item, "small").messages[:-1] for item in evalset.items}

    assert len(openings) == 1


def test_shots_are_balanced_over_the_labels(tmp_path: Path) -> None:
    evalset = load(write_set(tmp_path / "s", "shots: 4\n", train=TRAIN))

    messages = PromptBuilder(evalset, 7).prompt(evalset.items[0], "small").messages

    answers = [turn.content for turn in messages if turn.role == "assistant"]
    assert sorted(answers) == ["billing", "billing", "bug", "bug"]


def test_the_seed_decides_which_shots_are_drawn() -> None:
    train = [make_item(f"r{number}", f"text {number}", "yes") for number in range(50)]

    orders = [[item.id for item in draw_shots(make_task(), train, seed)] for seed in (7, 7, 8)]

    assert orders[0] == orders[1] != orders[2]


def test_a_new_training_item_does_not_reshuffle_the_others() -> None:
    train = [make_item(f"r{number}", f"text {number}", "yes") for number in range(50)]
    before = [item.id for item in draw_shots(make_task(), train, 7)]

    after = [item.id for item in draw_shots(make_task(), [*train, make_item("new", "new text")], 7)]

    assert [item_id for item_id in after if item_id != "new"] == before


def test_a_tier_of_its_own_prompt_gets_it(tmp_path: Path) -> None:
    settings = "prompt: 'A {{ text }}'\nper_tier: {small: {prompt: 'B {{ text }}', shots: 1}}\n"
    evalset = load(write_set(tmp_path / "s", settings, train=TRAIN))
    builder = PromptBuilder(evalset, 7)

    small, large = (builder.prompt(evalset.items[0], tier).messages for tier in ("small", "large"))

    assert [turn.content for turn in large] == ["A my card is broken"]
    assert small[-1].content == "B my card is broken"
    assert len(small) == 3


def test_the_default_prompt_of_a_classification_lists_the_labels(tmp_path: Path) -> None:
    evalset = load(write_set(tmp_path / "s"))

    (message,) = PromptBuilder(evalset, 7).prompt(evalset.items[0], "small").messages

    assert "- billing\n- bug\n" in message.content
    assert "my card is broken" in message.content


def test_the_default_prompt_for_several_labels_asks_for_a_list_of_them(tmp_path: Path) -> None:
    rows = [{"id": str(n), "text": f"card {n}", "label": ["a", "b"][: n % 3]} for n in range(12)]
    evalset = load(write_set(tmp_path / "s", "", rows))

    (message,) = PromptBuilder(evalset, 7).prompt(evalset.items[0], "small").messages

    assert evalset.task.grader.name == "labels"
    assert "- a\n- b\n" in message.content
    assert "JSON list" in message.content


def test_messages_are_sent_as_they_are(tmp_path: Path) -> None:
    rows = [{"id": "1", "messages": [{"role": "user", "content": "hello {{ x }}"}], "answer": "hi"}]
    evalset = load(write_jsonl(tmp_path / "a.jsonl", rows))

    prompt = PromptBuilder(evalset, 7).prompt(evalset.items[0], "small")

    assert prompt.messages == (Message("user", "hello {{ x }}"),)


def test_no_prompt_of_a_run_holds_the_target(tmp_path: Path) -> None:
    rows = [{"id": "1", "text": "a text", "label": "secret-target", "lang": "en"}]
    evalset = load(
        write_set(tmp_path / "s", "labels: [secret-target, other]\nprompt: '{{ text }} {{ lang }}'\n", rows)
    )

    prompt = PromptBuilder(evalset, 7).prompt(evalset.items[0], "small")

    assert "secret-target" not in str(prompt)


@pytest.mark.parametrize(
    ("target", "grader", "text"),
    [
        ("bug", "label", "bug"),
        ({"a": 1, "b": "é"}, "json_fields", '{"a": 1, "b": "é"}'),
        (["x"], "json_fields", '["x"]'),
        (["first", "second"], "exact", "first"),
        (["bug", "billing"], "labels", '["bug", "billing"]'),
        ([], "labels", "[]"),
    ],
)
def test_the_answer_of_a_shot_is_its_target_as_text(target: object, grader: str, text: str) -> None:
    assert answer_text(target, make_task(grader=GraderSpec(grader))) == text


def test_a_combination_with_a_structured_part_takes_a_list_as_one_value() -> None:
    part = {"name": "json_fields", "options": {}}
    task = make_task(grader=GraderSpec("all", {"graders": [part]}))

    assert answer_text([1, 2], task) == "[1, 2]"


def test_too_many_shots_for_a_stored_task_are_an_error() -> None:
    task = make_task(prompt=PromptSpec("{{ input }}", shots=3))
    evalset = EvalSet(task, (make_item(),), (make_item("r1"),))

    with pytest.raises(EvalSetError, match="asks for 3 shots, train has 1"):
        PromptBuilder(evalset, 7).prompt(evalset.items[0], "small")


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        ("{{ txt }}", "uses 'txt', which is no column; did you mean 'text'? (line 1 of the prompt)"),
        ("a\n{{ text }}\n{{ lable }}", "uses 'lable', which is no column; did you mean 'labels'? (line 3"),
        ("{{ label }}", "names the target column 'label', which no model may see"),
        ("{% if label == 'bug' %}x{% endif %}{{ text }}", "names the target column 'label'"),
        ("{{ target }}", "uses 'target', which is no column"),
        ("{{ text.__class__ }}", "reaches for Python internals: '__class__'"),
        ("{% for i in range(10**9) %}{% endfor %}", "calls 'range', which prompts may not"),
        ("{{ text", "is no Jinja2 template"),
    ],
)
def test_a_prompt_that_cannot_be_used_is_an_error_at_load_time(
    tmp_path: Path, prompt: str, message: str
) -> None:
    folder = write_set(tmp_path / "s", f"prompt: {json.dumps(prompt)}\n")

    error = refusal(folder)

    assert message in error.problems[0]
    assert error.problems[0].startswith("evalset.yaml:1: ")
    assert "it may use: id, text, input, group, tags, labels" in error.fix


def test_the_prompt_of_a_tier_is_checked_too(tmp_path: Path) -> None:
    settings = "per_tier:\n  small:\n    shots: 0\n    prompt: '{{ label }}'\n"

    error = refusal(write_set(tmp_path / "s", settings))

    assert error.problems[0].startswith("evalset.yaml:4: the prompt names the target column")
    assert "`per_tier.small.prompt:`" in error.fix


def test_a_prompt_of_the_command_line_is_named_by_its_flag(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "s", "prompt: 'Q: {{ text }}'\n")

    error = refusal(folder, Overrides(prompt="{{ txt }}"))

    assert error.problems[0].startswith("--prompt: the prompt uses 'txt'")


def test_a_prompt_that_is_the_same_for_every_item_is_told(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "s", "prompt: 'One of {{ labels }}, please.'\n")

    assert "`prompt` uses no column, so every item is asked the same" in load(folder).warnings[0]


def test_a_system_text_that_looks_like_a_template_is_told_not_to_be_one(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "s", "system: 'You know {{ labels }}.'\nprompt: 'Q: {{ text }}'\n")

    assert "`system` is sent as it is" in load(folder).warnings[0]


@pytest.mark.parametrize("column", ["text", "answer", "labels", "id2"])
def test_the_target_is_hidden_whatever_its_column_is_called(tmp_path: Path, column: str) -> None:
    rows = [{"question": "one two", column: "hidden-a"}, {"question": "three four", column: "hidden-b"}]
    columns = f"columns: {{input: question, target: {column}}}\ntask: qa\n"
    settings = f"{columns}prompt: '{{{{ question }}}} {{{{ {column} }}}}'\n"
    folder = write_set(tmp_path / "s", settings, rows)

    if column == "labels":  # The name of a part that every item has: it stands for that part.
        evalset = load(folder)
        assert "hidden" not in str(PromptBuilder(evalset, 7).prompt(evalset.items[0], "small"))
    else:
        assert f"names the target column '{column}'" in refusal(folder).problems[0]


def test_a_row_that_lacks_a_column_of_the_prompt_is_named(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "text": "one two", "label": "a", "lang": "en"},
        {"id": "2", "text": "three four", "label": "a"},
    ]

    error = refusal(write_set(tmp_path / "s", "prompt: '{{ text }} {{ lang }}'\n", rows))

    assert error.problems == ("items.jsonl:2: the prompt cannot be rendered: 'lang' is undefined",)


def test_a_column_called_like_a_part_of_every_item_must_be_renamed(tmp_path: Path) -> None:
    rows = [{"key": "k1", "id": "other", "text": "one two", "label": "a"}]

    error = refusal(write_set(tmp_path / "s", "columns: {id: key}\nprompt: '{{ id }} {{ text }}'\n", rows))

    assert "'id' is both a column and a part of every item" in error.problems[0]


@pytest.mark.parametrize("shots", [0, 1])
def test_train_needs_the_columns_of_the_prompt_only_for_shots(tmp_path: Path, shots: int) -> None:
    rows = [{"id": "1", "text": "one two", "label": "bug", "lang": "en"}]
    folder = write_set(
        tmp_path / "s", f"prompt: '{{{{ text }}}} {{{{ lang }}}}'\nshots: {shots}\n", rows, TRAIN[:1]
    )

    if shots:
        assert refusal(folder).problems[0].startswith("train.jsonl:1: the prompt cannot be rendered")
    else:
        assert len(load(folder).train) == 1


SOLVED = [
    {"text": "one and one", "target": "2", "worked": "1 + 1 = 2"},
    {"text": "two and two", "target": "4", "worked": "2 + 2 = 4"},
]


def test_a_worked_solution_is_no_part_of_what_any_model_sees(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "s", "task: reasoning\ncolumns: {solution: worked}\n", SOLVED, SOLVED[:1])

    evalset = load(folder)

    assert [dict(item.prompt.fields) for item in (*evalset.items, *evalset.train)] == [{}, {}, {}]
    assert "1 + 1" not in str(PromptBuilder(evalset, 7).prompt(evalset.items[0], "small"))


def test_a_prompt_that_names_the_worked_solution_is_refused(tmp_path: Path) -> None:
    settings = "task: reasoning\ncolumns: {solution: worked}\nprompt: '{{ text }} {{ worked }}'\n"

    error = refusal(write_set(tmp_path / "s", settings, SOLVED))

    assert "names the solution column 'worked', which no model may see" in error.problems[0]


def test_a_column_called_solution_is_an_ordinary_one_unless_it_is_named(tmp_path: Path) -> None:
    rows = [{"text": row["text"], "target": row["target"], "solution": row["worked"]} for row in SOLVED]

    evalset = load(write_set(tmp_path / "s", "task: reasoning\nprompt: 'Is {{ solution }} right?'\n", rows))

    assert "Is 1 + 1 = 2 right?" in str(PromptBuilder(evalset, 7).prompt(evalset.items[0], "small"))


@pytest.mark.parametrize(
    ("settings", "target"),
    [
        ("grader: code", "assert add(1, 2) == 3"),
        ("grader: {name: regex}", "1 ?\\+ ?2"),
        ("grader: {all: [{name: contains, all: true}, {name: length, max_words: 9}]}", ["add", "sum"]),
    ],
)
def test_a_worked_example_shows_the_solution_where_the_target_is_no_answer(
    tmp_path: Path, settings: str, target: object
) -> None:
    row = {"text": "one and two", "target": target, "worked": "def add(a, b): ..."}
    named = "task: code\nshots: 1\nprompt: '{{ text }}'\ncolumns: {solution: worked}\n"
    rows, train = [{**row, "text": "two and two", "worked": "of the test"}], [row]
    evalset = load(write_set(tmp_path / "s", f"{named}{settings}\n", rows, train))

    messages = PromptBuilder(evalset, 7).prompt(evalset.items[0], "small").messages

    assert [turn.content for turn in messages] == ["one and two", row["worked"], "two and two"]


@pytest.mark.parametrize(
    ("grader", "row"),
    [
        ("template", {"text": "name: Ann Lee\nday: Monday"}),
        ("{name: template, slots: facts}", {"text": "?", "facts": {"name": "Ann Lee", "day": "Monday"}}),
    ],
)
def test_a_worked_example_of_a_template_has_no_gaps(
    tmp_path: Path, grader: str, row: dict[str, object]
) -> None:
    rows = [{**row, "id": name, "target": "Dear {{name}}, it is {{ day }}."} for name in ("a", "b")]
    settings = f"task: template\nshots: 1\nprompt: '{{{{ text }}}}'\ngrader: {grader}\n"
    evalset = load(write_set(tmp_path / "s", settings, rows[:1], rows[1:]))

    messages = PromptBuilder(evalset, 7).prompt(evalset.items[0], "small").messages

    assert messages[1].content == "Dear Ann Lee, it is Monday."


@pytest.mark.parametrize(
    ("prompt", "problem", "fix"),
    [
        ("{{ Message Text }}", "is no Jinja2 template", "write {{ input }} in `prompt`"),
        (
            "{{ message_text }}",
            "'message_text', which is no column; did you mean 'input'?",
            "it may use: input,",
        ),
        ("{{ Sent By }}", "is no Jinja2 template", "rename column 'Sent By' to 'sent_by' in the file"),
        ("Not Sent By: {{ txt }}", "'txt', which is no column", "mend `prompt:`; it may use: "),
        ("{{ 1 }} {{ txt }}", "'txt', which is no column", "mend `prompt:`; it may use: "),
    ],
)
def test_a_column_with_blanks_in_its_name_is_reached_by_another_name(
    tmp_path: Path, prompt: str, problem: str, fix: str
) -> None:
    named = [{"Message Text": row["text"], "Sent By": "me", "1": "a", "label": row["label"]} for row in ROWS]

    error = refusal(write_set(tmp_path / "s", f"prompt: {json.dumps(prompt)}\n", rows=named))

    assert problem in error.problems[0]
    assert fix in error.fix
