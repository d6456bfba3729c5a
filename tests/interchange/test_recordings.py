from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evalbench.core.completion import Status, Usage
from evalbench.errors import InputError
from evalbench.interchange.recordings import read_recordings

PLAIN = {"task": "t", "item_id": "0017", "model": "m", "output": "Yes"}


def write(folder: Path, *lines: Any) -> Path:
    path = folder / "answers.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", "utf-8")
    return path


def test_a_binary_file_is_one_problem(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(bytes(range(256)) * 20)

    with pytest.raises(InputError, match="jsonl:1: holds NUL bytes"):
        read_recordings(path)


def test_a_line_with_only_the_four_required_keys_is_an_answer_of_unknown_cost(tmp_path: Path) -> None:
    (entry,) = read_recordings(write(tmp_path, PLAIN)).entries

    assert (entry.item_id, entry.completion.text, entry.repeat) == ("0017", "Yes", 0)
    assert (entry.completion.cost_usd, entry.completion.latency_s, entry.score) == (None, None, None)
    assert entry.completion.usage == Usage()


def test_everything_a_recording_may_say_is_kept(tmp_path: Path) -> None:
    said = {
        **PLAIN,
        "input": "?",
        "target": "Yes",
        "score": 1.0,
        "cost_usd": 0.002,
        "latency_s": 1.9,
        "input_tokens": 512,
        "output_tokens": 1,
        "confidence": 0.97,
        "group": "g3",
        "repeat": 2,
        "status": "truncated",
        "created": "2026-11-23T10:00:00Z",
        "tags": ["hard"],
    }

    (entry,) = read_recordings(write(tmp_path, said)).entries

    answer = entry.completion
    assert (entry.input, entry.target, entry.score, entry.group, entry.tags) == (
        "?",
        "Yes",
        1.0,
        "g3",
        ("hard",),
    )
    assert (answer.cost_usd, answer.latency_s, answer.confidence, entry.repeat) == (0.002, 1.9, 0.97, 2)
    assert (answer.status, answer.created) == (Status.TRUNCATED, "2026-11-23T10:00:00Z")
    assert answer.usage == Usage(512, 1)


def test_all_unusable_lines_are_named_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        PLAIN,
        "{broken",
        {"task": "t", "model": "m", "output": "x"},
        {**PLAIN, "item_id": "2", "score": 1.5},
        {**PLAIN, "item_id": "3", "status": "okay"},
        {**PLAIN, "item_id": "4", "cost_usd": -1},
        {**PLAIN, "item_id": "5", "output": 7},
        "[]",
    )

    with pytest.raises(InputError) as caught:
        read_recordings(path)

    problem = caught.value.problem
    assert problem.startswith("7 lines")
    for number, word in (
        (2, "JSON"),
        (3, "item_id"),
        (4, "score"),
        (5, "status"),
        (6, "cost_usd"),
        (7, "output"),
    ):
        assert any(f":{number}: " in line and word in line for line in problem.splitlines())


def test_an_item_answered_twice_is_refused_and_both_lines_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 1"):
        read_recordings(write(tmp_path, PLAIN, PLAIN))


def test_repeats_tell_two_answers_of_one_item_apart(tmp_path: Path) -> None:
    recordings = read_recordings(write(tmp_path, PLAIN, {**PLAIN, "repeat": 1, "output": "No"}))

    answers = recordings.answers("m", "t")

    assert {place: answer.text for place, answer in answers.items()} == {
        ("0017", 0): "Yes",
        ("0017", 1): "No",
    }


def test_an_answer_recorded_as_missing_is_no_answer(tmp_path: Path) -> None:
    recordings = read_recordings(write(tmp_path, {**PLAIN, "output": "", "status": "missing"}))

    assert recordings.answers("m", "t") == {}


def test_a_model_that_never_answered_is_refused_with_the_nearest(tmp_path: Path) -> None:
    recordings = read_recordings(write(tmp_path, {**PLAIN, "model": "gpt-4"}))

    with pytest.raises(InputError) as caught:
        recordings.answers("gpt-5", "t")

    assert "gpt-4" in caught.value.fix


def test_with_several_tasks_the_eval_set_must_be_named_after_one(tmp_path: Path) -> None:
    recordings = read_recordings(write(tmp_path, PLAIN, {**PLAIN, "task": "u", "output": "No"}))

    assert recordings.answers("m", "u")["0017", 0].text == "No"
    with pytest.raises(InputError, match="2 tasks"):
        recordings.answers("m", "v")


def test_scalar_targets_are_text_as_json_writes_them(tmp_path: Path) -> None:
    lines = [
        {**PLAIN, "item_id": str(number), "target": target}
        for number, target in enumerate((18, True, "007", [1]))
    ]

    targets = [entry.target for entry in read_recordings(write(tmp_path, *lines)).entries]

    assert targets == ["18", "true", "007", [1]]


def test_a_number_as_id_or_target_keeps_its_digits(tmp_path: Path) -> None:
    line = '{"task": "t", "item_id": 1.0, "model": "m", "output": "x", "target": 1e3}'

    (entry,) = read_recordings(write(tmp_path, line)).entries

    assert (entry.item_id, entry.target) == ("1.0", "1e3")


@pytest.mark.parametrize("key", ["task", "item_id", "model", "input", "target", "group"])
def test_half_a_character_is_refused_where_it_would_name_something(tmp_path: Path, key: str) -> None:
    with pytest.raises(InputError, match=rf"jsonl:1: '{key}' holds half of a character"):
        read_recordings(write(tmp_path, {**PLAIN, key: "x\ud800"}))


def test_half_a_character_of_an_answer_is_read(tmp_path: Path) -> None:
    (entry,) = read_recordings(write(tmp_path, {**PLAIN, "output": "x\ud800"})).entries

    assert entry.completion.text == "x\ud800"


def test_a_line_of_many_megabytes_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    path = tmp_path / "huge.jsonl"
    with path.open("wb") as file:
        file.truncate(200_000_000)

    with pytest.raises(InputError, match="longer than 10 MB"):
        read_recordings(path)


@pytest.mark.parametrize(
    ("name", "answers"), [("arc-challenge", 5824), ("gsm8k", 2638), ("function-calls", 6200)]
)
def test_the_shared_recordings_are_read_whole(data: Path, name: str, answers: int) -> None:
    recordings = read_recordings(data / "recordings" / f"{name}.jsonl")

    assert len(recordings.entries) == answers
