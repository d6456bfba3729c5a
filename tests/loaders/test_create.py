from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from evalbench.core.evalset import TaskKind
from evalbench.errors import EvalSetError, InputError
from evalbench.loaders.create import create_evalset
from evalbench.loaders.settings import Overrides
from tests.loaders.sets import load, write_jsonl


def rows(count: int, groups: int | None = None) -> list[dict[str, object]]:
    words = ["card", "bill", "page", "login", "parcel", "refund", "invoice"]
    return [
        {
            "text": f"{words[number % 7]} trouble {number * 7919 % 10007} since {words[number % 5]} {number}",
            "category": ["bug", "billing"][number % 2],
            **({} if groups is None else {"conversation": f"c{number % groups}"}),
        }
        for number in range(count)
    ]


def test_a_csv_becomes_a_folder_that_loads_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "tickets.csv"
    lines = [f"{row['text']},{row['category']}" for row in rows(300)]
    file.write_text("text,category\n" + "\n".join(lines) + "\n", encoding="utf-8")

    created = create_evalset(file, tmp_path / "triage")
    evalset = load(tmp_path / "triage")

    assert created.kind is TaskKind.CLASSIFICATION
    assert (len(evalset.items), len(evalset.train)) == (created.items, created.train)
    assert created.items + created.train == 300
    assert 80 <= created.train <= 160
    assert created.balance == {"bug": 150, "billing": 150}
    assert evalset.task.labels == ("billing", "bug")
    assert any("drawn with seed 7" in note for note in created.notes)


def test_a_small_file_is_kept_whole_for_the_test_and_said_so(tmp_path: Path) -> None:
    created = create_evalset(write_jsonl(tmp_path / "a.jsonl", rows(50)), tmp_path / "s")

    assert (created.items, created.train) == (50, 0)
    assert [path.name for path in created.files] == ["items.jsonl", "evalset.yaml"]
    assert any("50 items are few" in note for note in created.notes)


def test_a_group_is_never_split(tmp_path: Path) -> None:
    create_evalset(write_jsonl(tmp_path / "a.jsonl", rows(400, groups=60)), tmp_path / "s")

    evalset = load(tmp_path / "s")

    groups = [{item.group for item in split} for split in (evalset.items, evalset.train)]
    assert groups[0]
    assert groups[1]
    assert not groups[0] & groups[1]


def test_equal_inputs_stay_together(tmp_path: Path) -> None:
    repeated = [{**row, "text": str(row["text"]).upper()} for row in rows(200)]

    create_evalset(write_jsonl(tmp_path / "a.jsonl", rows(200) + repeated), tmp_path / "s")

    assert not any(
        "equal to one in train" in warning
        for warning in load(tmp_path / "s").warnings
        if "nearly" not in warning
    )


def test_inputs_that_are_nearly_equal_stay_together(tmp_path: Path) -> None:
    words = [f"the {row['text']} and nobody answers my letters about it, please help" for row in rows(240)]
    labelled = [
        {"text": f"{text}{end}", "category": "a" if number % 2 else "b"}
        for number, text in enumerate(words)
        for end in ("", " soon")
    ]

    create_evalset(write_jsonl(tmp_path / "a.jsonl", labelled), tmp_path / "s")

    evalset = load(tmp_path / "s")
    assert len(evalset.train) > 100
    assert not any("train leaks" in warning for warning in evalset.warnings)


def test_a_task_whose_inputs_are_all_alike_is_split_all_the_same(tmp_path: Path) -> None:
    invoice = "Invoice {} of the first of May over tea, two pots and a kettle, to be paid within thirty days"
    labelled = [
        {"text": invoice.format(number), "category": "a" if number % 2 else "b"} for number in range(300)
    ]

    created = create_evalset(write_jsonl(tmp_path / "a.jsonl", labelled), tmp_path / "s")

    assert 80 <= created.train <= 160


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "a.jsonl", rows(300))

    texts = []
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        create_evalset(file, tmp_path / name, seed=seed)
        texts.append((tmp_path / name / "items.jsonl").read_text(encoding="utf-8"))

    assert texts[0] == texts[1] != texts[2]


def test_values_are_written_back_byte_for_byte(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(
        '{"id": 1.0, "text": "é \\" x", "label": 1e3, "more": {"n": [1.50, null, true]}}\n', encoding="utf-8"
    )

    create_evalset(file, tmp_path / "s")

    written = (tmp_path / "s" / "items.jsonl").read_text(encoding="utf-8")
    assert written == '{"id": 1.0, "text": "é \\" x", "label": 1e3, "more": {"n": [1.50, null, true]}}\n'


@pytest.mark.parametrize(
    "label", ["no", "012", "1:30", "null", "a, b", 'say "x"', "back\\slash", "emoji 😀", "tab\t", "- x", "#"]
)
def test_any_label_survives_the_settings_file(tmp_path: Path, label: str) -> None:
    file = write_jsonl(
        tmp_path / "a.jsonl", [{"text": "x y", "label": label}, {"text": "z", "label": "other"}]
    )

    create_evalset(file, tmp_path / "s")

    assert set(load(tmp_path / "s").task.labels) == {label, "other"}


@pytest.mark.parametrize(
    "prompt", ["  indented\n\n{{ text }} # no remark", "a\ttab {{ text }}", 'quo"te: {{ text }}']
)
def test_a_prompt_of_the_command_line_survives_the_settings_file(tmp_path: Path, prompt: str) -> None:
    file = write_jsonl(tmp_path / "a.jsonl", rows(10))

    create_evalset(file, tmp_path / "s", Overrides(prompt=prompt))

    template = load(tmp_path / "s").task.prompt.template
    assert template is not None
    assert template.rstrip("\n").endswith(prompt)


def test_an_empty_target_of_a_csv_stays_unlabelled(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("text,label\nx,a\ny,\nz,a\n", encoding="utf-8")

    create_evalset(file, tmp_path / "s")

    assert [item.target for item in load(tmp_path / "s").items] == ["a", None, "a"]


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "a.jsonl", rows(10))
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "precious.txt").write_text("mine", encoding="utf-8")

    with pytest.raises(InputError, match="nothing is overwritten"):
        create_evalset(file, tmp_path / "s")

    assert [path.name for path in (tmp_path / "s").iterdir()] == ["precious.txt"]


def test_a_file_with_problems_makes_no_folder(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "a.jsonl", [{"text": "x", "label": "a"}, [1]])

    with pytest.raises(EvalSetError) as caught:
        create_evalset(file, tmp_path / "s")

    assert caught.value.problems == ("a.jsonl:2: not a JSON object: '[1]'",)
    assert not (tmp_path / "s").exists()


def test_a_kind_without_a_default_grader_is_said_in_the_settings(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "a.jsonl", [{"text": "x", "story": "y" * 300}])

    create_evalset(file, tmp_path / "s", Overrides(task="generation"), schema="evalset.schema.json")

    text = (tmp_path / "s" / "evalset.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=evalset.schema.json\ntask: generation\n")
    assert "grader: my_graders.py:grade" in text


def test_an_unknown_task_names_the_nearest(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "a.jsonl", rows(10))

    with pytest.raises(InputError) as caught:
        create_evalset(file, tmp_path / "s", Overrides(task="clasification"))

    assert caught.value.fix == "did you mean 'classification'?"


def test_a_file_without_right_answers_is_not_told_to_take_its_ids_for_them(tmp_path: Path) -> None:
    file = write_jsonl(
        tmp_path / "a.jsonl", [{"id": f"g{n}", "brief": f"a slogan for shop {n}"} for n in range(9)]
    )

    with pytest.raises(EvalSetError) as caught:
        create_evalset(file, tmp_path / "s", Overrides(input="brief"))

    assert "--target" not in caught.value.fix
    assert "add --task generation" in caught.value.fix


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (lambda n: n // 2, "id: made from a hash of each row, for 'Ticket ID' has '0' in 2 rows"),
        (lambda n: n or "", "id: made from a hash of each row, for 'Ticket ID' is empty in 1 rows"),
        (lambda n: n, "id: made from a hash of each row; to keep your own: --id 'Ticket ID'"),
    ],
)
def test_a_column_of_ids_that_was_not_taken_is_named(
    tmp_path: Path, numbers: Callable[[int], object], said: str
) -> None:
    numbered = [{"Ticket ID": str(numbers(number)), **row} for number, row in enumerate(rows(20))]

    created = create_evalset(write_jsonl(tmp_path / "a.jsonl", numbered), tmp_path / "s")

    assert said in created.notes


def test_labels_that_differ_in_case_alone_are_told_when_a_set_is_made(tmp_path: Path) -> None:
    mixed = [row | ({"category": "Bug"} if number == 1 else {}) for number, row in enumerate(rows(40))]

    created = create_evalset(
        write_jsonl(tmp_path / "a.jsonl", [*mixed, {"text": "x y", "category": "bug"}]), tmp_path / "s"
    )

    assert any("('Bug', 'bug')" in note and "mend a.jsonl first" in note for note in created.notes)
