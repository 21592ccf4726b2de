"""Open the commits of a use case, or its files on disk, with the policy that counts."""

import os
from collections.abc import Sequence

from msgspec import Struct

from lineage_diff.app.names import mlflow_commit, resolve_commit
from lineage_diff.config.loader import PATHS, read_policy
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.dvc.project import has_project, is_read_from_disk
from lineage_diff.errors import no_dvc
from lineage_diff.git.repository import GitRepository, open_repository
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.history.reader import HistoryReader
from lineage_diff.limits import USUAL, Limits
from lineage_diff.lineage.evidence import GitContents
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy
from lineage_diff.mlflow.references import is_model_reference
from lineage_diff.rules.rule_names import RULE_NAMES


class Opened(Struct, frozen=True):
    """A repository and the commit to evaluate. `rev` is the revision as the user named it.

    `policy` is the policy that counts; `config` is the path of the configuration inside a commit,
    `None` for the default path.
    """

    history: HistoryReader
    reader: LineageReader
    rev: str
    commit: str
    config: str | None
    policy: Policy

    @property
    def repository(self) -> GitRepository:
        """The repository that the history is read from."""
        return self.history.repository

    @property
    def files(self) -> Snapshot:
        """The files of the commit."""
        return self.repository.snapshot(self.commit)


class OpenedFiles(Struct, frozen=True):
    """The files on disk or the staged files; `name` states which."""

    repository: GitRepository
    name: str
    files: Snapshot

    def read(self, limits: Limits) -> tuple[Lineage, GitContents]:
        """Read their lineage, and what Git tracks, within `limits`."""
        reader = LineageReader(_OneSnapshot(self.files), limits)
        return reader.read_with_contents(self.files.commit)


class _OneSnapshot(Struct, frozen=True):
    """A repository of a single snapshot, for the reader."""

    files: Snapshot

    def snapshot(self, commit: str) -> Snapshot:
        """Return the snapshot, for any commit."""
        return self.files


def open_commit(history: HistoryReader, rev: str | None, config: str | None) -> Opened:
    """Open a commit with its own configuration. Without `rev`, the checked-out commit.

    Raises `InputError` for an unknown revision or a bad configuration, and without a DVC project.
    """
    rev = "HEAD" if rev is None else rev
    commit = find_commit(history.repository, rev, config)
    return open_pair(history, rev, (commit,), commit, config)


def find_commit(repository: GitRepository, rev: str, config: str | None) -> str:
    """Return the full id of the commit that a revision or a version of a model stands for.

    `models:/churn/3` and `models:/churn@champion` are resolved by MLflow. Raises `InputError` for
    an unknown name, with the closest matches of its kind.
    """
    if not is_model_reference(rev):
        return resolve_commit(repository, rev)
    return repository.resolve(mlflow_commit(rev, mlflow_names(repository, config))[0])


def mlflow_names(repository: GitRepository, config: str | None) -> tuple[str, ...]:
    """Return the tags and params with a run's commit, as the checked-out commit configures them."""
    files = policy_files(repository, repository.head(), config)
    return read_policy(files, config).mlflow_commit


def open_pair(
    history: HistoryReader,
    rev: str,
    commits: Sequence[str],
    trusted: str,
    config: str | None,
    *,
    is_change: bool = False,
) -> Opened:
    """Open commits, of which `rev` names the last, with the policy of the `trusted` commit.

    Raises `InputError` for a bad configuration, and if no commit has a DVC project. For a change
    it is enough that the `trusted` one has: without DVC itself, it may edit an input of a stage.
    """
    repository = history.repository
    # First of all, because the policy may raise the limits on listings.
    policy = read_policy(policy_files(repository, trusted, config), config, RULE_NAMES)
    history = history.with_limits(policy.limits)
    repository = history.repository
    looked_at = (*commits, trusted) if is_change else commits
    if not any(has_project(repository.snapshot(commit)) for commit in looked_at):
        raise no_dvc(f"at {rev}")
    reader = LineageReader(repository, policy.limits)
    return Opened(history, reader, rev, commits[-1], config, policy)


def policy_files(repository: GitRepository, commit: str, config: str | None) -> Snapshot:
    """Return the files from which the configuration is read; all files for a given path."""
    return repository.snapshot(commit) if config is not None else repository.files_at(commit, PATHS)


def open_files(
    repo: str | os.PathLike[str], staged: bool = False, limits: Limits = USUAL
) -> OpenedFiles:
    """Open the files on disk, or those staged.

    Raises `InputError` without a work tree or without a DVC project.
    """
    repository = open_repository(repo)
    files = _files(repository, staged, (), limits)
    name = _name_of_files(staged)
    if not has_project(files):
        raise no_dvc(f"in the {name}")
    return OpenedFiles(repository, name, files)


def policy_of_files(repo: str | os.PathLike[str], staged: bool, config: str | None) -> Policy:
    """Read the configuration on disk, or the one staged, before all files are listed.

    It may raise the bounds on that. Raises `InputError` as `read_policy` does.
    """
    repository = open_repository(repo)
    paths = () if config is not None else (PATHS[0].partition("/")[0],)
    files = _files(repository, staged, paths, USUAL)
    if any(entry.kind == "symlink" for entry in files.files().values()):
        # A link leads elsewhere.
        files = _files(repository, staged, (), USUAL)
    return read_policy(files, config, RULE_NAMES, f"the {_name_of_files(staged)}")


def _name_of_files(staged: bool) -> str:
    return "index" if staged else "work tree"


def _files(
    repository: GitRepository, staged: bool, paths: tuple[str, ...], limits: Limits
) -> Snapshot:
    if staged:
        return repository.index(paths, limits)
    return repository.files_on_disk(is_read_from_disk, paths, limits)
