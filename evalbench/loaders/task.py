"""Settle everything about a task: what was said, and in plain words what was inferred."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalbench.core.evalset import Criticality, GraderSpec, Item, JsonValue, PromptSpec, Task, TaskKind
from evalbench.errors import nearest
from evalbench.loaders.canonical import canonical
from evalbench.loaders.inference import (
    CONFIDENCE,
    LABELLED_KINDS,
    MAX_DROP,
    METRICS,
    PROMPTS,
    grader_for,
    kind_of,
)
from evalbench.loaders.item_file import canonical_texts, labelled
from evalbench.loaders.items import Split
from evalbench.loaders.jsonl_file import parse
from evalbench.loaders.problems import Problems
from evalbench.loaders.prompt_check import ColumnNames, resolve_spec
from evalbench.loaders.rows import as_value
from evalbench.loaders.settings import Settings
from evalbench.registry import known

_MOST_SHOWN = 12
_LABEL_METRICS: Mapping[str, Sequence[str]] = {
    "macro_f1": ("label",),
    "micro_f1": ("label", "json_fields"),
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an eval set comes from: the folder its paths start at, and how to name it in a message."""

    folder: Path
    settings_name: str
    source: str


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
        prompt = self._prompt(kind)
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
            schema=self._schema(),
            tools=self._json("tools", said.tools),
            limits=said.limits,
            traffic=said.traffic,
            must_pass=self._must_pass(),
            allow_downgrade=said.allow_downgrade,
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
        if said is None:
            return self._default_grader(kind)
        file_name, is_file, _ = said.name.partition(".py:")
        if is_file and not (self.origin.folder / f"{file_name}.py").is_file():
            self._problem(
                "grader",
                f"there is no file '{file_name}.py' for the grader {said.name!r}",
                f"put it into {self.origin.folder}, or mend `grader:`.",
            )
            return None
        if ":" not in said.name and said.name not in known("graders"):
            self._problem(
                "grader",
                f"there is no grader named {said.name!r}; {nearest(said.name, known('graders'))}",
                f"say `grader:` one of {', '.join(sorted(known('graders')))}, or FILE.py:FUNCTION",
            )
            return None
        return said

    def _default_grader(self, kind: TaskKind) -> GraderSpec | None:
        name = grader_for(kind, (item.target for item in labelled(self.test.items)))
        if name is None:
            self._problem(
                "task",
                f"{kind} has no grader by default in this version",
                f"say `grader:` one of {', '.join(sorted(known('graders')))}, or FILE.py:FUNCTION",
            )
            return None
        self.inferred.append(f"grader: {name}")
        return GraderSpec(name)

    def _metric(self, kind: TaskKind, grader: GraderSpec) -> str:
        metric = self.settings.metric
        if metric is None:
            metric = "accuracy" if kind in LABELLED_KINDS else "mean"
            self.inferred.append(f"metric: {metric}")
        elif metric not in METRICS:
            self._problem(
                "metric",
                f"this version has no metric {metric!r}; {nearest(metric, METRICS)}",
                f"say `metric:` one of {', '.join(METRICS)}",
            )
        elif grader.name not in _LABEL_METRICS.get(metric, (grader.name,)):
            graders = " or ".join(_LABEL_METRICS[metric])
            self._problem(
                "metric", f"{metric} needs the grader {graders}, not {grader.name!r}", "say `metric: mean`"
            )
        return metric

    def _default(self, key: str, said: float | None, default: float, criticality: Criticality) -> float:
        if said is None:
            self.inferred.append(f"{key}: {default:g} (criticality {criticality})")
        return default if said is None else said

    def _labels(self, kind: TaskKind, grader: GraderSpec) -> tuple[str, ...]:
        if kind not in LABELLED_KINDS and grader.name != "label":
            return self.settings.labels or ()
        labels = self.settings.labels
        found: set[str] = set()
        for split in (self.test, *([self.train] if self.train else [])):
            for item in split.items:
                if not isinstance(item.target, str) or item.target not in found:
                    found |= self._label(item, split, labels)
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

    def _label(self, item: Item, split: Split, labels: Sequence[str] | None) -> set[str]:
        if item.target is None:
            return set()
        if not isinstance(item.target, str):
            self.problems.add(
                split.place, item.line, "the target is no text, so it is no label", "say `task:`"
            )
        elif labels is not None and item.target not in labels:
            self.problems.add(
                split.place,
                item.line,
                f"the label {item.target!r} is not in `labels`; {nearest(item.target, labels)}",
                "mend the row, or add the label to `labels:`",
            )
        else:
            return {item.target}
        return set()

    def _prompt(self, kind: TaskKind) -> PromptSpec:
        template = self.settings.prompt
        if template is None and self.test.columns.messages is not None:
            return PromptSpec(None, self.settings.system, self.settings.shots)
        if template is None:
            template = PROMPTS.get(kind, "{{ input }}")
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

    def _schema(self) -> Mapping[str, JsonValue] | None:
        schema = self._json("schema", self.settings.schema)
        if schema is None:
            return None
        if not isinstance(schema, dict):
            self._problem("schema", "`schema` is no JSON object", "give a JSON Schema")
            return None
        from jsonschema import SchemaError
        from jsonschema.validators import validator_for

        try:
            validator_for(schema).check_schema(schema)
        except SchemaError as error:
            self._problem("schema", f"`schema` is no JSON Schema: {error.message}", "mend the schema")
        return schema

    def _json(self, key: str, said: JsonValue) -> JsonValue:
        if not isinstance(said, str):
            return said
        path = self.origin.folder / said
        try:
            return as_value(parse(path.read_text(encoding="utf-8-sig")))
        except OSError as error:
            self._problem(
                key, f"cannot read {said!r} for `{key}`: {error.strerror}", "name a file that is there"
            )
        except ValueError as error:
            self._problem(key, f"{said!r} for `{key}` {error}", "mend the file")
        return None

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
