"""The rows of the indexed commit: the repository, its models, stages, outs and registry."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from msgspec import Struct

from lineage_diff.catalog.facts import (
    CommitFact,
    DatasetFact,
    EdgeFact,
    Fact,
    FreshnessFact,
    ModelFact,
    ReasonFact,
    RegisteredFact,
    RepositoryFact,
    StageFact,
)
from lineage_diff.organization.tables.schema import Row


class MadeAt(Struct, frozen=True):
    """The run that made an out, and the commit that recorded it."""

    run: str
    commit: str


class HeadRows:
    """Takes the facts of the indexed commit, and yields their rows by table."""

    def __init__(self) -> None:
        self._models: list[ModelFact] = []
        self._stages: dict[str, StageFact] = {}
        self._edges: list[EdgeFact] = []
        self._outs: list[DatasetFact] = []
        self._freshness: dict[str, FreshnessFact] = {}
        self._reasons: dict[str, list[ReasonFact]] = {}
        self._registered: list[RegisteredFact] = []

    @property
    def model_outs(self) -> frozenset[str]:
        """The outs that hold models."""
        return frozenset(model.out for model in self._models if model.out is not None)

    def add(self, fact: Fact) -> None:
        """Keep a fact of the indexed commit; others are left out."""
        match fact:
            case ModelFact():
                self._models.append(fact)
            case StageFact():
                self._stages[fact.stage] = fact
            case EdgeFact():
                self._edges.append(fact)
            case DatasetFact():
                self._outs.append(fact)
            case FreshnessFact():
                self._freshness[fact.stage] = fact
            case ReasonFact():
                self._reasons.setdefault(fact.stage, []).append(fact)
            case RegisteredFact():
                self._registered.append(fact)
            case _:
                pass

    def rows(
        self,
        repository: RepositoryFact,
        head: CommitFact,
        made: Mapping[str, MadeAt],
        in_force: Iterable[str],
    ) -> Iterator[tuple[str, Row]]:
        """Yield each row with its table.

        `made` has the last run of each out, `in_force` are the runs that the commit still has.
        """
        yield "repositories", _repository(repository, head, in_force)
        for model in self._models:
            yield "models", self._model(model, made)
        for stage in self._stages.values():
            yield "freshness", self._stage(stage)
        for edge in self._edges:
            yield "stage_edges", _edge(edge)
        for out in self._outs:
            yield "outs", _out(out)
        for ordinal, version in enumerate(self._registered):
            yield "registry", _registered(version, ordinal)

    def _model(self, fact: ModelFact, runs: Mapping[str, MadeAt]) -> Row:
        made = runs.get(fact.out) if fact.out is not None else None
        state = self._freshness.get(fact.stage) if fact.stage is not None else None
        return (
            fact.commit,
            fact.path,
            fact.name,
            fact.identified_by,
            fact.out,
            fact.stage,
            state.freshness if state is not None else None,
            made.run if made is not None else None,
            made.commit if made is not None else None,
            fact.desc,
            fact.labels,
            fact.meta,
            fact.hash,
            fact.size,
            fact.files,
            fact.metrics,
            fact.owners,
        )

    def _stage(self, fact: StageFact) -> Row:
        state = self._freshness.get(fact.stage)
        reasons = self._reasons.get(fact.stage, [])
        return (
            fact.commit,
            fact.stage,
            state.freshness if state is not None else None,
            tuple(reason.kind for reason in reasons),
            tuple(reason.subject for reason in reasons),
            tuple(reason.detail or "" for reason in reasons),
            fact.kind,
            fact.file,
            fact.line,
            fact.name,
            fact.address,
            fact.command,
            fact.wdir,
            fact.desc,
            fact.group,
            fact.frozen,
            fact.always_changed,
            fact.is_locked,
        )


def _repository(fact: RepositoryFact, head: CommitFact, in_force: Iterable[str]) -> Row:
    date = time_of(head.date)
    own = (fact.host, fact.name, fact.url, fact.head, date, fact.rev, fact.complete)
    return (*own, *authored(head), tuple(in_force))


def authored(fact: CommitFact) -> Row:
    """Return the columns of a commit about its author and message."""
    return fact.date, fact.author, fact.subject or None, fact.pull_request


def _edge(fact: EdgeFact) -> Row:
    ends = (fact.upstream, fact.downstream, fact.dep, fact.out)
    return (fact.commit, *ends, fact.is_known_to_dvc)


def _out(fact: DatasetFact) -> Row:
    where = (fact.commit, fact.path, fact.stage, fact.kind, fact.cache, fact.remote)
    annotations = (fact.type, fact.desc, fact.labels)
    version = (fact.hash, fact.size, fact.files)
    return (*where, fact.url, fact.cloud_url, *annotations, *version)


def _registered(fact: RegisteredFact, ordinal: int) -> Row:
    tag = (fact.artifact, fact.version, fact.tag, fact.commit, fact.stages, fact.active)
    return (*tag, fact.path, fact.hash, ordinal)


def time_of(date: str) -> datetime | None:
    """Return the UTC time of an ISO 8601 date, `None` for one that cannot be read."""
    try:
        return datetime.fromisoformat(date).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
