"""Read `evalbench.yaml`: which models stand at which tiers, what is in use today, what may be spent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from evalbench.config.settings_file import (
    Count,
    CountOrNone,
    FreeMapping,
    NotNegative,
    Positive,
    Record,
    Word,
    check_file,
    group_or,
)
from evalbench.core.models import Model, ModelPool, Price, Tier
from evalbench.errors import InputError, nearest

FILE_NAME = "evalbench.yaml"
_SHOWN_PROBLEMS = 20
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY_LENGTH = 20
_SECRET_WORDS = frozenset({"api_key", "apikey", "authorization", "password", "token", "secret"})


def _variable_name(value: str) -> str:
    # Something that may be a key is never shown, not even in part.
    looks_like_a_key = value.startswith(("sk-", "pk-", "hf_", "gsk_", "AIza", "ghp_", "xai-")) or (
        len(value) >= _KEY_LENGTH and re.search(r"[a-z]", value) and re.search(r"[0-9]", value)
    )
    if looks_like_a_key or not _VARIABLE_NAME.fullmatch(value):
        raise ValueError(
            "must be the NAME of an environment variable, such as OPENAI_API_KEY (value not shown)"
        )
    return value


def _address(value: str) -> str:
    if "@" in value.partition("://")[2].partition("/")[0]:
        raise ValueError("holds a user or password; name a variable in `api_key_env` (value not shown)")
    if not value.startswith(("http://", "https://")):
        raise ValueError(f"is {value!r}, which does not start with http:// or https://")
    return value


def _no_secrets(params: dict[str, Any]) -> dict[str, Any]:
    secret = _SECRET_WORDS & {key.lower() for key in params}
    if secret:
        raise ValueError(f"may not hold {min(secret)!r}; name a variable in `api_key_env`")
    return params


VariableName = Annotated[Word, AfterValidator(_variable_name)]
Address = Annotated[Word, AfterValidator(_address)]


class PriceFile(Record):
    """What a model costs: per million tokens, per busy hour, or per month."""

    input: NotNegative | None = Field(default=None, description="USD per million input tokens.")
    output: NotNegative | None = Field(default=None, description="USD per million output tokens.")
    cache_read: NotNegative | None = Field(
        default=None, description="USD per million tokens read from a cache."
    )
    cache_write: NotNegative | None = Field(
        default=None, description="USD per million tokens written to a cache."
    )
    per_hour: NotNegative | None = Field(default=None, description="USD per hour that the endpoint was busy.")
    per_month: NotNegative | None = Field(
        default=None, description="USD a month for a machine that is paid anyway."
    )
    max_rps: Positive | None = Field(
        default=None, description="Most requests a second that this machine can take."
    )

    @model_validator(mode="after")
    def _one_way_of_pricing(self) -> Self:
        tokens = [self.input, self.output, self.cache_read, self.cache_write]
        by_tokens = any(price is not None for price in tokens)
        if by_tokens + (self.per_hour is not None) + (self.per_month is not None) != 1:
            raise ValueError("gives a price in one of three ways: by tokens, `per_hour`, or `per_month`")
        if by_tokens and (self.input is None or self.output is None):
            raise ValueError("needs both `input` and `output` when it is by tokens")
        if self.max_rps is not None and self.per_month is None:
            raise ValueError("has `max_rps`, which belongs to `per_month`")
        return self


class LimitsFile(Record):
    """How hard an endpoint may be pressed."""

    concurrency: Count | None = Field(default=None, description="Most calls at once.")
    rpm: Count | None = Field(default=None, description="Most requests a minute.")
    tpm: Count | None = Field(default=None, description="Most tokens a minute.")


class ModelFile(Record):
    """A model and where it lives."""

    model: Word = Field(description="A model id, local/NAME, recorded/FILE#MODEL or python/module:function.")
    api_base: Address | None = Field(default=None, description="Address of an endpoint of your own.")
    api_key_env: VariableName | None = Field(
        default=None, description="NAME of the variable that holds the key."
    )
    params: Annotated[FreeMapping, AfterValidator(_no_secrets)] = Field(
        default_factory=dict, description="Sent along as they are, for example temperature and max_tokens."
    )
    limits: LimitsFile = Field(default_factory=LimitsFile)
    price: PriceFile | None = Field(
        default=None, description="What it costs, when the price list is not to be used."
    )

    def as_model(self) -> Model:
        """The model as the rest of the program knows it."""
        price = None if self.price is None else Price(**self.price.model_dump(), source=FILE_NAME)
        return Model(
            id=self.model,
            api_base=self.api_base,
            api_key_env=self.api_key_env,
            params=self.params,
            concurrency=self.limits.concurrency,
            requests_per_minute=self.limits.rpm,
            tokens_per_minute=self.limits.tpm,
            price=price,
        )


def _model_group(value: Any) -> Any:
    return group_or("model", value)


def _switch(value: Any) -> Any:
    words = {"on": "auto", "true": "auto", "yes": "auto", "no": "off", "false": "off"}
    return words.get(str(value).lower(), str(value)) if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _tier_names(tiers: dict[str, ModelFile]) -> dict[str, ModelFile]:
    for name in tiers:
        if not name.strip() or name != name.strip() or not name.isprintable() or set(name) & set(",="):
            raise ValueError(f"has a tier named {name!r}; use a word without commas or equals signs")
    return tiers


ModelOrId = Annotated[ModelFile, BeforeValidator(_model_group, json_schema_input_type=str | ModelFile)]
Tiers = Annotated[dict[str, ModelOrId], Field(min_length=1), AfterValidator(_tier_names)]
Patterns = Annotated[list[Word], BeforeValidator(_listed, json_schema_input_type=str | list[str])]


class ProjectFile(Record):
    """Everything `evalbench.yaml` may say."""

    evalsets: Patterns = Field(["evalsets/*"], description="Folders, files and globs, relative to this file.")
    tiers: Tiers = Field(description="Models by tier, cheapest first.")
    current: Word | None = Field(default=None, description="The tier in use today. Default: the last one.")
    max_spend_usd: NotNegative | None = Field(default=None, description="A run stops before it spends more.")
    deployed: dict[str, str] = Field(default_factory=dict, description="The tier the gate guards, by task.")
    classical: Annotated[Literal["auto", "off"], BeforeValidator(_switch)] = Field(
        "auto", description="Adds a tier without a language model to every task with a train split."
    )
    judge: ModelOrId | None = Field(
        default=None, description="The model that judges where a grader needs one."
    )
    repeats: Count = Field(1, description="How often each item is asked.")
    seed: CountOrNone = Field(7, description="Decides every draw.")
    timeout_s: Positive = Field(60, description="Seconds until an attempt is given up and tried again.")
    retries: CountOrNone = Field(5, description="How often a failed attempt is repeated.")
    ledger: Word = Field(".evalbench/ledger.sqlite", description="Where answers are kept.")
    reports: Word = Field("reports", description="Where reports are written.")

    @model_validator(mode="after")
    def _tiers_exist(self) -> Self:
        if self.current is not None and self.current not in self.tiers:
            raise ValueError(
                f"'current' is {self.current!r}, which is no tier; {nearest(self.current, self.tiers)}"
            )
        for task, tier in self.deployed.items():
            if tier not in self.tiers:
                raise ValueError(
                    f"'deployed.{task}' is {tier!r}, which is no tier; {nearest(tier, self.tiers)}"
                )
        return self


@dataclass(frozen=True, slots=True)
class Project:
    """A project's settings, ready for use.

    `evalsets` are patterns relative to `folder`; `ledger` and `reports` are resolved paths.
    `tiers` are in escalation order.
    """

    path: Path
    tiers: Mapping[Tier, Model]
    current: Tier
    evalsets: tuple[str, ...]
    max_spend_usd: float | None
    deployed: Mapping[str, Tier]
    classical: bool
    judge: Model | None
    repeats: int
    seed: int
    timeout_s: float
    retries: int
    ledger: Path
    reports: Path

    @property
    def folder(self) -> Path:
        """The folder that every relative path in the file starts from."""
        return self.path.parent

    @property
    def pool(self) -> ModelPool:
        """The tiers and the one in use today."""
        return ModelPool(self.tiers, self.current)


def load_project(path: Path) -> Project:
    """Read and check a project file; all that is wrong with it is told at once."""
    if not path.is_file():
        raise InputError(f"there is no file {str(path)!r}", "write one with: evalbench init")
    checked = check_file(path, ProjectFile)
    if checked.said is None:
        raise _refusal(path, checked.problems)
    said = checked.said
    return Project(
        path=path,
        tiers={tier: model.as_model() for tier, model in said.tiers.items()},
        current=said.current or list(said.tiers)[-1],
        evalsets=tuple(said.evalsets),
        max_spend_usd=said.max_spend_usd,
        deployed=said.deployed,
        classical=said.classical == "auto",
        judge=said.judge.as_model() if said.judge else None,
        repeats=said.repeats,
        seed=said.seed,
        timeout_s=said.timeout_s,
        retries=said.retries,
        ledger=path.parent / said.ledger,
        reports=path.parent / said.reports,
    )


def _refusal(path: Path, problems: list[str]) -> InputError:
    if len(problems) == 1:
        return InputError(problems[0], f"mend this line of {path}.")
    shown = "\n  ".join(problems[:_SHOWN_PROBLEMS])
    more = f"\n  and {len(problems) - _SHOWN_PROBLEMS} more" if len(problems) > _SHOWN_PROBLEMS else ""
    return InputError(f"{len(problems)} problems in {path}:\n  {shown}{more}", f"mend these lines of {path}.")


def find_project(start: Path) -> Path | None:
    """The nearest `evalbench.yaml` in `start` or a folder above it, or None."""
    here = start.resolve()
    return next((found for folder in (here, *here.parents) if (found := folder / FILE_NAME).is_file()), None)
