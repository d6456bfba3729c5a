from __future__ import annotations

from dataclasses import replace

import pytest

from evalbench.advice.recommend import find
from evalbench.core.completion import Completion
from evalbench.core.models import Model, ModelPool, Price
from tests.advice.runs import COSTS_USD, comparison, make_run
from tests.build import make_trial


def test_too_many_missing_answers_ask_for_a_resumed_run() -> None:
    run = make_run(380, 400, {"small": (18, 20)})
    gone = {f"i{number:04d}" for number in range(100, 124)}
    trials = tuple(
        make_trial(trial.item_id, "small", None) if trial.tier == "small" and trial.item_id in gone else trial
        for trial in run.trials
    )

    finding = find(replace(run, trials=trials))

    verdict = finding.recommendation
    assert verdict.headline == (
        "CANNOT TELL YET, keep gpt-5   24 items lack an answer: `evalbench run --resume latest` asks again"
    )
    assert comparison(finding, "small").missing == 24
    assert verdict.next_commands == ("evalbench run --resume latest",)


def test_missing_recorded_answers_are_not_asked_for_again() -> None:
    run = make_run(95, 100, {"small": (0, 0)})
    pool = ModelPool(
        {"small": Model("recorded/a.jsonl#small"), "large": Model("recorded/a.jsonl#large")}, "large"
    )
    trials = (make_trial(run.items[0].id, "small", None), *run.trials[1:])

    verdict = find(replace(run, models=pool, trials=trials)).recommendation

    assert not any("--resume" in line for line in (*verdict.caveats, *verdict.next_commands))
    assert any("add the lines that the recording lacks" in line for line in verdict.caveats)


def test_an_unknown_cost_in_a_recording_asks_for_its_key_and_not_for_a_price() -> None:
    run = make_run(280, 300, {"small": (3, 3)}, {**COSTS_USD, "large": None})
    pool = ModelPool({"small": Model("recorded/a.jsonl#s"), "large": Model("recorded/a.jsonl#l")}, "large")

    verdict = find(replace(run, models=pool)).recommendation

    assert verdict.headline.endswith("what l costs is unknown: add `cost_usd` to the lines of its recording")
    assert "cost unknown for large: add `cost_usd` to the lines of the recording" in verdict.caveats


def test_a_reference_that_gets_nothing_right_is_warned_about_first() -> None:
    verdict = find(make_run(0, 100, {"small": (0, 0)})).recommendation

    assert verdict.caveats[0].startswith("reference scores 0")


def test_a_recommended_classical_model_is_not_passed_off_as_a_language_model() -> None:
    run = make_run(290, 300, {"classical": (3, 3)}, {"classical": 1e-7, "large": 0.002})

    verdict = find(run).recommendation

    assert verdict.tier == "classical"
    assert verdict.headline.endswith("saves more than 99 % ($2.00 per 1,000 items)")
    assert any("is a classical model, not a language model" in line for line in verdict.caveats)


def test_an_assumed_price_is_a_caveat() -> None:
    run = make_run(290, 300, {"classical": (3, 3)}, {"classical": 1e-4, "large": 0.002})
    price = Price(per_hour=0.1, source="assumed: $0.10 per busy hour", is_assumed=True)
    done = Completion("yes", busy_s=3.6, cost_usd=1e-4)
    trials = tuple(
        replace(trial, completion=done) if trial.tier == "classical" else trial for trial in run.trials
    )
    pool = ModelPool(
        {"classical": Model("local/linear", price=price), "large": Model("openai/gpt-5")}, "large"
    )

    verdict = find(replace(run, models=pool, trials=trials)).recommendation

    assert any("rests on an assumed $0.10 per busy hour; give `price:`" in line for line in verdict.caveats)


def test_repeated_prompts_are_a_caveat() -> None:
    run = make_run(280, 300, {"small": (0, 0)})
    items = (replace(run.items[0], prompt=run.items[1].prompt), *run.items[1:])

    verdict = find(replace(run, items=items)).recommendation

    assert any("already seen in an earlier item: 1 of 300 items" in line for line in verdict.caveats)


@pytest.mark.parametrize(("max_drop", "is_large"), [(0.05, False), (0.24, True)])
def test_a_drop_that_gives_away_what_a_model_gains_is_a_caveat(max_drop: float, is_large: bool) -> None:  # noqa: FBT001 -- a test's parameter
    run = make_run(280, 300, {"small": (0, 0)}, max_drop=max_drop)

    verdict = find(run).recommendation

    assert any("is more than half of" in line for line in verdict.caveats) is is_large


def test_items_on_which_a_constant_answer_is_as_good_are_a_caveat() -> None:
    run = make_run(280, 300, {"small": (0, 0)})
    items = tuple(replace(item, target="yes") for item in run.items)

    verdict = find(replace(run, items=items)).recommendation

    assert any("these items cannot tell tiers apart" in line for line in verdict.caveats)
