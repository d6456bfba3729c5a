"""Settle what a command works with: flag before environment before project file before default."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from evalbench.assembly.options import ProjectOptions, SetOptions
from evalbench.assembly.wiring import CLASSICAL_TIER, LOCAL_TIERS, load_env_file, priced_pool
from evalbench.config.evalset_file import read_evalset_file
from evalbench.config.project import Project, find_project, load_project
from evalbench.core.evalset import EvalSet
from evalbench.core.models import Model, ModelPool, Tier
from evalbench.errors import EvalSetError, InputError, UnknownNameError, nearest
from evalbench.loaders.find import NEW, find_evalsets, shipped_folder
from evalbench.loaders.load import load_all, load_evalset, named_evalset, names_of
from evalbench.loaders.settings import Overrides
from evalbench.pricing.sources import with_price

DEFAULT_SEED = 7
_SHOWN_SETS = 12
_NAMES_BY_COUNT: Mapping[int, tuple[Tier, ...]] = {
    1: ("large",),
    2: ("small", "large"),
    3: ("small", "medium", "large"),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything a command needs to know about its project.

    `is_default_ladder` says that nobody named models, so the classical ones of this process
    are used. `left_out` is the current tier of the project where only others were chosen.
    """

    folder: Path
    pool: ModelPool
    patterns: tuple[str, ...]
    ledger: Path
    reports: Path
    timeout_s: float = 60.0
    retries: int = 5
    repeats: int = 1
    seed: int = DEFAULT_SEED
    max_spend_usd: float | None = None
    classical: bool = True
    is_default_ladder: bool = False
    config: Path | None = None
    known_tiers: frozenset[Tier] = frozenset()
    deployed: Mapping[str, Tier] = field(default_factory=dict)
    judge: Model | None = None
    left_out: Tier | None = None


def settle(options: ProjectOptions) -> Setting:
    """The setting of a command, from its options and the nearest project file."""
    if options.env_file is not None:
        load_env_file(options.env_file)
    path = options.config or _nearest_project()
    project = None if path is None else load_project(path)
    base = _without_file() if project is None else _from_file(project)
    pool = base.pool if not options.models else _pool_of(options.models)
    chosen = _chosen(pool, options.tiers, options.current)
    return Setting(
        folder=Path() if options.models else base.folder,
        pool=priced_pool(chosen),
        patterns=base.patterns,
        ledger=options.ledger or base.ledger,
        reports=options.reports or base.reports,
        timeout_s=base.timeout_s,
        retries=base.retries,
        repeats=base.repeats,
        seed=base.seed,
        max_spend_usd=base.max_spend_usd,
        classical=base.classical and not options.tiers,
        is_default_ladder=base.is_default_ladder and not options.models,
        config=base.config,
        known_tiers=frozenset(pool.models),
        deployed=base.deployed,
        judge=None if base.judge is None else with_price(base.judge),
        left_out=None if options.current or pool.current in chosen.models else pool.current,
    )


def _nearest_project() -> Path | None:
    """The nearest project file, as one would write it from here: reports show such paths."""
    found = find_project(Path.cwd())
    return None if found is None else Path(os.path.relpath(found))


def _without_file() -> Setting:
    return Setting(
        folder=Path(),
        pool=ModelPool(LOCAL_TIERS, "large"),
        patterns=("evalsets/*",),
        ledger=Path(".evalbench/ledger.sqlite"),
        reports=Path("reports"),
        is_default_ladder=True,
    )


def _from_file(project: Project) -> Setting:
    return Setting(
        folder=project.folder,
        pool=project.pool,
        patterns=project.evalsets,
        ledger=project.ledger,
        reports=project.reports,
        timeout_s=project.timeout_s,
        retries=project.retries,
        repeats=project.repeats,
        seed=project.seed,
        max_spend_usd=project.max_spend_usd,
        classical=project.classical,
        config=project.path,
        deployed=project.deployed,
        judge=project.judge,
    )


def _pool_of(models: tuple[str, ...]) -> ModelPool:
    names = tier_names(len(models))
    return ModelPool({name: Model(model) for name, model in zip(names, models, strict=True)}, names[-1])


def tier_names(models: int) -> tuple[Tier, ...]:
    """What so many models are called where nobody named their tiers, cheapest first."""
    return _NAMES_BY_COUNT.get(models) or tuple(f"tier{number}" for number in range(1, models + 1))


def _chosen(pool: ModelPool, tiers: tuple[Tier, ...], current: Tier | None) -> ModelPool:
    for name in (*tiers, *([current] if current else [])):
        if name not in pool.models:
            raise UnknownNameError("tier", name, pool.tiers)
    kept = {tier: model for tier, model in pool.models.items() if not tiers or tier in tiers}
    if current is None:
        current = pool.current if pool.current in kept else list(kept)[-1]
    if current not in kept:
        raise InputError(
            f"the current tier {current!r} is not among --tiers",
            f"add it: --tiers {','.join(tiers)},{current}",
        )
    return ModelPool(kept, current)


def load_sets(setting: Setting, options: SetOptions) -> list[EvalSet]:
    """The eval sets a command asks for: by folder, file or glob, or by name, own ones before shipped."""
    return [_with_tier_warnings(each, setting) for each in _loaded(setting, options)]


def _with_tier_warnings(evalset: EvalSet, setting: Setting) -> EvalSet:
    """A help that reaches no tier would go unnoticed, and the tier be measured without it."""
    known = (*setting.known_tiers, CLASSICAL_TIER)
    strangers = [tier for tier in evalset.task.per_tier if tier not in known]
    warnings = [f"`per_tier` names {tier!r}, which is no tier; {nearest(tier, known)}" for tier in strangers]
    return replace(evalset, warnings=(*evalset.warnings, *warnings))


def nothing_named(setting: Setting, command: str) -> EvalSetError:
    """What to say where `command` needs an eval set and none is named: those that the project has."""
    names = sorted(names_of(setting.patterns, setting.folder, read_settings=read_evalset_file))
    if not names:
        return EvalSetError("no eval set is named, and the project has none", NEW)
    more = f"; or {', '.join(names[1:_SHOWN_SETS])}" if names[1:] else ""
    left = f" and {len(names) - _SHOWN_SETS:,} more" if len(names) > _SHOWN_SETS else ""
    return EvalSetError("no eval set is named", f"{command} {shlex.quote(names[0])}{more}{left}")


def overrides_of(options: SetOptions) -> Overrides:
    """What the command line says of an eval set instead of its file."""
    return Overrides(
        input=options.input,
        target=options.target,
        prompt=options.prompt,
        train=options.train,
        id=options.id,
        group=options.group,
        grader=options.grader,
        task=options.task,
        max_drop=options.max_drop,
    )


def _loaded(setting: Setting, options: SetOptions) -> list[EvalSet]:
    overrides = overrides_of(options)
    if overrides != Overrides():
        place = _only_place(setting, options)
        loaded = load_evalset(place, overrides, read_settings=read_evalset_file, strict=options.strict)
        return [_by_name(loaded)]
    if not options.evalsets:
        return load_all(
            setting.patterns, setting.folder, read_settings=read_evalset_file, strict=options.strict
        )
    places = [str(_place_asked_for(setting, options, name)) for name in options.evalsets]
    loaded_sets = load_all(places, Path(), read_settings=read_evalset_file, strict=options.strict)
    return [_by_name(each) for each in loaded_sets]


def _only_place(setting: Setting, options: SetOptions) -> Path:
    named = [_place_asked_for(setting, options, name) for name in options.evalsets]
    found = named or find_evalsets(setting.patterns, setting.folder)
    refuse_several(found, are_named=bool(named))
    return found[0]


def refuse_several(found: Sequence[Path], *, are_named: bool) -> None:
    """What the command line says instead of a file, it can say of one eval set alone."""
    if len(found) > 1:
        raise InputError(
            "columns, prompt and terms on the command line are for one eval set, "
            f"and {len(found)} are {'named' if are_named else 'in the project'}",
            "name one, or write these settings into each evalset.yaml.",
        )


def _place_asked_for(setting: Setting, options: SetOptions, name: str) -> Path:
    if options.is_shipped:
        return shipped_folder() / name
    if Path(name).exists() or any(mark in name for mark in "*?[/\\"):
        return Path(name)
    own = named_evalset(name, setting.patterns, setting.folder, read_settings=read_evalset_file)
    return place_of(name) if own is None else own


def _by_name(evalset: EvalSet) -> EvalSet:
    """A shipped eval set is called by its name: where it is installed is nobody's business."""
    source = Path(evalset.task.source or "")
    if source.parent.resolve() != shipped_folder().resolve() or not source.is_absolute():
        return evalset
    return replace(evalset, task=replace(evalset.task, source=source.name))


def place_of(name: str) -> Path:
    """A path as it is, or the folder of a shipped eval set of that name."""
    path = Path(name)
    if path.exists() or any(mark in name for mark in "*?[/\\.") or not (shipped_folder() / name).is_dir():
        return path
    return shipped_folder() / name
