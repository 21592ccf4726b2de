"""Collect what the rules need besides the lineages: code usage, comments, configuration files."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol, TypedDict

from lineage_diff.code_analysis.uncommitted_code import BlobHistory, uncommitted_code
from lineage_diff.code_analysis.usage import UsesReader
from lineage_diff.config.ignore_comments import read_ignore_comments
from lineage_diff.config.policy_files import fetch_settings, policy_files
from lineage_diff.dvc.left_behind import hidden_files, outs_left_over
from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.limits import Limits
from lineage_diff.lineage.code_usage import IgnoreComment
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.graph import folders_around
from lineage_diff.lineage.lineage import Kept, Lineage
from lineage_diff.lineage.stage import Stage
from lineage_diff.rules.facts import RuleFacts

Lines = Mapping[str, Mapping[str, int]]


class CodeHistory(BlobHistory, Protocol):
    """The required interface of a Git repository."""

    @property
    def limits(self) -> Limits:
        """The limits for reading it."""

    def snapshot(self, commit: str) -> Snapshot:
        """Return the files of a commit."""

    def sizes(self, oids: Iterable[str]) -> Mapping[str, int]:
        """Return the bytes of objects by id, without those that this clone lacks."""


def facts_of_change(
    repository: CodeHistory,
    old_state: CommitState,
    new_state: CommitState,
    config: str | None,
    value_lines: Lines,
) -> tuple[RuleFacts, RuleFacts]:
    """Return the facts for the rules about the base and the head.

    `config` is the configuration's path where it is not the usual one; `value_lines` are those of
    the head. Only the head is searched for uncommitted code, and for DVC files of the base that it
    hides. Between two commits, the scripts of those stages alone are read that differ, or whose
    deps do: what the others lack is not this change's.
    """
    reader = UsesReader(repository.limits)
    base, head = old_state.lineage, new_state.lineage
    old, new = repository.snapshot(base.commit), repository.snapshot(head.commit)
    one_commit = base.commit == head.commit
    changed = head.stages if one_commit else _changed_stages(base, head, old, new)
    uses = before = reader.read(new, changed, head.stages)
    if not one_commit:
        before = reader.read(old, (s for s in base.stages if s.id in uses), base.stages)
        # A stage whose scripts exceed the budget in the base is not checked in the head either.
        known = {stage.id for stage in base.stages if stage.cmd} - before.keys()
        uses = {name: uses[name] for name in sorted(uses) if name not in known}
    return (
        RuleFacts(
            evidence=old_state.evidence,
            uses=before,
            ignore_comments=_ignore_comments(old, base),
            **_configuration(old, config),
        ),
        RuleFacts(
            evidence=new_state.evidence,
            uses=uses,
            uncommitted=uncommitted_code(repository, head, new_state.evidence.contents),
            ignore_comments=_ignore_comments(new, head),
            value_lines=value_lines,
            hidden=() if one_commit else hidden_files(base, head, old, new),
            kept={} if one_commit else _kept(repository, old_state, new_state, old, new),
            **_configuration(new, config),
        ),
    )


def _kept(
    repository: CodeHistory, base: CommitState, head: CommitState, old: Snapshot, new: Snapshot
) -> Mapping[str, Kept]:
    gone = outs_left_over(base.lineage, head.lineage)
    if not gone:
        return {}
    # Imported here: in most changes no out loses its stage.
    from lineage_diff.dvc.contents.kept_outs import kept_outs

    return kept_outs(gone, base, head, old, new, repository)


def _changed_stages(base: Lineage, head: Lineage, old: Snapshot, new: Snapshot) -> Iterator[Stage]:
    before: Mapping[str, Stage] = {stage.id: stage for stage in base.stages}
    differing = _differing_paths(old, new)
    for stage in head.stages:
        if before.get(stage.id) is not stage or not differing.isdisjoint(
            [dep.path for dep in stage.deps]
        ):
            yield stage


def _differing_paths(old: Snapshot, new: Snapshot) -> frozenset[str]:
    """Return the files that differ between two commits, and the folders around them."""
    files = {path for path, _ in old.files().items() ^ new.files().items()}
    return frozenset((*files, *folders_around(files), *([""] if files else ())))


def facts_of_commit(
    repository: CodeHistory, state: CommitState, config: str | None, value_lines: Lines
) -> RuleFacts:
    """Return the facts for the rules about one commit by itself."""
    snapshot = repository.snapshot(state.commit)
    return RuleFacts(
        evidence=state.evidence,
        uncommitted=uncommitted_code(repository, state.lineage, state.evidence.contents),
        ignore_comments=_ignore_comments(snapshot, state.lineage),
        value_lines=value_lines,
        **_configuration(snapshot, config),
    )


def facts_of_files(
    snapshot: Snapshot, state: CommitState, config: str | None, limits: Limits
) -> RuleFacts:
    """Return the facts for the rules about uncommitted files."""
    lineage = state.lineage
    return RuleFacts(
        evidence=state.evidence,
        uses=UsesReader(limits).read(snapshot, lineage.stages, lineage.stages),
        ignore_comments=_ignore_comments(snapshot, lineage),
        **_configuration(snapshot, config),
    )


def facts_of_tip(
    snapshot: Snapshot, tip: CommitState, head: RuleFacts, config: str | None, limits: Limits
) -> RuleFacts:
    """Return the facts about the base branch's tip, for the same stages as the head."""
    lineage = tip.lineage
    stages = (stage for stage in lineage.stages if stage.id in head.uses)
    return RuleFacts(
        evidence=tip.evidence,
        uses=UsesReader(limits).read(snapshot, stages, lineage.stages),
        ignore_comments=_ignore_comments(snapshot, lineage),
        **_configuration(snapshot, config),
    )


def configuration_facts(snapshot: Snapshot, config: str | None) -> RuleFacts:
    """Return the facts from the configuration files only."""
    return RuleFacts(**_configuration(snapshot, config))


def _ignore_comments(snapshot: Snapshot, lineage: Lineage) -> tuple[IgnoreComment, ...]:
    try:
        return read_ignore_comments(snapshot, lineage)
    except InputError:
        return ()


class _Configuration(TypedDict):
    configuration: Mapping[str, str]
    configuration_at: Mapping[str, Mapping[str, str]]
    fetch_settings: Mapping[str, str]


def _configuration(snapshot: Snapshot, config: str | None) -> _Configuration:
    found = policy_files(snapshot, config)
    return {
        "configuration": {name: " ".join(steps.values()) for name, steps in found.items()},
        "configuration_at": {name: s for name, s in found.items() if [*s] != [name]},
        "fetch_settings": fetch_settings(snapshot),
    }
