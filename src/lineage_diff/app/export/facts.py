"""Read the facts of a commit, or of a history, for an export."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff import __version__
from lineage_diff.app import Step
from lineage_diff.app.audit.context import (
    AuditContext,
    read_with_evidence,
    registered_versions,
    runs_before_merges,
)
from lineage_diff.app.audit.questions import read_models
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.app.export.files import file_facts
from lineage_diff.app.last_readable import adopt_last_readable
from lineage_diff.app.opened import Opened, find_commit, open_commit
from lineage_diff.app.owners.cards import owners_of
from lineage_diff.app.repository_name import address_of
from lineage_diff.audit.history import history_steps
from lineage_diff.audit.ledger import followed_links
from lineage_diff.audit.models import Registered
from lineage_diff.catalog.commit_facts import (
    ExportedCommit,
    Selection,
    commit_facts,
    metrics_of_no_run,
    select_models,
)
from lineage_diff.catalog.facts import Fact, RepositoryFact, UnknownFact
from lineage_diff.catalog.formats import ScopeName
from lineage_diff.catalog.recent_ledger import RecentLedger
from lineage_diff.catalog.runs import Past, current_runs, facts_of_models, runs_over_time
from lineage_diff.dvc.cloud_files import cloud_addresses
from lineage_diff.dvc.model_registry import read_model_registry
from lineage_diff.freshness.stages import StageFreshness, freshness
from lineage_diff.git.remote_address import RemoteAddress, remote_address
from lineage_diff.lineage.evidence import commit_alone
from lineage_diff.lineage.history import Point
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.models import Model, by_convention, find_models
from lineage_diff.lineage.outputs import TrackedOutput, outputs_by_path
from lineage_diff.lineage.paths import matcher
from lineage_diff.lineage.registry import RegistryVersion
from lineage_diff.parsing.yaml_loader import collection_paused

SHALLOW = "the clone is shallow: nothing before its oldest commit is known"
# Commits whose metrics are read from Git at once.
_BATCH = 128
# Blocks of old locks in memory: some ten megabytes.
BLOCKS = 10_000


class Scope(Struct, frozen=True):
    """What to export: the commit, or all that its history recorded, or that after `since`.

    `models` names models; with none, everything is exported. Of a history, all runs that made a
    version of a model follow, and those behind them. With `files`, an export of the commit has the
    hashes of its files in Git, and with `fetch` those of its models in DVC's storage. Without
    `freshness`, that of the stages is left out where this saves time. `address` is the URL of the
    repository where no remote has it; the configuration counts more.
    """

    whole: bool = False
    since: str | None = None
    models: tuple[str, ...] = ()
    files: bool = False
    fetch: bool = False
    freshness: bool = True
    address: str | None = None


COMMIT_ALONE = Scope()


def read_facts(
    request: AuditRequest, scope: Scope = COMMIT_ALONE, step: Step = lambda _: None
) -> Iterator[Fact]:
    """Yield the facts of a commit and its runs, in the order of `catalog.facts`.

    Raises `InputError` for an unknown revision or model, and if the commit has no DVC project. This
    happens before the first fact.
    """
    if scope.whole or scope.since is not None:
        return _history_facts(request, scope, step)
    return _current_facts(request, scope, step)


def _current_facts(request: AuditRequest, scope: Scope, step: Step) -> Iterator[Fact]:
    context, paths = read_models(replace(request, strict=True), scope.models, step)
    return commit_and_run_facts(context, paths, scope)


def commit_and_run_facts(
    context: AuditContext, paths: Sequence[str], scope: Scope
) -> Iterator[Fact]:
    """Yield the facts of a commit that was read; with models in the scope, of those at `paths`."""
    address = _address(context.opened, scope)
    head = _exported_of(context, scope)
    selected = select_models(head, frozenset(paths)) if scope.models else None
    yield from _repository(context.opened, address, head, "commit")
    yield from commit_facts(head, selected)
    if scope.files:
        yield from file_facts(head, context.opened.files, selected)
    if scope.fetch:
        # Imported here: it needs the client of DVC's storage.
        from lineage_diff.app.export.fetched import fetched_facts

        yield from fetched_facts(head, context.opened, selected)
    is_model = _is_model(context.opened, head)
    replaced = runs_before_merges(context.state)
    yield from current_runs(head, context.ledger, replaced, is_model, selected)


def _history_facts(request: AuditRequest, scope: Scope, step: Step) -> Iterator[Fact]:
    if scope.models:
        return _history_of_models(request, scope, step)
    opened, head = _whole_commit(request, scope, step)
    exported = _exported_past(request, scope, opened, head)
    step("history")
    points = opened.history.points(opened.commit, BLOCKS)()
    return chain(head_facts(exported), past_facts(exported, points))


def _history_of_models(request: AuditRequest, scope: Scope, step: Step) -> Iterator[Fact]:
    context, paths = read_models(replace(request, strict=True), scope.models, step)
    head = _exported_of(context, scope)
    selected, outs = select_models(head, frozenset(paths)), _outs_over_time(context, paths)
    exported = _exported_past(request, scope, context.opened, head)
    # The models were looked up in the history, so it is in memory.
    past = facts_of_models(lambda: past_facts(exported, context.timeline.points), outs)
    return chain(head_facts(exported, selected), past)


def _exported_past(
    request: AuditRequest, scope: Scope, opened: Opened, head: ExportedCommit
) -> "HistoryHead":
    commits = None
    if scope.since is not None:
        since = find_commit(opened.repository, scope.since, request.config)
        commits = opened.history.commits_without(opened.commit, since)
    return _with_past(opened, _address(opened, scope), head, commits)


class HistoryHead(Struct, frozen=True):
    """The last commit of an exported history, and what the runs before it need of it."""

    opened: Opened
    address: RemoteAddress | None
    commit: ExportedCommit
    past: Past


def read_head(opened: Opened) -> HistoryHead:
    """Read the last commit of a history, to export the whole of it."""
    address = _address(opened, COMMIT_ALONE)
    return _with_past(opened, address, _read_commit(opened, address, with_freshness=True), None)


def head_facts(head: HistoryHead, selected: Selection | None = None) -> Iterator[Fact]:
    """Yield the facts of the last commit of a history; of the selected stages and models."""
    yield from _repository(head.opened, head.address, head.commit, "history")
    yield from commit_facts(head.commit, selected)
    yield from metrics_of_no_run(head.commit, selected)


def past_facts(
    head: HistoryHead, points: Iterable[Point], ledger: RecentLedger | None = None
) -> Iterator[Fact]:
    """Yield the facts of the runs that commits recorded, the oldest commit first.

    `ledger` has the outs before the first point, if it is not the first of the history.
    """
    # Only the freshness of the last commit needs them.
    head.opened.history.forget_lock_commits()
    return runs_over_time(head.commit, _batches(iter(points)), head.past, ledger)


def repository_of(opened: Opened) -> str:
    """Return the key of the repository in its facts."""
    return _key(opened, _address(opened, COMMIT_ALONE))


def _with_past(
    opened: Opened,
    address: RemoteAddress | None,
    head: ExportedCommit,
    commits: frozenset[str] | None,
) -> HistoryHead:
    past = Past(
        not opened.repository.is_shallow,
        commits,
        followed_links(head.lineage.stages),
        opened.history.values_at,
        _is_model(opened, head),
    )
    return HistoryHead(opened, address, head, past)


def _whole_commit(request: AuditRequest, scope: Scope, step: Step) -> tuple[Opened, ExportedCommit]:
    opened = open_commit(request.history, request.revision, request.config)
    step("head")
    return opened, _read_commit(opened, _address(opened, scope), scope.freshness)


def _read_commit(
    opened: Opened, address: RemoteAddress | None, with_freshness: bool
) -> ExportedCommit:
    state = (
        read_with_evidence(opened)
        if with_freshness
        else commit_alone(*opened.reader.read_with_contents(opened.commit))
    )
    state = adopt_last_readable(opened.repository, opened.reader, state)
    registry = read_model_registry(opened.repository)
    registered = registered_versions(opened.reader, registry)
    made = outputs_by_path(state.lineage.stages, state.evidence.contents)
    models = find_models(made, state.lineage.artifacts, opened.policy)
    fresh = freshness(state) if with_freshness else {}
    return _exported(opened, address, state.lineage, made, models, fresh, registry, registered)


def _outs_over_time(context: AuditContext, paths: Iterable[str]) -> frozenset[str]:
    """Return the paths of models, of the outs around them, and their earlier ones."""
    made = (context.models[path].made for path in paths if path in context.models)
    outs = {*paths, *(item.out.path for item in made if item is not None)}
    steps = (step for path in sorted(outs) for step in history_steps(context.ledger, path))
    return frozenset((*outs, *(step.path for step in steps)))


def _exported_of(context: AuditContext, scope: Scope) -> ExportedCommit:
    return _exported(
        context.opened,
        _address(context.opened, scope),
        context.lineage,
        context.made,
        context.models,
        context.freshness,
        context.registry,
        context.registered,
    )


def _exported(
    opened: Opened,
    address: RemoteAddress | None,
    lineage: Lineage,
    made: Mapping[str, TrackedOutput],
    models: Mapping[str, Model],
    freshness: Mapping[str, StageFreshness],
    registry: tuple[RegistryVersion, ...],
    registered: tuple[Registered, ...],
) -> ExportedCommit:
    return ExportedCommit(
        _key(opened, address),
        opened.history.commit_info(opened.commit),
        lineage,
        made,
        models,
        freshness,
        registry,
        registered,
        owners_of(models, lineage, opened.files),
        cloud_addresses(opened.files, made.values()),
    )


def _address(opened: Opened, scope: Scope) -> RemoteAddress | None:
    if opened.policy.repository is None and scope.address is not None:
        return remote_address(scope.address)
    return address_of(opened.repository, opened.policy)


def _key(opened: Opened, address: RemoteAddress | None) -> str:
    """Return the key of the repository: its address, else the id of its first commit."""
    if address is not None:
        return address.id
    return f"commit:{opened.repository.first_commit(opened.commit)}"


def _repository(
    opened: Opened, address: RemoteAddress | None, head: ExportedCommit, scope: ScopeName
) -> Iterator[Fact]:
    is_complete = not opened.repository.is_shallow
    yield RepositoryFact(
        repository=head.repository,
        host=address.host if address is not None else None,
        name=address.name if address is not None else None,
        url=address.web if address is not None else None,
        head=head.commit,
        rev=opened.rev,
        scope=scope,
        complete=is_complete,
        tool_version=__version__,
    )
    if not is_complete:
        yield UnknownFact(
            repository=head.repository, commit=None, subject="history", reason=SHALLOW
        )


def _is_model(opened: Opened, head: ExportedCommit) -> Callable[[str], bool]:
    """Return a function that decides by its path whether an out is, or was, a model."""
    known = {*head.models, *(item.path for item in head.registered)}
    wanted = matcher(opened.policy.models)

    def is_model(path: str) -> bool:
        return path in known or (path not in head.made and (wanted(path) or by_convention(path)))

    return is_model


def _batches(points: Iterator[Point]) -> Iterator[list[Point]]:
    while True:
        with collection_paused():
            batch = list(islice(points, _BATCH))
        if not batch:
            return
        yield batch
