"""The evidence on the freshness of a commit's stages, besides its DVC files."""

from collections.abc import Mapping

from msgspec import Struct, field

from lineage_diff.lineage.dir_listing import Listing
from lineage_diff.lineage.history import LockedAt, Splice
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.lineage.version import Content


class GitContents(Struct, frozen=True):
    """The evidence in the files of the commit itself.

    `contents` holds, by path, what Git tracks at each dep and out of a stage that no other stage
    and no `.dvc` file makes. `git_ignored` are the paths that Git ignores and does not hold: deps,
    params files, outs that DVC does not keep, and pipelines. `listings` are those of directories
    that DVC keeps, by path, where a lock or a `.dvc` file holds them. `dropped_params` are, by
    path, the params files with keys that no stage here declares, and that a lock or a stage of the
    commit to compare with has.
    """

    contents: Mapping[str, Content] = field(default_factory=dict)
    git_ignored: frozenset[str] = frozenset()
    listings: Mapping[str, Listing] = field(default_factory=dict)
    dropped_params: Mapping[str, ValuesFile] = field(default_factory=dict)


class Evidence(GitContents, frozen=True):
    """The evidence in the commit, in DVC's storage and in the history. Not looked up means empty.

    `listings` are also those that were fetched. `locked_at` gives, by stage, the changes since its
    lock entry was written, for stages that the commit alone cannot decide. `splices` are the lock
    entries that a merge combined, by stage.
    """

    locked_at: Mapping[str, LockedAt] = field(default_factory=dict)
    splices: Mapping[str, Splice] = field(default_factory=dict)


NO_EVIDENCE = Evidence()


class CommitState(Struct, frozen=True):
    """A commit: its lineage, and the evidence on the freshness of its stages."""

    lineage: Lineage
    evidence: Evidence = NO_EVIDENCE

    @property
    def commit(self) -> str:
        """The id of the commit."""
        return self.lineage.commit


def commit_alone(lineage: Lineage, held: GitContents) -> CommitState:
    """Return a commit with only the evidence that it holds itself."""
    held_alone = Evidence(held.contents, held.git_ignored, held.listings, held.dropped_params)
    return CommitState(lineage, held_alone)
