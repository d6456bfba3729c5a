"""The fixed words of a report: outcomes, verdicts, reasons and what became of answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalbench.core.comparison import Verdict
from evalbench.core.completion import Status
from evalbench.core.estimate import Standing
from evalbench.core.recommendation import Outcome


@dataclass(frozen=True, slots=True)
class OutcomeWords:
    """How an outcome is spoken, a sign that does not rely on colour, and what it means."""

    word: str
    sign: str
    meaning: str


OUTCOMES: Mapping[Outcome, OutcomeWords] = {
    Outcome.RECOMMENDED: OutcomeWords("USE", "\u2713", "shown to be good enough"),
    Outcome.PROVISIONAL: OutcomeWords("LIKELY", "\u2248", "probably good enough, not yet shown"),
    Outcome.INCONCLUSIVE: OutcomeWords("CANNOT TELL YET", "?", "keep what is in use today"),
    Outcome.NO_TIER_QUALIFIES: OutcomeWords("NONE QUALIFIES", "\u2715", "no tier meets the requirements"),
}

VERDICTS: Mapping[Verdict, str] = {
    Verdict.GOOD_ENOUGH: "good enough",
    Verdict.NOT_GOOD_ENOUGH: "not good enough",
    Verdict.UNKNOWN: "cannot tell yet",
    Verdict.BETTER: "better",
    Verdict.NOT_BETTER: "not better",
}

SIGNS: Mapping[Verdict, str] = {
    Verdict.GOOD_ENOUGH: "\u2713",
    Verdict.NOT_GOOD_ENOUGH: "\u2715",
    Verdict.UNKNOWN: "?",
    Verdict.BETTER: "\u25b2",
    Verdict.NOT_BETTER: "=",
}
"""A sign for each verdict that does not rely on colour."""

STATUSES: Mapping[Status, str] = {
    Status.OK: "answered",
    Status.REFUSED: "refused",
    Status.TRUNCATED: "cut off",
    Status.EMPTY: "empty",
    Status.INVALID: "unreadable",
    Status.TIMEOUT: "too late",
    Status.MISSING: "missing",
}

REASONS: Mapping[str, str] = {
    "too_few_items": "too few items",
    "too_few_clusters": "too few independent groups of items",
    "too_many_missing": "too many answers are missing",
    "missing_sensitive": "the missing answers could change the verdict",
    "blocked_by_sequence": "not tested, because a dearer tier failed first",
    "p95_latency": "slower than the latency limit",
    "p95_latency_unproven": "the latency limit is not shown to hold yet",
    "floor": "below the lowest score allowed",
    "floor_unproven": "the lowest score allowed is not shown to be reached yet",
    "budget": "dearer than the cost limit per item",
    "class_too_small": "a label has too few items",
    "critical_locked": "critical task: a cheaper tier needs allow_downgrade",
    "cost_unknown": "its cost is unknown, so no saving can be claimed",
    "judge_unsteady": "the judge is not shown steadier than a coin when the answers are swapped",
    "no_items": "no item has a score from both tiers",
}

STANDINGS: Mapping[Standing, str] = {
    Standing.EFFICIENT: "",
    Standing.DOMINATED: "outdone by another tier",
    Standing.MIXED_BETTER: "a mix of two others is better",
}

YARDSTICK = "yardstick"
"""Said in place of the score of the tier that the others are compared with."""

CLASSICAL = "classical, not a language model"

METRICS: Mapping[str, str] = {
    "accuracy": "share of right answers",
    "mean": "mean score of the items",
    "macro_f1": "F1, the mean over labels",
    "micro_f1": "F1 over all labels together",
    "bleu": "BLEU over all items together",
    "chrf": "chrF over all items together",
    "net_win_rate": "share of items on which a tier was preferred to the one in use today, a tie counting half",
}


def explain(reasons: Sequence[str]) -> str:
    """Reason codes in words; a code this version does not know is shown as it is."""
    return "; ".join(REASONS.get(reason, reason.replace("_", " ")) for reason in reasons)
