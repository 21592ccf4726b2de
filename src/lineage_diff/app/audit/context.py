"""Read the context of a question: the lineage of one commit, and the history before it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from lineage_diff import limits
from lineage_diff.app import Step
from lineage_diff.app.evaluate import read_state
from lineage_diff.app.last_readable import adopt_last_readable
from lineage_diff.app.opened import Opened, open_commit
from lineage_diff.audit.ledger import Ledger, ledger, with_links, with_runs
from lineage_diff.audit.models import Registered, past_and_present, resolve_registered
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.dvc.model_registry import read_model_registry
from lineage_diff.errors import InputError
from lineage_diff.git.repository import GitRepository
from lineage_diff.history.reader import HistoryReader
from lineage_diff.history.records import record_of
from lineage_diff.history.splices import find_splices
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.history import Record, Timeline
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.models import Model, find_models
from lineage_diff.lineage.outputs import TrackedOutput, outputs_by_path
from lineage_diff.lineage.policy import Policy
from lineage_diff.lineage.registry import RegistryVersion
from lineage_diff.lineage.version import same_version

if TYPE_CHECKING:
    from lineage_diff.freshness.stages import StageFreshness


class AuditContext(Struct, frozen=True):
    """The context. `known` has the names of all models, past and present, by path.

    The `ledger` is that of the `timeline`, with what only the commit tells.
    `made` has the outs of the commit by path.
    `freshness` is the freshness of each stage at the commit; empty if it was not requested.
    """

    opened: Opened
    state: CommitState
    made: Mapping[str, TrackedOutput]
    models: Mapping[str, Model]
    timeline: Timeline
    ledger: Ledger
    registry: tuple[RegistryVersion, ...]
    registered: tuple[Registered, ...]
    known: Mapping[str, str | None]
    freshness: "Mapping[str, StageFreshness]"

    @property
    def lineage(self) -> Lineage:
        """The lineage of the commit."""
        return self.state.lineage

    @property
    def repository(self) -> GitRepository:
        """The repository of the question."""
        return self.opened.repository

    @property
    def history(self) -> HistoryReader:
        """The reader of the earlier commits."""
        return self.opened.history

    @property
    def reader(self) -> LineageReader:
        """The reader of other commits."""
        return self.opened.reader

    @property
    def rev(self) -> str:
        """The commit, as the user named it."""
        return self.opened.rev

    @property
    def policy(self) -> Policy:
        """The configuration of the commit."""
        return self.opened.policy


def read_context(
    history: HistoryReader,
    rev: str,
    config: str | None,
    step: Step = lambda _: None,
    with_freshness: bool = False,
    strict: bool = False,
    registry: tuple[RegistryVersion, ...] | None = None,
) -> AuditContext:
    """Read a commit and its history, and with `with_freshness` its freshness.

    `registry` is the result of `read_model_registry`, if already read. Raises `InputError` if the
    commit has no DVC project.
    """
    opened = open_commit(history, rev, config)
    history, policy = opened.history, opened.policy
    reader = opened.reader
    read_timeline = history.timeline(opened.commit, strict, reader.lock_blocks, reader.dvc_files)
    step("head")
    state = (
        read_with_evidence(opened)
        if with_freshness
        else CommitState(opened.reader.read(opened.commit))
    )
    state = adopt_last_readable(opened.repository, opened.reader, state)
    lineage = state.lineage
    step("history")
    timeline = read_timeline()
    past = with_links(ledger(timeline), lineage.stages)
    past = with_runs(past, runs_before_merges(state))
    made = outputs_by_path(lineage.stages, state.evidence.contents)
    models = find_models(made, lineage.artifacts, policy)
    registry = read_model_registry(history.repository) if registry is None else registry
    registered = registered_versions(opened.reader, registry)
    return AuditContext(
        opened,
        state,
        made,
        models,
        timeline,
        past,
        registry,
        registered,
        past_and_present(past, models, registered, policy),
        _freshness(state) if with_freshness else {},
    )


def read_with_evidence(opened: Opened) -> CommitState:
    """Read the commit with all evidence but that of DVC's storage."""
    lineage, held = opened.reader.read_with_contents(opened.commit)
    splices = find_splices(opened.history, lineage)
    return read_state(opened.history, opened.reader, lineage, held, splices=splices)


def _freshness(state: CommitState) -> "Mapping[str, StageFreshness]":
    from lineage_diff.freshness.stages import freshness

    return freshness(state)


def runs_before_merges(state: CommitState) -> dict[str, Record]:
    """Return, by out, the run that a merge's parent recorded for it, if the merge combined the
    lock entry with other inputs."""
    stages = {stage.id: stage for stage in state.lineage.stages}
    return {
        out.path: record_of(stages[name], run)
        for name, splice in state.evidence.splices.items()
        for out in stages[name].outs
        for run in reversed(splice.runs)
        if same_version(run.outs.get(out.declared), out.locked)
    }


def registered_versions(
    reader: LineageReader, registry: tuple[RegistryVersion, ...]
) -> tuple[Registered, ...]:
    """Resolve the versions of the registry; of very many the newest."""
    commits = dict.fromkeys(version.commit for version in reversed(registry))
    lineages: dict[str, Lineage] = {}
    for commit in list(commits)[: limits.REGISTRY_COMMITS]:
        try:
            lineages[commit] = reader.read(commit)
        except InputError:
            continue
    return tuple(
        resolve_registered(version, lineages[version.commit])
        for version in registry
        if version.commit in lineages
    )
