"""Settle everything about a task: what was said, and in plain words what was inferred."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalbench.core.evalset import Criticality, GraderSpec, Item, PromptSpec, Task, TaskKind
from evalbench.core.score import NET_WIN_RATE
from evalbench.errors import nearest
from evalbench.loaders.canonical import canonical
from evalbench.loaders.graders import (
    LABEL_GRADERS,
    default_grader,
    default_metric,
    grader_problem,
    metric_problem,
    no_grader,
)
from evalbench.loaders.inference import CONFIDENCE, LABELLED_KINDS, MAX_DROP, default_prompt, kind_of
from evalbench.loaders.item_file import canonical_texts, few_targets, labelled
from evalbench.loaders.items import Split
from evalbench.loaders.json_settings import json_said, schema_said
from evalbench.loaders.labels import spelled_alike, spellings_words
from evalbench.loaders.problems import Problems
from evalbench.loaders.prompt_check import ColumnNames, resolve_spec
from evalbench.loaders.settings import Settings

_MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an eval set comes from: the folder its paths start at, and how to name it in a message.

    `held_in` is the folder for the file that its items are held in once they are large.
    """

    folder: Path
    settings_name: str
    source: str
    held_in: Path | None = None


@dataclass(slots=True)
class TaskBuilder:
    """Builds the task of one eval set; call `build` once."""

    settings: Settings
    origin: Origin
    test: Split
    train: Split | None
    problems: Problems
    inferred: list[str]

    def build(self, name: str) -> Task | None:
        """The task, or None when its kind or grader cannot be told."""
        kind = self._kind()
        grader = self._grader(kind) if kind else None
        if kind is None or grader is None:
            return None
        said = self.settings
        labels = self._labels(kind, grader)
        criticality = said.criticality or Criticality.STANDARD
        prompt = self._prompt(kind, grader)
        train_items = self.train.items if self.train else ()
        return Task(
            name=name,
            kind=kind,
            grader=grader,
            metric=self._metric(kind, grader),
            max_drop=self._default("max_drop", said.max_drop, MAX_DROP[criticality], criticality),
            confidence=self._default("confidence", said.confidence, CONFIDENCE[criticality], criticality),
            criticality=criticality,
            description=said.description or "",
            labels=labels,
            prompt=prompt,
            per_tier=self._per_tier(prompt),
            schema=schema_said(said.schema, self.origin.folder, self._problem),
            tools=json_said("tools", said.tools, self.origin.folder, self._problem),
            limits=said.limits,
            traffic=said.traffic,
            must_pass=self._must_pass(),
            allow_downgrade=said.allow_downgrade,
            looks=said.looks,
            value_usd=said.value_usd,
            batch=said.batch,
            source=self.origin.source,
            inferred=tuple(self.inferred),
            digest=digest_of(self.test.items, labels),
            train_digest=digest_of(train_items, labels) if self.train else None,
        )

    def _problem(self, key: str, message: str, fix: str) -> None:
        self.problems.add(*self.settings.place(key, self.origin.settings_name), message, fix)

    def _kind(self) -> TaskKind | None:
        if self.settings.kind is not None:
            return self.settings.kind
        if self.settings.labels is not None:
            self.inferred.append("task: classification (there is a list of labels)")
            return TaskKind.CLASSIFICATION
        splits = (self.test, self.train) if self.train else (self.test,)
        targets = (item.target for split in splits for item in labelled(split.items))
        kind, reason = kind_of(targets, self.test.columns.target)
        if kind is None:
            known_kinds = ", ".join(TaskKind)
            self._problem(
                "task",
                f"cannot tell what kind of task this is: {reason}",
                f"say `task:` one of {known_kinds}",
            )
            return None
        self.inferred.append(f"task: {kind} ({reason})")
        return kind

    def _grader(self, kind: TaskKind) -> GraderSpec | None:
        said = self.settings.grader
        if said is not None:
            problem = grader_problem(said, self.origin.folder)
            if problem:
                self._problem("grader", *problem)
            return None if problem else said
        found = default_grader(kind, self.settings.metric, labelled(self.test.items))
        if found is None:
            self._problem("task", *no_grader(kind))
        else:
            self.inferred.append(f"grader: {found.name}")
        return found

    def _metric(self, kind: TaskKind, grader: GraderSpec) -> str:
        metric = self.settings.metric
        if metric is None:
            metric = default_metric(kind, grader)
            scale = " (won less lost; so counts max_drop, too)" if metric == NET_WIN_RATE else ""
            self.inferred.append(f"metric: {metric}{scale}")
        elif problem := metric_problem(metric, grader):
            self._problem("metric", *problem)
        return metric

    def _default(self, key: str, said: float | None, default: float, criticality: Criticality) -> float:
        if said is None:
            self.inferred.append(f"{key}: {default:g} (criticality {criticality})")
        return default if said is None else said

    def _labels(self, kind: TaskKind, grader: GraderSpec) -> tuple[str, ...]:
        is_naming = any(single.name in LABEL_GRADERS for single in grader.singles)
        if kind not in LABELLED_KINDS and not is_naming:
            return self.settings.labels or ()
        labels, has_sets = self.settings.labels, any(each.name == "labels" for each in grader.singles)
        found: set[str] = set()
        for split in (self.test, *([self.train] if self.train else [])):
            few = few_targets(split.items)
            if few is not None and (labels is None or set(few) <= set(labels)):
                found |= set(few)
                continue
            for item in split.items:
                if not isinstance(item.target, str) or item.target not in found:
                    found |= self._label(item, split, labels, has_sets=has_sets)
        self._warn_of_spellings(found)
        if labels is not None:
            return labels
        inferred = tuple(sorted(found))
        if not inferred:
            self._problem(
                "labels", "there are no labels, because no item has a target", "say `labels: [a, b]`"
            )
        more = f" and {len(inferred) - _MOST_SHOWN} more" if len(inferred) > _MOST_SHOWN else ""
        self.inferred.append(f"labels: {len(inferred)} ({', '.join(inferred[:_MOST_SHOWN])}{more})")
        return inferred

    def _warn_of_spellings(self, labels: Iterable[str]) -> None:
        alike = spelled_alike(labels)
        if alike:
            self.problems.warn(
                f"{spellings_words(alike)}; write each in one way in the file, if they are one"
            )

    def _label(self, item: Item, split: Split, labels: Sequence[str] | None, *, has_sets: bool) -> set[str]:
        if item.target is None:
            return set()
        entries = item.target if has_sets and isinstance(item.target, list) else [item.target]
        if not all(isinstance(entry, str) for entry in entries):
            reason = "the target is no text, so it is no label"
            self.problems.add(split.place, item.line, reason, "say `task:`, or `grader: labels` for lists")
            return set()
        strange = next((entry for entry in entries if labels is not None and entry not in labels), None)
        if strange is None:
            return set(entries)
        self.problems.add(
            split.place,
            item.line,
            f"the label {strange!r} is not in `labels`; {nearest(strange, labels or ())}",
            "mend the row, or add the label to `labels:`",
        )
        return set()

    def _prompt(self, kind: TaskKind, grader: GraderSpec) -> PromptSpec:
        template = self.settings.prompt
        if template is None and self.test.columns.messages is not None:
            return PromptSpec(None, self.settings.system, self.settings.shots)
        if template is None:
            template = default_prompt(kind, grader.name)
            self.inferred.append(f"prompt: {template.splitlines()[0]!r} …")
        spec = PromptSpec(template, self.settings.system, self.settings.shots)
        return self._resolved(spec, "prompt")

    def _per_tier(self, prompt: PromptSpec) -> dict[str, PromptSpec]:
        found: dict[str, PromptSpec] = {}
        for tier, changes in self.settings.per_tier.items():
            shots = changes.get("shots", prompt.shots)
            spec = PromptSpec(prompt.template, changes.get("system", prompt.system), shots)
            if "prompt" in changes:
                changed = PromptSpec(changes["prompt"], spec.system, shots)
                spec = self._resolved(changed, f"per_tier.{tier}.prompt")
            found[tier] = spec
        self._check_shots([prompt, *found.values()])
        self._warn_of_braces([prompt, *found.values()])
        return found

    def _warn_of_braces(self, specs: Iterable[PromptSpec]) -> None:
        if any("{{" in (spec.system or "") for spec in specs):
            self.problems.warn("`system` is sent as it is, so {{ … }} in it is not filled in; use `prompt`")

    def _resolved(self, spec: PromptSpec, key: str) -> PromptSpec:
        names = ColumnNames(self.test.names, self.test.columns)
        place = self.settings.place(key, self.origin.settings_name)
        return resolve_spec(spec, names, key, place, self.problems)

    def _check_shots(self, specs: Iterable[PromptSpec]) -> None:
        most = max(spec.shots for spec in specs)
        items = self.train.items if self.train else ()
        with_target = len(labelled(items))
        if most and self.train is None:
            self._problem(
                "shots", f"shots: {most} needs a train split", "say `train: FILE`, or leave out `shots`"
            )
        elif most > with_target:
            self._problem(
                "shots",
                f"shots: {most}, but train has {with_target} labelled items",
                f"say `shots: {with_target}`",
            )

    def _must_pass(self) -> tuple[str, ...]:
        wanted_ids = set(self.settings.must_pass)
        ids = {item.id for item in self.test.items if item.id in wanted_ids} if wanted_ids else set()
        for wanted in self.settings.must_pass:
            if wanted not in ids:
                self._problem(
                    "must_pass", f"`must_pass` names {wanted!r}, which is no item's id", "mend `must_pass:`"
                )
        return self.settings.must_pass


def digest_of(items: Iterable[Item], labels: Sequence[str]) -> str:
    """The sha256 of everything that an answer to these items, or its grade, can depend on."""
    digest = hashlib.sha256(canonical(list(labels)))
    for text in canonical_texts(items):
        digest.update(text)
    return digest.hexdigest()
