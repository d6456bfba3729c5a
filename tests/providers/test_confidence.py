from __future__ import annotations

import math
from typing import Any

import pytest

from evalbench.providers.confidence import Confidence, confidence_of


def token(text: str, probability: float, *others: float) -> dict[str, Any]:
    return {
        "token": text,
        "logprob": math.log(probability),
        "top_logprobs": [{"token": "?", "logprob": math.log(each)} for each in others],
    }


def test_confidence_is_the_geometric_mean_of_the_tokens() -> None:
    found = confidence_of({"content": [token("bil", 0.5), token("ling", 0.125)]})

    assert found.value == pytest.approx(0.25)
    assert float(found.detail["logprob_mean"]) == pytest.approx(math.log(0.25), rel=1e-4)
    assert float(found.detail["logprob_min"]) == pytest.approx(math.log(0.125), rel=1e-4)
    assert "label_margin" not in found.detail


def test_the_margin_is_taken_at_the_first_token_that_says_something() -> None:
    found = confidence_of({"content": [token("\n", 1.0, 1.0, 0.5), token("yes", 0.7, 0.2, 0.7, 0.1)]})

    assert float(found.detail["label_margin"]) == pytest.approx(0.5)


def test_one_alternative_alone_gives_no_margin() -> None:
    assert "label_margin" not in confidence_of({"content": [token("yes", 0.7, 0.7)]}).detail


def test_an_impossible_token_leaves_a_number_that_can_be_stored() -> None:
    found = confidence_of({"content": [{"token": "a", "logprob": -math.inf}]})

    assert found.value == 0.0
    assert found.detail["logprob_min"] == "-9999"


def test_the_older_form_is_read() -> None:
    assert confidence_of({"tokens": ["a"], "token_logprobs": [math.log(0.5), None]}).value == pytest.approx(
        0.5
    )


@pytest.mark.parametrize(
    "logprobs",
    [None, {}, [], "x", {"content": None}, {"content": [None, {"logprob": "x"}, {"logprob": math.nan}]}],
)
def test_no_logprobs_give_no_confidence(logprobs: Any) -> None:
    assert confidence_of(logprobs) == Confidence()


def test_a_probability_rounded_above_one_is_one() -> None:
    assert confidence_of({"content": [{"token": "a", "logprob": 1e-9}]}).value == 1.0
