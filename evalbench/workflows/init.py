"""Start a project: a short commented configuration, and an eval set that works and can be edited."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from evalbench.assembly.options import ModelChoice
from evalbench.assembly.proposal import Proposal, propose
from evalbench.assembly.starter import price_words, source_words, starter_text
from evalbench.config.project import FILE_NAME
from evalbench.config.schema import EVALSET_SCHEMA, PROJECT_SCHEMA, write_schemas
from evalbench.core.models import Model
from evalbench.errors import InputError
from evalbench.loaders.find import SETTINGS_NAME, shipped_folder
from evalbench.providers.discovery import PLACES, Key, Place, Server, keys, servers

STARTER_SET = "spam-filter"
_SCHEMAS = Path(".evalbench") / "schema"
_COPIED = (SETTINGS_NAME, "items.jsonl", "train.jsonl")
_ENV_FILE = ".env"
_SHOWN_MODELS = 5


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where to look for keys and model servers, and what day it is."""

    environ: Mapping[str, str]
    places: tuple[Place, ...] = PLACES
    today: date = field(default_factory=date.today)


@dataclass(frozen=True, slots=True)
class Started:
    """The files that were written, and in plain words what was found, proposed, and comes next.

    `commands` are pairs of a command and what it is good for.
    """

    config: Path
    evalset: Path
    tiers: Mapping[str, str]
    found: tuple[str, ...]
    proposed: tuple[str, ...]
    commands: tuple[tuple[str, str], ...]


def init(folder: Path, choice: ModelChoice, around: Surroundings) -> Started:
    """Write a project into `folder`; nothing that is there is ever overwritten."""
    config = folder / FILE_NAME
    evalset = folder / "evalsets" / STARTER_SET
    for path in (config, evalset):
        if path.exists() or path.is_symlink():
            raise InputError(f"{str(path)!r} is there already", "name another folder: evalbench init DIR.")
    own_keys = keys(around.environ, _env_files(folder))
    answering = servers(around.places)
    proposal = propose(own_keys, answering, choice, around.today)
    _write(config, evalset, f"{_editor_line(PROJECT_SCHEMA, folder, folder)}{starter_text(proposal)}")
    return Started(
        config,
        evalset,
        {tier: model.id for tier, model in proposal.tiers.items()},
        tuple(_found(own_keys, answering, around.places)),
        tuple(_proposed(folder, proposal)),
        tuple(_commands(folder, proposal)),
    )


def _env_files(folder: Path) -> list[Path]:
    """The project's own `.env`, and the one of the folder one stands in."""
    paths = {(place / _ENV_FILE).resolve(): place / _ENV_FILE for place in (folder, Path())}
    return list(paths.values())


def _editor_line(schema: str, start: Path, folder: Path) -> str:
    """What tells editors where the schema lies by which they complete and check the file in `start`."""
    place = Path(os.path.relpath(folder / _SCHEMAS, start)) / schema
    return f"# yaml-language-server: $schema={place.as_posix()}\n"


def _write(config: Path, evalset: Path, text: str) -> None:
    schemas, settings = config.parent / _SCHEMAS, evalset / SETTINGS_NAME
    try:
        evalset.mkdir(parents=True)
        for name in _COPIED:
            shutil.copyfile(shipped_folder() / STARTER_SET / name, evalset / name)
        line = _editor_line(EVALSET_SCHEMA, evalset, config.parent)
        settings.write_text(f"{line}{settings.read_text(encoding='utf-8')}", encoding="utf-8")
        schemas.mkdir(parents=True, exist_ok=True)
        write_schemas(schemas)
        with config.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InputError(
            f"{str(config.parent)!r} cannot be written: {error}", "name another folder."
        ) from error


def _found(own_keys: Sequence[Key], answering: Sequence[Server], places: Sequence[Place]) -> Iterator[str]:
    for key in own_keys:
        where = "is set" if key.file is None else f"is in {key.file}, not in the environment"
        yield f"{key.variable} {where}"
    for server in answering:
        names = ", ".join(server.models[:_SHOWN_MODELS]) + (
            " …" if len(server.models) > _SHOWN_MODELS else ""
        )
        yield f"a model server on port {server.place.port} ({server.place.name}) with {names or 'no models'}"
    if not own_keys:
        yield "no variable with a key of a known provider"
    if not answering:
        ports = ", ".join(f"{place.port} ({place.name})" for place in places)
        yield f"no model server on this machine; looked at ports {ports}"


def _proposed(folder: Path, proposal: Proposal) -> Iterator[str]:
    width = max(len(tier) for tier in proposal.tiers)
    longest = max(len(model.id) for model in proposal.tiers.values())
    for tier, model in proposal.tiers.items():
        yield f"{tier:{width}}  {model.id:{longest}}  {_cost_words(model, proposal)}".rstrip()
    yield from proposal.why
    if proposal.key is not None:
        price = next(iter(proposal.tiers.values())).price
        yield f"prices are USD per million tokens: {source_words(price)}"
    flag = _env_flag(folder, proposal)
    if proposal.key is not None and flag:
        yield f"{proposal.key.variable} is only in a file, which no command reads by itself: add{flag}"
    if proposal.is_served:
        yield "fill in `price: {per_hour: ...}`: without it no saving can be computed"


def _cost_words(model: Model, proposal: Proposal) -> str:
    if proposal.key is not None:
        return price_words(model.price)
    return f"at {model.api_base}" if proposal.is_served else ""


def _commands(folder: Path, proposal: Proposal) -> Iterator[tuple[str, str]]:
    if folder != Path():
        yield f"cd {shlex.quote(str(folder))}", "the project"
    loaded = _env_flag(folder, proposal)
    if proposal.key is not None or proposal.is_served:
        yield f"evalbench doctor --call{loaded}", "asks every tier one small question"
    trying = f"evalbench try evalsets/{STARTER_SET} -n 1{loaded}"
    yield trying, "shows prompt, answer, score and cost of one item"
    if proposal.key is not None:
        yield f"evalbench run --dry-run{loaded}", "says what a run would cost"
    yield f"evalbench run{loaded}", "the verdict"
    yield "evalbench evalsets new your-file.csv", "makes an eval set of your own examples"


def _env_flag(folder: Path, proposal: Proposal) -> str:
    """The flag without which a key that stands only in a file is not found from the project's folder."""
    if proposal.key is None or proposal.key.file is None:
        return ""
    return f" --env-file {shlex.quote(os.path.relpath(proposal.key.file, folder))}"
