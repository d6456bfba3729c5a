from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from evalbench.core.completion import Completion, Status, Usage
from evalbench.core.evalset import Item, JsonValue, Prompt
from evalbench.core.models import Model
from evalbench.core.score import Score
from evalbench.core.trial import Trial
from evalbench.interchange.recorded_lines import recorded_line, recorded_names
from evalbench.interchange.recordings import Recording, read_recordings
from tests.build import make_item, make_trial

FULL = Completion(
    "Yes",
    Status.TRUNCATED,
    Usage(512, 3, 100, 20, 2),
    cost_usd=0.1 + 0.2,
    latency_s=1.9,
    first_token_s=0.25,
    confidence=0.97,
    created="2026-11-23T10:00:00.000Z",
)


def read_back(folder: Path, item: Item, trial: Trial) -> Recording:
    path = folder / "answers.jsonl"
    path.write_text(f"{recorded_line('t', 'm', item, trial)}\n", "utf-8")
    (entry,) = read_recordings(path).entries
    return entry


def test_everything_known_of_an_answer_is_read_back(tmp_path: Path) -> None:
    item = Item("007", Prompt("?"), "Yes", "g3", ("hard",))

    entry = read_back(tmp_path, item, Trial("007", "small", 2, FULL, Score(0.25)))

    assert entry == Recording("t", "007", "m", 2, FULL, 1, "?", "Yes", 0.25, "g3", ("hard",))


@pytest.mark.parametrize(
    "text", ["", "a\nb\r\nc\td", "\u2028\u2029\x85", "\x00\x1b[31m\x9b", "ü € 😀", '"\\u0041"']
)
def test_a_text_is_read_back_as_it_was(tmp_path: Path, text: str) -> None:
    item = make_item(text, text, target=text, group=text)

    entry = read_back(tmp_path, item, make_trial(text, text=text))

    assert (entry.item_id, entry.input or "", entry.completion.text) == (text, text, text)
    assert (entry.target, entry.group) == (text, text)


@pytest.mark.parametrize("target", [["a", "b"], {"a": [1.5, 2**70, None]}, [], {}, "1e3", "null", None])
def test_a_target_is_read_back_as_it_was(tmp_path: Path, target: JsonValue) -> None:
    entry = read_back(tmp_path, make_item(target=target), make_trial())

    assert entry.target == target


def test_half_a_character_leaves_as_the_escape_that_it_can_only_be() -> None:
    line = recorded_line("t", "m", make_item(), make_trial(text="x\ud800"))

    assert line.isascii()
    assert json.loads(line)["output"] == "x\ud800"


def test_what_nobody_knows_is_left_out() -> None:
    trial = replace(make_trial(cost_usd=None), score=None)

    said = json.loads(recorded_line("t", "m", make_item(target=None), trial))

    assert list(said) == ["task", "item_id", "model", "output", "input", "latency_s", "repeat", "status"]


def test_an_answer_that_could_not_be_read_is_invalid_again(tmp_path: Path) -> None:
    trial = Trial("i1", "small", 0, Completion("hm"), Score(0.0, is_valid=False))

    entry = read_back(tmp_path, make_item(), trial)

    assert (entry.completion.status, entry.is_valid, entry.score) == (Status.OK, False, 0.0)


@pytest.mark.parametrize(
    ("models", "names"),
    [
        ({"a": "x/m", "b": "recorded/f.jsonl#n"}, {"a": "x/m", "b": "n"}),
        ({"a": "m", "b": "m", "c": "n"}, {"a": "a", "b": "b", "c": "n"}),
        ({"a": "recorded/f.jsonl#m", "b": "recorded/g.jsonl#m"}, {"a": "a", "b": "b"}),
        ({"a": "m,1", "b": "m#1", "c": " m"}, {"a": "a", "b": "b", "c": "c"}),
        ({"a": "m", "b": "m", "c": "a"}, {"a": "a", "b": "b", "c": "c"}),
    ],
)
def test_every_tier_has_a_name_of_its_own_that_can_be_typed(
    models: dict[str, str], names: dict[str, str]
) -> None:
    assert recorded_names({tier: Model(model) for tier, model in models.items()}) == names
