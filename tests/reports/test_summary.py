from __future__ import annotations

import dataclasses
import json
import math

import pytest

from evalbench.core.estimate import CostEstimate
from evalbench.core.recommendation import Finding, MonthlyBill
from evalbench.reports.summary import summary, to_json
from tests.reports.build_findings import (
    all_findings,
    hostile_finding,
    inconclusive_finding,
    make_run,
    recommended_finding,
)

TASK_KEYS = {
    *("name", "task", "metric", "items", "unlabelled", "current", "max_drop", "confidence"),
    *("tiers", "comparisons", "recommendation", "policies"),
}
TIER_KEYS = {
    "tier",
    "model",
    "trials",
    "score",
    "answers",
    "cost_usd",
    "latency_s",
    "first_token_s",
    "tokens",
}
COMPARISON_KEYS = {
    *("tier", "reference", "difference", "low", "high", "level", "wins", "losses", "p_value", "p_adjusted"),
    *("verdict", "reasons", "proven_drop", "cost_ratio"),
}
RECOMMENDATION_KEYS = {
    *("outcome", "tier", "model", "policy", "need_items", "need_usd", "saving_share", "saving_usd_per_1k"),
    *("saving_usd_per_month", "sentence", "next"),
}


def test_every_promised_key_is_there() -> None:
    found = summary(make_run(recommended_finding()), [recommended_finding()])

    (task,) = found["tasks"]
    assert found["schema"] == "evalbench.summary/1"
    assert set(found) == {"schema", "run", "tasks", "totals"}
    assert {"id", "created", "version", "seed", "complete", "signature"} <= set(found["run"])
    assert {"answers_new", "answers_reused"} <= set(found["run"])
    assert {"cost_usd", "calls", "wall_s", "monthly"} <= set(found["totals"])
    assert set(task) >= TASK_KEYS
    assert set(task["tiers"][0]) >= TIER_KEYS
    assert set(task["tiers"][0]["cost_usd"]) >= {"total", "per_item", "per_correct", "as_if_uncached"}
    assert set(task["tiers"][0]["latency_s"]) >= {"p50", "p95", "p99", "trials"}
    assert set(task["comparisons"][0]) >= COMPARISON_KEYS
    assert set(task["recommendation"]) >= RECOMMENDATION_KEYS
    assert task["policies"] == []
    assert task["recommendation"]["policy"] is None


def test_answers_are_counted_under_all_seven_names() -> None:
    found = summary(make_run(), [recommended_finding()])

    answers = found["tasks"][0]["tiers"][1]["answers"]
    assert list(answers) == ["ok", "refused", "truncated", "empty", "invalid", "timeout", "missing"]
    assert (answers["ok"], answers["invalid"], answers["timeout"], answers["refused"]) == (416, 3, 1, 0)


def test_an_unknown_cost_is_null_and_so_is_every_total_over_it() -> None:
    found = summary(make_run(), [inconclusive_finding()])

    tier = found["tasks"][0]["tiers"][0]
    assert set(tier["cost_usd"].values()) == {None}
    assert tier["latency_s"] is None
    assert found["totals"]["cost_usd"] is None


def test_a_total_is_the_sum_of_all_answers() -> None:
    found = summary(make_run(), [recommended_finding()])

    assert found["totals"]["cost_usd"] == pytest.approx(420 * (0.0000021 + 0.00004 + 0.0008 + 0.0075))


def test_the_monthly_bill_has_the_promised_keys() -> None:
    found = summary(make_run(), [], MonthlyBill(9000, 860, None, None))

    assert found["totals"]["monthly"] == {
        "current_usd": 9000,
        "recommended_usd": 860,
        "low": None,
        "high": None,
    }


def _with_broken_cost(finding: Finding) -> Finding:
    broken = dataclasses.replace(finding.estimates[0], cost=CostEstimate(math.nan, math.inf, -math.inf, 0.0))
    return dataclasses.replace(finding, estimates=(broken,))


def test_what_json_cannot_hold_becomes_null() -> None:
    found = summary(make_run(), [_with_broken_cost(recommended_finding())])

    cost = json.loads(to_json(found))["tasks"][0]["tiers"][0]["cost_usd"]
    assert (cost["total"], cost["per_item"], cost["per_correct"], cost["as_if_uncached"]) == (
        None,
        None,
        None,
        0.0,
    )


def test_hostile_text_survives_the_round_trip() -> None:
    text = to_json(summary(make_run(), [hostile_finding()]))

    name = json.loads(text.encode())["tasks"][0]["name"]
    assert name == hostile_finding().run.task.name


def test_the_same_run_gives_the_same_bytes() -> None:
    first = to_json(summary(make_run(*all_findings()), all_findings()))
    second = to_json(summary(make_run(*all_findings()), all_findings()))

    assert first == second


def test_the_summary_has_the_look_and_what_it_used_of_alpha() -> None:
    (task,) = summary(make_run(), [recommended_finding()])["tasks"]

    looks = task["looks"]
    assert {key: looks[key] for key in ("count", "planned", "alpha", "alpha_used", "alpha_left")} == {
        "count": 2,
        "planned": 3,
        "alpha": 0.05,
        "alpha_used": 0.015,
        "alpha_left": 0.005,
    }
    assert [(each["run"], each["look"], each["max_drop"]) for each in looks["earlier"]] == [("r1", 1, 0.03)]


def test_the_summary_has_what_each_tier_gains_a_month() -> None:
    (task,) = summary(make_run(), [recommended_finding()])["tasks"]

    found = task["benefit"]
    assert found["gains_usd_per_month"]["small"]["value"] == 8412.0
    assert (found["value_usd"], found["perfect_information_usd_per_month"]) == (0.05, 0.4)
    assert (found["more_items"], found["more_items_usd"]) == (200, 1.67)
