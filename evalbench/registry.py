"""Find implementations by name, and load them only when they are used."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Literal, TypeAlias

from evalbench.errors import InputError, UnknownNameError

Kind: TypeAlias = Literal["graders", "providers", "loaders"]

BUILT_IN: Mapping[Kind, Mapping[str, str]] = {
    "graders": {
        "bleu": "evalbench.graders.translation:Bleu",
        "choice": "evalbench.graders.choice:Choice",
        "chrf": "evalbench.graders.translation:Chrf",
        "code": "evalbench.graders.code:Code",
        "contains": "evalbench.graders.contains:Contains",
        "exact": "evalbench.graders.exact:Exact",
        "fuzzy": "evalbench.graders.fuzzy:Fuzzy",
        "json_fields": "evalbench.graders.json_fields:JsonFields",
        "json_schema": "evalbench.graders.json_schema:JsonSchema",
        "judge": "evalbench.graders.judge:Judge",
        "label": "evalbench.graders.label:Label",
        "labels": "evalbench.graders.labels:Labels",
        "language": "evalbench.graders.language:Language",
        "length": "evalbench.graders.length:Length",
        "math": "evalbench.graders.math:Math",
        "numeric": "evalbench.graders.numeric:Numeric",
        "pairwise": "evalbench.graders.pairwise:Pairwise",
        "reformat": "evalbench.graders.reformat:Reformat",
        "refusal": "evalbench.graders.refusal:Refusal",
        "regex": "evalbench.graders.regex:Regex",
        "rouge": "evalbench.graders.rouge:Rouge",
        "similarity": "evalbench.graders.similarity:Similarity",
        "sql": "evalbench.graders.sql:Sql",
        "template": "evalbench.graders.template:Template",
        "token_f1": "evalbench.graders.token_f1:TokenF1",
    },
    "providers": {
        "local": "evalbench.providers.local.provider:LocalProvider",
        "python": "evalbench.providers.python_callable:CallableProvider",
        "recorded": "evalbench.providers.recorded:RecordedProvider",
    },
    "loaders": {
        "csv": "evalbench.loaders.csv_file:read_rows",
        "jsonl": "evalbench.loaders.jsonl_file:read_rows",
        "parquet": "evalbench.loaders.parquet_file:read_rows",
    },
}


@cache
def _installed() -> Any:
    # Read once, since every installed package is looked into; its class is another one from Python 3.12 on.
    return entry_points()


@cache
def known(kind: Kind) -> Mapping[str, str]:
    """Every available name of `kind`, with the `module:attribute` that implements it."""
    found = dict(BUILT_IN[kind])
    for point in _installed().select(group=f"evalbench.{kind}"):
        if point.name in found:
            raise InputError(
                f"two {kind} are named {point.name!r}: {found[point.name]} and {point.value}",
                "uninstall one of the two packages.",
            )
        found[point.name] = point.value
    return found


def load(kind: Kind, name: str) -> Any:
    """The implementation of `name`; an unknown name is an error with the closest match."""
    names = known(kind)
    if name not in names:
        raise UnknownNameError(kind.removesuffix("s"), name, names)
    module, _, attribute = names[name].partition(":")
    return getattr(import_module(module), attribute)
