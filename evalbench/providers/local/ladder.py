"""Which classical model stands at which rung, for every kind of task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evalbench.core.evalset import Task, TaskKind
from evalbench.providers.local.classes import learn_bayes, learn_linear, learn_vote
from evalbench.providers.local.confidence import IsRight
from evalbench.providers.local.label_sets import learn_bayes_sets, learn_linear_sets, learn_tuned_sets
from evalbench.providers.local.learned import Learn
from evalbench.providers.local.pickers import learn_pickers
from evalbench.providers.local.reformatting import (
    learn_instructed_format,
    learn_simple_format,
    learn_usual_format,
)
from evalbench.providers.local.rereaders import learn_rereader
from evalbench.providers.local.right import (
    is_accepted_text,
    is_filled_text,
    is_same_object,
    is_same_output,
    is_same_set,
)
from evalbench.providers.local.rules import learn_rules
from evalbench.providers.local.templates import learn_chosen_template, learn_most_common, learn_nearest_input
from evalbench.providers.local.texts import learn_most_frequent, learn_nearest, learn_voters

LADDER_VERSION = "3"
"""Changes whenever the same training split could lead to other answers."""

RUNGS = ("small", "medium", "large", "linear")
"""The names after `local/`, by growing effort, and the one that `classical: auto` adds."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """The models for one kind of task, and what counts as a right answer to it."""

    small: Learn
    medium: Learn
    large: Learn
    linear: Learn
    is_right: IsRight

    def rung(self, name: str) -> Learn:
        """How the model of one rung learns."""
        return {"small": self.small, "medium": self.medium, "large": self.large, "linear": self.linear}[name]


_CLASSES = Ladder(learn_bayes, learn_linear, learn_vote, learn_linear, is_accepted_text)
_LABEL_SETS = Ladder(learn_bayes_sets, learn_linear_sets, learn_tuned_sets, learn_linear_sets, is_same_set)
_TEXTS = Ladder(learn_most_frequent, learn_nearest, learn_voters, learn_voters, is_accepted_text)

LADDERS: Mapping[TaskKind, Ladder] = {
    TaskKind.CLASSIFICATION: _CLASSES,
    TaskKind.ROUTING: _CLASSES,
    TaskKind.EXTRACTION: Ladder(learn_rules, learn_pickers, learn_rereader, learn_rereader, is_same_object),
    TaskKind.REFORMATTING: Ladder(
        learn_simple_format,
        learn_usual_format,
        learn_instructed_format,
        learn_instructed_format,
        is_same_output,
    ),
    TaskKind.TEMPLATE: Ladder(
        learn_most_common,
        learn_nearest_input,
        learn_chosen_template,
        learn_chosen_template,
        is_filled_text,
    ),
    TaskKind.QA: _TEXTS,
    TaskKind.REASONING: _TEXTS,
}
"""The ladder of every kind of task that classical models can do."""

_CHOICES = frozenset(kind for kind, ladder in LADDERS.items() if ladder is _CLASSES)


def names_sets(task: Task) -> bool:
    """Whether an answer is any number of labels instead of one."""
    return task.kind in _CHOICES and any(single.name == "labels" for single in task.grader.singles)


def ladder_of(task: Task) -> Ladder:
    """The models for a task of one of the kinds that have some."""
    return _LABEL_SETS if names_sets(task) else LADDERS[task.kind]


SUPPORTED_KINDS = frozenset(LADDERS)
"""The kinds of task that classical models can do."""
