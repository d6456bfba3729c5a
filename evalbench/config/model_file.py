"""Read a model of `evalbench.yaml`: where it lives, what is sent along, what it costs, and no secret."""

from __future__ import annotations

import re
from typing import Annotated, Any, Self
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, Field, model_validator

from evalbench.config.reserved_params import refuse_reserved
from evalbench.config.settings_file import (
    Count,
    FreeMapping,
    NotNegative,
    PlacedError,
    Positive,
    Record,
    Word,
    group_or,
)
from evalbench.core.models import Model, Price

_SOURCE = "evalbench.yaml"
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY_LENGTH = 20
_SECRET_MEMBER = re.compile(r"key|token|secret|passw|credential|signature|(?<![a-z])(?:sig|code)(?![a-z])")
_COUNTS = ("max_tokens", "max_completion_tokens")
_GROUPS = ("extra_body", "extra_headers", "headers")
_SECRET_WORDS = frozenset({"api_key", "apikey", "authorization", "password", "token", "secret", "x-api-key"})


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
    value = value.strip()
    if "@" in value.partition("://")[2].partition("/")[0]:
        raise ValueError("holds a user or password; name a variable in `api_key_env` (value not shown)")
    if not value.startswith(("http://", "https://")):
        raise ValueError(f"is {value!r}, which does not start with http:// or https://")
    gap = re.search(r"[\s\x00-\x1f\x7f]", value)
    if gap is not None:
        # What follows a question mark may be a key.
        shown = value[: gap.start()].partition("?")[0]
        raise PlacedError(
            f"goes on with {gap.group()!r} after {shown!r}; no address has spaces or line breaks",
            fix=f"write `api_base: {shown}`, or %20 for a space that belongs to it.",
        )
    secret = next(
        (name for name, _ in parse_qsl(urlsplit(value).query, keep_blank_values=True) if _is_secret(name)),
        None,
    )
    if secret is not None:
        raise ValueError(f"may not hold {secret!r}; name a variable in `api_key_env` (value not shown)")
    return value


def _is_secret(name: str) -> bool:
    return _SECRET_MEMBER.search(name.lower()) is not None


def _limits_are_counts(params: dict[str, Any]) -> dict[str, Any]:
    """A limit that is no number would be refused by the endpoint, or ignored and the cap not hold."""
    extra = params.get("extra_body")
    groups = ((), params), (("extra_body",), extra if isinstance(extra, dict) else {})
    for place, group in groups:
        for name in _COUNTS:
            limit = group.get(name)
            if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
                raise PlacedError(
                    f"has {name}: {limit!r}, which is no whole number from 1 on", (*place, name)
                )
    return params


def _no_secrets(params: dict[str, Any]) -> dict[str, Any]:
    groups = {group: inner for group in _GROUPS if isinstance(inner := params.get(group), dict)}
    for place, names in ((), params), *(((group,), inner) for group, inner in groups.items()):
        secret = next((name for name in names if str(name).lower() in _SECRET_WORDS), None)
        if secret is not None:
            problem = f"may not hold {secret!r}; name a variable in `api_key_env` (value not shown)"
            raise PlacedError(problem, (*place, secret))
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
    params: Annotated[FreeMapping, AfterValidator(_no_secrets), AfterValidator(_limits_are_counts)] = Field(
        default_factory=dict, description="Sent along as they are, for example temperature and max_tokens."
    )
    limits: LimitsFile = Field(default_factory=LimitsFile)
    price: PriceFile | None = Field(
        default=None, description="What it costs, when the price list is not to be used."
    )

    @model_validator(mode="after")
    def _nothing_replaced(self) -> Self:
        refuse_reserved(self.model, self.params)
        return self

    def as_model(self) -> Model:
        """The model as the rest of the program knows it."""
        price = None if self.price is None else Price(**self.price.model_dump(), source=_SOURCE)
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


def model_group(value: Any) -> Any:
    """A bare id as the model that it abbreviates."""
    return group_or("model", value)
