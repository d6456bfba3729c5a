"""Texts that are graded by their words, from the file to the verdict."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.shell import evalbench

MODELS = '''\
"""Two functions that say nearly the same."""

def _say(prompt, every):
    number = int(prompt.split()[-1])
    text = f"The parcel number {number} arrives on Monday at noon."
    said = text.replace("arrives", "comes") if number % every == 0 else text
    return {"text": said, "cost_usd": every / 1000}

def small(prompt):
    return _say(prompt, 5)

def large(prompt):
    return _say(prompt, 50)
'''
TEXT = "The parcel number {} arrives on Monday at noon."
PROJECT = "tiers: {small: 'python/models.py:small', large: 'python/models.py:large'}\nclassical: off\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "evalsets" / "notices"
    folder.mkdir(parents=True)
    rows = [
        {
            "id": str(number),
            "text": f"notice {number}",
            "target": TEXT.format(number),
        }
        for number in range(150)
    ]
    (folder / "items.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    (folder / "evalset.yaml").write_text("task: translation\nprompt: 'Say {{ text }}'\n", "utf-8")
    (tmp_path / "models.py").write_text(MODELS, "utf-8")
    (tmp_path / "evalbench.yaml").write_text(PROJECT, "utf-8")
    return tmp_path


def test_translations_are_judged_over_all_items_together(project: Path) -> None:
    done = evalbench("run", "--quiet", "--json", cwd=project)

    (task,) = done.json["tasks"]
    assert (task["metric"], task["recommendation"]["outcome"]) == ("chrf", "recommended")
    small, large = task["tiers"]
    assert small["score"]["method"] == "jackknife"
    assert 0.9 < small["score"]["value"] < large["score"]["value"] < 1


def test_another_grader_brings_its_own_metric_to_stored_answers(project: Path) -> None:
    evalbench("run", "--quiet", cwd=project)

    bleu = evalbench("grade", "latest", "--grader", "bleu", "--json", cwd=project)
    rouge = evalbench("grade", "latest", "--grader", "rouge", "--option", "variant=2", "--json", cwd=project)

    assert (bleu.code, bleu.json["tasks"][0]["metric"]) == (0, "bleu")
    assert (rouge.code, rouge.json["tasks"][0]["metric"]) == (0, "mean")
    assert "bleu@1[nrefs:var|" in bleu.json["run"]["signature"]
    assert "rouge@1(variant=2)" in rouge.json["run"]["signature"]
    assert bleu.json["totals"]["calls"] == 0


def test_a_combination_tells_which_part_failed(project: Path) -> None:
    settings = project / "evalsets" / "notices" / "evalset.yaml"
    combination = "grader:\n  all:\n  - contains\n  - {name: length, max_words: 3}\n"
    settings.write_text(settings.read_text("utf-8") + combination, "utf-8")

    done = evalbench("try", "evalsets/notices", "--item", "7", cwd=project)

    assert done.code == 0, done.err
    assert "score 0: length 0: 9 words, at most 3 allowed" in done.out


def test_a_mistyped_part_is_named_before_anything_is_asked(project: Path) -> None:
    settings = project / "evalsets" / "notices" / "evalset.yaml"
    settings.write_text(settings.read_text("utf-8") + "grader: {any: [exact, rogue]}\n", "utf-8")

    done = evalbench("run", cwd=project)

    assert (done.code, done.out) == (2, "")
    assert "there is no grader named 'rogue'; did you mean 'rouge'?" in done.err


def test_a_gate_compares_translations_by_the_same_metric(project: Path) -> None:
    (task,) = evalbench("run", "--json", "--quiet", cwd=project).json["tasks"]
    accepted = evalbench("gate", "accept", "latest", "--baseline", "b.json", cwd=project)
    evalbench("run", "--refresh", "--quiet", cwd=project)

    checked = evalbench(
        "gate", "check", "latest", "--baseline", "b.json", "--all-tiers", "--json", cwd=project
    )

    assert accepted.code == 0, accepted.err
    after = {line["tier"]: line["tests"][0]["after"] for line in checked.json["lines"]}
    assert after == pytest.approx({tier["tier"]: tier["score"]["value"] for tier in task["tiers"]})
