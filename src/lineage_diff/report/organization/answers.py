"""The answers over many repositories: plain data, in the published shape of the report."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from lineage_diff.report.reasons import Freshness

JoinKind = Literal["import", "revision", "renamed", "address", "content", "any-version"]


class RecordedIn(Struct, frozen=True):
    """A commit of one repository. `date` is in ISO 8601, in UTC, `None` if unknown."""

    commit: str
    date: str | None = None
    author: str | None = None
    pull_request: int | None = None


class RegisteredUse(Struct, frozen=True):
    """A version in a registry, with its stages of today; not `active`: deregistered."""

    artifact: str
    version: str
    stages: tuple[str, ...]
    active: bool


def stages_in_use(registered: Iterable[RegisteredUse]) -> tuple[str, ...]:
    """Return the stages of the active versions, sorted."""
    return tuple(sorted({stage for use in registered if use.active for stage in use.stages}))


class AffectedVersion(Struct, frozen=True):
    """A version of a model that was made from the data.

    `last` is the commit that replaced it, `None` for the current version. `distance` is the fewest
    runs from the data in the same repository; `None` if the tables have no closure of the model.
    """

    hash: str | None
    size: int | None
    first: RecordedIn
    last: RecordedIn | None
    distance: int | None
    registered: tuple[RegisteredUse, ...] = ()


class AffectedModel(Struct, frozen=True):
    """A model with versions made from the data, the newest first.

    `present` is false if the indexed commit has no such model. `hops` is the number of joins
    between repositories, `certain` whether all of them are exact.
    """

    repository: str
    path: str
    name: str | None
    present: bool
    freshness: Freshness | None
    owners: tuple[str, ...]
    versions: tuple[AffectedVersion, ...]
    hops: int
    certain: bool

    @property
    def is_current(self) -> bool:
        """Whether the current version was made from it."""
        return self.present and any(version.last is None for version in self.versions)

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages in which a version made from it is in use."""
        return stages_in_use(use for version in self.versions for use in version.registered)


class RepositoryJoin(Struct, frozen=True):
    """A version in one repository that is a version of another one.

    `import`: `dvc import` of this path with this hash. `revision`: of a part of it or a folder
    around it, in the version at the imported revision. `renamed`: as these, and the repository has
    another name now. `address`: the same address with the same version, such as an ETag.
    `content`: the same hash alone. `any-version`: every version of the path was asked for.
    """

    kind: JoinKind
    repository: str
    path: str
    hash: str | None
    source_repository: str
    source_path: str
    rev_lock: str | None
    certain: bool
    hops: int


class Place(Struct, frozen=True):
    """Where a version is: the path of an out, or of a dep of runs; `made` is its first commit."""

    repository: str
    path: str
    hash: str | None
    size: int | None
    made: RecordedIn | None


class OrganizationImpact(Struct, frozen=True):
    """The models of all repositories that were made from some data.

    `hashes` are those of the data, or all that the path had. `in_use` counts the models with an
    active version in a stage.
    """

    subject: str
    hashes: tuple[str, ...]
    places: tuple[Place, ...]
    omitted_places: int
    models: tuple[AffectedModel, ...]
    joins: tuple[RepositoryJoin, ...]

    @property
    def in_use(self) -> int:
        """The number of models with a version in a stage of a registry."""
        return sum(1 for model in self.models if model.stages)


class TracedInput(Struct, frozen=True):
    """A version behind a model. `distance` counts the runs of its own repository from `hops` on.

    `stage` and `made` are those of the run that made it, `None` if no known run did.
    """

    repository: str
    path: str
    hash: str | None
    kind: Literal["data", "import", "code", "environment", "params"]
    distance: int
    hops: int
    stage: str | None
    made: RecordedIn | None


class TracedParam(Struct, frozen=True):
    """A param of the run that made the model; its value as text, `None` for null."""

    file: str
    key: str
    value: str | None


class OrganizationTrace(Struct, frozen=True):
    """All that a version of a model was made from, in all repositories, the nearest first."""

    repository: str
    path: str
    name: str | None
    hash: str | None
    stage: str
    command: str | None
    made: RecordedIn
    registered: tuple[RegisteredUse, ...]
    inputs: tuple[TracedInput, ...]
    omitted_inputs: int
    params: tuple[TracedParam, ...]
    joins: tuple[RepositoryJoin, ...]

    @property
    def repositories(self) -> frozenset[str]:
        """The repositories that it goes through."""
        return frozenset({self.repository, *(item.repository for item in self.inputs)})


class ModelNow(Struct, frozen=True):
    """A model of the indexed commit of its repository.

    `made` is the commit of its run. `reasons` are kinds of docs/freshness.md with their subjects.
    `imported_by` are the repositories that import a version of its path.
    """

    repository: str
    path: str
    name: str | None
    hash: str | None
    size: int | None
    stage: str | None
    freshness: Freshness | None
    reasons: tuple[tuple[str, str], ...]
    made: RecordedIn | None
    owners: tuple[str, ...]
    registered: tuple[RegisteredUse, ...]
    imported_by: tuple[str, ...]

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages in which this version is in use."""
        return stages_in_use(self.registered)


class OutdatedImport(Struct, frozen=True):
    """An import in force whose source has another version at its indexed commit.

    `rev` is the requested revision; an import of a fixed one may be meant so.
    """

    repository: str
    path: str
    hash: str
    rev: str | None
    source_repository: str
    source_path: str
    source_hash: str
    changed: RecordedIn


class OrganizationUnknown(Struct, frozen=True):
    """What the answer cannot know, and why. `repository` is `None` if it concerns all."""

    repository: str | None
    subject: str
    reason: str
