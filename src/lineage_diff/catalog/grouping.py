"""Group a stream of facts: those of the exported commit, then each run with its own."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, field

from lineage_diff.catalog.facts import (
    CommitFact,
    DatasetFact,
    Fact,
    ImportFact,
    InputFact,
    MetricFact,
    ModelFact,
    OutputFact,
    ParamFact,
    RegisteredFact,
    RepositoryFact,
    RunFact,
    StageFact,
)
from lineage_diff.lineage.graph import ancestors


class ExportedRun(Struct):
    """A run with its facts, as they are collected. `commit` is the one that recorded it."""

    run: RunFact
    commit: CommitFact
    params: list[ParamFact] = field(default_factory=list)
    inputs: list[InputFact] = field(default_factory=list)
    outputs: list[OutputFact] = field(default_factory=list)
    metrics: list[MetricFact] = field(default_factory=list)
    imported: ImportFact | None = None

    def add(self, fact: Fact) -> None:
        """Take a fact of this run; others are left out."""
        if isinstance(fact, InputFact):
            self.inputs.append(fact)
        elif isinstance(fact, OutputFact):
            self.outputs.append(fact)
        elif isinstance(fact, ParamFact):
            self.params.append(fact)
        elif isinstance(fact, MetricFact):
            self.metrics.append(fact)
        elif isinstance(fact, ImportFact):
            self.imported = fact


class FactReader:
    """Reads a stream of facts once. The facts of the commit are known before its first run."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._facts = iter(facts)
        self.repository = read_repository(self._facts)
        self.stages: dict[str, StageFact] = {}
        self.datasets: dict[str, DatasetFact] = {}
        self.models: dict[str, ModelFact] = {}
        self.metrics: list[MetricFact] = []
        self._registered: dict[tuple[str, str], list[RegisteredFact]] = {}
        self._clouds: dict[str, str] = {}

    def runs(self) -> Iterator[ExportedRun]:
        """Yield the runs in the order of the stream. Only the commit of the last one is kept."""
        current: ExportedRun | None = None
        head: CommitFact | None = None
        commit: CommitFact | None = None
        for fact in self._facts:
            if isinstance(fact, RunFact):
                if current is not None:
                    yield current
                current = ExportedRun(fact, _of(fact.commit, commit, head))
            elif isinstance(fact, CommitFact):
                head, commit = head or fact, fact
            elif current is not None:
                current.add(fact)
            else:
                self._add(fact)
        if current is not None:
            yield current

    def title_of(self, run: RunFact) -> str:
        """Return how `dvc repro` names the stage of a run; its id if it was removed since."""
        stage = self.stages.get(run.stage)
        return stage.address if stage is not None else run.stage

    def registered_as(self, item: ModelFact | OutputFact) -> Sequence[RegisteredFact]:
        """Return the registered versions that are this version of its path."""
        return self._registered.get((item.path, item.hash), ()) if item.hash is not None else ()

    def cloud_url(self, path: str) -> str | None:
        """Return the address where a cloud keeps an out, or a path inside one, as a file."""
        if not self._clouds:
            return None
        around = next((at for at in (path, *ancestors(path)) if at in self.datasets), "")
        address = self._clouds.get(around)
        return address + path[len(around) :] if address is not None else None

    def _add(self, fact: Fact) -> None:
        match fact:
            case StageFact():
                self.stages[fact.stage] = fact
            case DatasetFact():
                self.datasets[fact.path] = fact
                if fact.cloud_url is not None:
                    self._clouds[fact.path] = fact.cloud_url
            case ModelFact():
                self.models[fact.path] = fact
            case MetricFact():
                self.metrics.append(fact)
            case RegisteredFact(path=str(path), hash=str(version)):
                self._registered.setdefault((path, version), []).append(fact)
            case _:
                pass


def runs_in_force(runs: Iterable[tuple[RunFact, Iterable[OutputFact]]]) -> dict[str, RunFact]:
    """Return the current run that made each out, of runs with their outs, by its path."""
    found: dict[str, RunFact] = {}
    for run, outputs in runs:
        for out in outputs if run.current else ():
            found.setdefault(out.path, run)
    return found


def producers_of_inputs(inputs: Iterable[InputFact]) -> list[str]:
    """Return the ids of the runs that made the inputs of a run, in the order of the inputs."""
    return list(dict.fromkeys(fact.made_by for fact in inputs if fact.made_by is not None))


def read_repository(facts: Iterator[Fact]) -> RepositoryFact:
    """Return the first fact of a stream. Raises `TypeError` if it is no repository."""
    found = next(facts, None)
    if not isinstance(found, RepositoryFact):
        raise TypeError("a stream of facts begins with its repository")
    return found


def _of(commit: str, *known: CommitFact | None) -> CommitFact:
    found = next((fact for fact in known if fact is not None and fact.commit == commit), None)
    if found is None:
        raise TypeError(f"the stream has no commit {commit} before its runs")
    return found
