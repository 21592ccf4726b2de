"""All that is read to answer questions at one commit: its lineage, and the history before it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from lineage_diff import limits
from lineage_diff.app.audit.request import Step
from lineage_diff.app.last_readable import with_last_readable
from lineage_diff.audit.ledger import Ledger, ledger
from lineage_diff.audit.models import Registered, past_and_present, registered_at
from lineage_diff.config.loader import read_policy
from lineage_diff.dvc.lineage_reader import LineageReader, has_project
from lineage_diff.errors import InputError, no_dvc
from lineage_diff.git.repository import GitRepository
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.models import Model, find_models
from lineage_diff.lineage.outputs import made_outs
from lineage_diff.lineage.policy import Policy
from lineage_diff.lineage.registry import RegistryVersion
from lineage_diff.rules.rule_names import rule_names

if TYPE_CHECKING:
    from lineage_diff.freshness.stages import StageFreshness


class Scene(Struct, frozen=True):
    """What was read. `known` are the names of all models, past and present, by path.

    `freshness` is that of each stage at the commit, where it was asked for.
    """

    repository: GitRepository
    reader: LineageReader
    rev: str
    policy: Policy
    lineage: Lineage
    models: Mapping[str, Model]
    ledger: Ledger
    registry: tuple[RegistryVersion, ...]
    registered: tuple[Registered, ...]
    known: Mapping[str, str | None]
    freshness: "Mapping[str, StageFreshness]"


def read_scene(
    repository: GitRepository,
    rev: str,
    config: str | None,
    step: Step = lambda _: None,
    judged: bool = False,
    careful: bool = False,
) -> Scene:
    """Read a commit and all before it, and judge its freshness where that is asked for.

    Raises `InputError` where there is no DVC in it.
    """
    commit = repository.resolve(rev)
    files = repository.snapshot(commit)
    if not has_project(files):
        raise no_dvc(rev)
    policy = read_policy(files, config, rule_names)
    timeline = repository.timeline(commit, careful)
    step("head")
    reader = LineageReader(repository)
    lineage = reader.read(commit, contents=judged)
    if judged:
        from lineage_diff.history.since_locked import with_history

        lineage = with_history(repository, reader, lineage)
    lineage = with_last_readable(repository, reader, lineage)
    step("history")
    past = ledger(timeline())
    models = find_models(made_outs(lineage.stages, lineage.contents), lineage.artifacts, policy)
    registry = repository.registry()
    registered = _registered(reader, registry)
    return Scene(
        repository,
        reader,
        rev,
        policy,
        lineage,
        models,
        past,
        registry,
        registered,
        past_and_present(past, models, registered, policy),
        _freshness(lineage) if judged else {},
    )


def _freshness(lineage: Lineage) -> "Mapping[str, StageFreshness]":
    from lineage_diff.freshness.stages import freshness

    return freshness(lineage)


def _registered(
    reader: LineageReader, registry: tuple[RegistryVersion, ...]
) -> tuple[Registered, ...]:
    """Find what the versions of the registry are; the newest, where there are very many."""
    commits = dict.fromkeys(version.commit for version in reversed(registry))
    lineages: dict[str, Lineage] = {}
    for commit in list(commits)[: limits.REGISTRY_COMMITS]:
        try:
            lineages[commit] = reader.read(commit, contents=False)
        except InputError:
            continue
    return tuple(
        registered_at(version, lineages[version.commit])
        for version in registry
        if version.commit in lineages
    )
