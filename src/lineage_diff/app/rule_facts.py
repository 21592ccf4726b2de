"""What the rules need to know of two commits beyond their lineages."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from msgspec.structs import replace

from lineage_diff.code_analysis.uncommitted_code import Repository as HistoryRepository
from lineage_diff.code_analysis.uncommitted_code import uncommitted_code
from lineage_diff.code_analysis.usage import UsesReader
from lineage_diff.config.ignore_comments import read_silences
from lineage_diff.config.policy_files import fetch_settings, policy_files
from lineage_diff.dvc.hidden_files import hidden_files
from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.limits import Limits
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Stage


class Repository(HistoryRepository, Protocol):
    """What is asked of a Git repository."""

    @property
    def limits(self) -> Limits:
        """The limits within which it is read."""

    def snapshot(self, commit: str) -> Snapshot:
        """Return the files of a commit."""


def with_facts(
    repository: Repository, base: Lineage, head: Lineage, config: str | None = None
) -> tuple[Lineage, Lineage]:
    """Return both lineages with their uses, silences, configuration and uncommitted code.

    `config` is the configuration's path where it is not the usual one. Only the head is searched
    for uncommitted code, and for DVC files of the base that it hides. Between two commits, the
    scripts of those stages alone are read that differ, or whose deps do: what the others lack is
    not this change's.
    """
    reader = UsesReader(repository.limits)
    old, new = repository.snapshot(base.commit), repository.snapshot(head.commit)
    if base.commit == head.commit:
        read = reader.read(new, head.stages, head.stages)
        full = with_files(replace(head, uses=read), new, config)
        return full, replace(full, uncommitted=uncommitted_code(repository, head))
    read = reader.read(new, _changed(base, head, old, new), head.stages)
    before = reader.read(old, (stage for stage in base.stages if stage.id in read), base.stages)
    # A stage whose scripts the base has no room for is not judged in the head either.
    known = {stage.id for stage in base.stages if stage.cmd} - before.keys()
    uses = {name: read[name] for name in sorted(read) if name not in known}
    head = replace(head, uses=uses, uncommitted=uncommitted_code(repository, head))
    head = replace(head, hidden=hidden_files(base, head, old, new))
    return with_files(replace(base, uses=before), old, config), with_files(head, new, config)


def _changed(base: Lineage, head: Lineage, old: Snapshot, new: Snapshot) -> Iterator[Stage]:
    before: Mapping[str, Stage] = {stage.id: stage for stage in base.stages}
    for stage in head.stages:
        if before.get(stage.id) is not stage or any(
            old.entry(dep.path) != new.entry(dep.path) for dep in stage.deps
        ):
            yield stage


def with_uses(lineage: Lineage, snapshot: Snapshot, limits: Limits) -> Lineage:
    """Return the lineage with what its stages use."""
    return replace(lineage, uses=UsesReader(limits).read(snapshot, lineage.stages, lineage.stages))


def with_files(lineage: Lineage, snapshot: Snapshot, config: str | None) -> Lineage:
    """Return the lineage with its silences and the configuration's files."""
    try:
        silences = read_silences(snapshot, lineage)
    except InputError:
        silences = ()
    return with_configuration(replace(lineage, silences=silences), snapshot, config)


def with_configuration(lineage: Lineage, snapshot: Snapshot, config: str | None) -> Lineage:
    """Return the lineage with the configuration's files."""
    found = policy_files(snapshot, config)
    return replace(
        lineage,
        configuration={name: " ".join(steps.values()) for name, steps in found.items()},
        configuration_at={name: steps for name, steps in found.items() if [*steps] != [name]},
        fetch_settings=fetch_settings(snapshot),
    )


def with_facts_of(
    head: Lineage, tip: Lineage, snapshot: Snapshot, config: str | None, limits: Limits
) -> Lineage:
    """Return the tip of the base branch with what is known of the head: the same stages' uses."""
    stages = (stage for stage in tip.stages if stage.id in head.uses)
    uses = UsesReader(limits).read(snapshot, stages, tip.stages)
    return with_files(replace(tip, uses=uses), snapshot, config)
