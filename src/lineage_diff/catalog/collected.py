"""The facts of one commit by their keys, for formats that are one document."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TypeVar

from msgspec import Struct

from lineage_diff.catalog.facts import (
    CommitFact,
    DatasetFact,
    EdgeFact,
    Fact,
    FileFact,
    FreshnessFact,
    ImportFact,
    InputFact,
    MetricFact,
    ModelFact,
    OutputFact,
    ParamFact,
    ReasonFact,
    RegisteredFact,
    RepositoryFact,
    RunFact,
    StageFact,
    UnknownFact,
)
from lineage_diff.catalog.grouping import (
    producers_of_inputs,
    read_repository,
    runs_in_force,
)
from lineage_diff.lineage.graph import reachable

FactT = TypeVar("FactT", bound=Fact)
KeyT = TypeVar("KeyT", bound=Hashable)


class CollectedFacts(Struct, frozen=True):
    """The facts of one commit. Those of a run, and imports, are by the id of the run.

    `commits`, `stages`, `datasets` and `files` are by their own key, `freshness` and `reasons` by
    stage, the runs `in_force` by their outs. Datasets of one path have addresses that differ in
    their credentials alone.
    """

    repository: RepositoryFact
    commits: Mapping[str, CommitFact]
    stages: Mapping[str, StageFact]
    datasets: Mapping[str, tuple[DatasetFact, ...]]
    files: Mapping[str, FileFact]
    freshness: Mapping[str, FreshnessFact]
    edges: tuple[EdgeFact, ...]
    models: tuple[ModelFact, ...]
    reasons: Mapping[str, tuple[ReasonFact, ...]]
    registered: tuple[RegisteredFact, ...]
    metrics: tuple[MetricFact, ...]
    unknowns: tuple[UnknownFact, ...]
    runs: Mapping[str, RunFact]
    in_force: Mapping[str, RunFact]
    imports: Mapping[str, ImportFact]
    params: Mapping[str, tuple[ParamFact, ...]]
    inputs: Mapping[str, tuple[InputFact, ...]]
    outputs: Mapping[str, tuple[OutputFact, ...]]

    @property
    def head(self) -> CommitFact:
        """The exported commit."""
        return self.commits[self.repository.head]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is known to be missing."""
        return self.repository.complete and not self.unknowns

    def runs_behind(self, run: str) -> tuple[RunFact, ...]:
        """Return a run and all whose outs it used, directly or not, in the order of the facts."""
        found = set(reachable((run,), self.runs_before))
        return tuple(item for id_, item in self.runs.items() if id_ in found)

    def runs_before(self, run: str) -> list[str]:
        """Return the ids of the runs whose outs a run used, sorted."""
        return sorted(self.runs.keys() & producers_of_inputs(self.inputs.get(run, ())))

    def file_of(self, path: str, hash_: str | None) -> FileFact | None:
        """Return the file in Git that is this version of a path, `None` if it is another one.

        A version without a hash is that of a path which Git alone tracks.
        """
        file = self.files.get(path)
        if file is None or (hash_ is None and path in self.datasets):
            return None
        return file if hash_ in (None, f"md5:{file.md5}") else None

    def registered_as(self, model: ModelFact) -> tuple[RegisteredFact, ...]:
        """Return the registered versions that are this version of the model."""
        return tuple(
            fact
            for fact in self.registered
            if fact.path == model.path and fact.hash is not None and fact.hash == model.hash
        )


def collect(facts: Iterable[Fact]) -> CollectedFacts:
    """Collect the facts of one commit. Raises `TypeError` if they begin with no repository."""
    stream = iter(facts)
    repository = read_repository(stream)
    found = group(stream, type)

    def of(kind: type[FactT]) -> tuple[FactT, ...]:
        return tuple(fact for fact in found.get(kind, ()) if isinstance(fact, kind))

    runs = {fact.run: fact for fact in of(RunFact)}
    outputs = group(of(OutputFact), lambda fact: fact.run)
    return CollectedFacts(
        repository=repository,
        commits={fact.commit: fact for fact in of(CommitFact)},
        stages={fact.stage: fact for fact in of(StageFact)},
        datasets=group(of(DatasetFact), lambda fact: fact.path),
        files={fact.path: fact for fact in of(FileFact)},
        freshness={fact.stage: fact for fact in of(FreshnessFact)},
        edges=of(EdgeFact),
        models=of(ModelFact),
        reasons=group(of(ReasonFact), lambda fact: fact.stage),
        registered=of(RegisteredFact),
        metrics=of(MetricFact),
        unknowns=of(UnknownFact),
        runs=runs,
        in_force=runs_in_force((run, outputs.get(id_, ())) for id_, run in runs.items()),
        imports={fact.run: fact for fact in of(ImportFact)},
        params=group(of(ParamFact), lambda fact: fact.run),
        inputs=group(of(InputFact), lambda fact: fact.run),
        outputs=outputs,
    )


def group(facts: Iterable[FactT], key: Callable[[FactT], KeyT]) -> dict[KeyT, tuple[FactT, ...]]:
    """Return facts by a key; keys and facts stay in the order of the facts."""
    found: dict[KeyT, list[FactT]] = {}
    for fact in facts:
        found.setdefault(key(fact), []).append(fact)
    return {name: tuple(items) for name, items in found.items()}
