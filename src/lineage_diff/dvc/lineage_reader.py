"""Read a commit into its lineage; files that two commits share are read once.

The DVC files of a commit are read in one batch.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol

from lineage_diff import limits
from lineage_diff.dvc import problems
from lineage_diff.dvc.linked_data import Shared, with_targets
from lineage_diff.dvc.lock.blocks import Blocks
from lineage_diff.dvc.lock.datasets import dataset_stages
from lineage_diff.dvc.lock.lock_file import LockFile, LockReader
from lineage_diff.dvc.lock.recorded_listings import recorded_listings
from lineage_diff.dvc.metrics_and_params import ValuesReader
from lineage_diff.dvc.pipeline.dvc_file import DvcFiles, read_dvc_file
from lineage_diff.dvc.pipeline.dvc_yaml import PipelineFile, PipelineReader
from lineage_diff.dvc.pipeline.stage_builder import with_lock
from lineage_diff.dvc.problems import graph_problems
from lineage_diff.dvc.project import (
    LOCK,
    PIPELINE,
    Declared,
    ProjectFiles,
    Rules,
    has_project,
    is_lineage_file,
    project_roots,
)
from lineage_diff.dvc.read_budget import ReadBudget
from lineage_diff.dvc.refusals.config import config_problems
from lineage_diff.dvc.refusals.ignore import ignore_files, ignore_refusals
from lineage_diff.dvc.refusals.project import stage_refusals
from lineage_diff.dvc.refusals.values import default_params, values_refusals
from lineage_diff.errors import ConvertedError, InputError, MalformedError
from lineage_diff.git.path_rules import git_ignored
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.limits import USUAL, Limits
from lineage_diff.lineage.evidence import GitContents
from lineage_diff.lineage.lineage import Lineage, Pipeline, PlotSource, Problem
from lineage_diff.lineage.paths import folder_of, join
from lineage_diff.lineage.stage import LockEntry, Stage
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.lineage.version import Content
from lineage_diff.parsing.ignore_patterns import is_ignored
from lineage_diff.parsing.work_budget import TooMuchWorkError, WorkBudget
from lineage_diff.parsing.yaml_loader import collection_paused

if TYPE_CHECKING:
    from lineage_diff.dvc.contents.converted_files import ConvertedFiles
    from lineage_diff.dvc.contents.reader import ContentReader

__all__ = [
    "LineageReader",
    "dvc_texts",
    "has_project",
    "text_of",
]


def dvc_texts(snapshot: Snapshot) -> dict[str, bytes]:
    """Read a commit's DVC files in one batch, by blob id, up to `limits.DVC_BYTES`."""
    oids = {
        entry.oid
        for path, entry in snapshot.files().items()
        if entry.kind in ("file", "executable") and is_lineage_file(path)
    }
    found: dict[str, bytes] = {}
    size = 0
    for oid, text in snapshot.read_oids(sorted(oids)):
        size += len(text)
        if size > limits.DVC_BYTES:
            break
        found[oid] = text
    return found


def text_of(snapshot: Snapshot, path: str, texts: Mapping[str, bytes]) -> tuple[bytes, str]:
    """Return a file's bytes and blob id. Raises `InputError` if it cannot be read."""
    target = snapshot.resolve(path)
    entry = snapshot.entry(target) if target is not None else None
    oid = entry.oid if entry is not None else ""
    text = texts.get(oid)
    return (snapshot.read(path) if text is None else text), oid


class CommitReader(Protocol):
    """The interface of a Git repository for the reader."""

    def snapshot(self, commit: str) -> Snapshot:
        """Return the files of a commit."""


@dataclass(slots=True)
class _Project:
    """The parts of one project read so far."""

    root: str
    rules: Rules
    stages: list[Stage] = field(default_factory=list)
    pipelines: list[Pipeline] = field(default_factory=list)
    files: list[PipelineFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    unread: frozenset[str] = frozenset()

    def fail(self, error: InputError, file: str) -> None:
        """Record a file as unreadable, with the problem."""
        self.problems.append(problems.unreadable_file(error, file, file))
        self.unreadable.append(file)


class LineageReader:
    """Reads lineages of one repository. Two commits share the objects of their equal parts."""

    def __init__(self, repository: CommitReader, bounds: Limits = USUAL) -> None:
        self._repository = repository
        self._limits = bounds
        self._pipelines = PipelineReader()
        self._locks = LockReader()
        self._lock_files: dict[tuple[str, str], LockFile] = {}
        self._dvc_files: dict[tuple[str, str | None], tuple[Stage, tuple[Problem, ...]]] = {}
        self._locked: dict[str, tuple[Stage, LockEntry | None, Stage]] = {}
        self._joined: dict[str, tuple[PipelineFile, LockFile, Pipeline, list[Stage]]] = {}
        self._values = ValuesReader(self._explained)
        self._git_ignores: dict[str, bytes] = {}
        self._datasets: dict[str, Stage] = {}
        self._linked: Shared = {}
        self._converted: ConvertedFiles | None = None
        self._content_reader: ContentReader | None = None

    @property
    def lock_blocks(self) -> Blocks:
        """The blocks of all locks that it read."""
        return self._locks.blocks

    @property
    def dvc_files(self) -> DvcFiles:
        """The `.dvc` files that it read."""
        return self._dvc_files

    def read(self, commit: str) -> Lineage:
        """Read a commit. An unreadable file becomes a problem of the lineage, not an exception."""
        with collection_paused():
            return self._read(self._repository.snapshot(commit), ReadBudget(self._limits))[0]

    def read_with_contents(
        self, commit: str, earlier: Sequence[Stage] = ()
    ) -> tuple[Lineage, GitContents]:
        """Read a commit, and the hashes of the deps and outs that Git tracks.

        Also of the deps of `earlier` stages, those of another commit, whose outs are tracked by
        `.dvc` files in this one.
        """
        with collection_paused():
            snapshot, budget = self._repository.snapshot(commit), ReadBudget(self._limits)
            lineage, projects = self._read(snapshot, budget)
            held = self._git_contents(lineage, snapshot, projects, earlier, budget.work)
            return lineage, held

    def _read(self, snapshot: Snapshot, budget: ReadBudget) -> "tuple[Lineage, list[_Project]]":
        roots = project_roots(snapshot)
        texts = dvc_texts(snapshot)
        projects = [self._project(snapshot, root, roots, texts, budget) for root in roots]
        stages = sorted((s for p in projects for s in p.stages), key=attrgetter("id"))
        found = [problem for project in projects for problem in project.problems]
        for project in projects:
            # DVC's graph follows no links: what these close is no circle for it.
            found += graph_problems(project.stages)
            found += self._refusals(project, roots, snapshot, budget.work)
        stages = with_targets(stages, snapshot, budget.work, self._linked)
        files = [file for project in projects for file in project.files]
        metrics, params = self._values_files(snapshot, projects, budget.work)
        lineage = Lineage(
            commit=snapshot.commit,
            pipelines=tuple(
                sorted((p for project in projects for p in project.pipelines), key=_file_of)
            ),
            stages=tuple(stages),
            artifacts=tuple(
                sorted((a for f in files for a in f.artifacts), key=lambda a: (a.file, a.name))
            ),
            plots=tuple(
                sorted(
                    (_plot_source(path, f.file, snapshot) for f in files for path in f.plots),
                    key=lambda plot: (plot.path, plot.file),
                )
            ),
            plot_definitions=tuple(d for f in files for d in f.plot_definitions),
            metrics=metrics,
            params=params,
            problems=tuple(sorted(found, key=_problem_key)),
            unreadable=tuple(sorted(u for project in projects for u in project.unreadable)),
            unread=frozenset().union(*(project.unread for project in projects)),
        )
        return lineage, projects

    def _refusals(
        self, project: _Project, roots: Iterable[str], snapshot: Snapshot, work: WorkBudget
    ) -> Iterator[Problem]:
        """Yield the problems at which DVC commands end: all of them, or those that load a stage."""

        def load(path: str) -> Any:
            return self._values.load(snapshot, path, work)

        yield from config_problems(snapshot, join(project.root, ".dvc/config"))
        outs = {out.path for stage in project.stages for out in stage.outs}
        ignoring = ignore_files(snapshot, project.root, roots, project.rules)
        yield from ignore_refusals(ignoring, outs, snapshot)
        yield from stage_refusals(project.stages, project.root, snapshot, project.rules, ignoring)
        defaults = default_params(pipeline.file for pipeline in project.pipelines)
        self._values.read_ahead(snapshot, defaults, work)
        yield from values_refusals(defaults, project.stages, snapshot, load, work)

    def _values_files(
        self, snapshot: Snapshot, projects: list[_Project], work: WorkBudget
    ) -> tuple[dict[str, ValuesFile], dict[str, ValuesFile]]:
        """Return the metrics and the params files, by path."""
        metrics: dict[str, ValuesFile] = {}
        params: dict[str, ValuesFile] = {}
        for project in projects:
            declared = _declarations(project)
            metrics |= self._values.metrics(snapshot, declared, project.rules, work)
            params |= self._values.params(snapshot, declared, project.rules, work)
        return metrics, params

    def _git_contents(
        self,
        lineage: Lineage,
        snapshot: Snapshot,
        projects: list[_Project],
        earlier: Sequence[Stage],
        work: WorkBudget,
    ) -> GitContents:
        # Imported here: reading a history needs no contents.
        from lineage_diff.dvc.contents.reader import models_in_git, taken_over

        held: dict[str, Content] = {}
        for project in projects:
            stages = _by_id((*project.stages, *taken_over(earlier, project.stages)))
            held |= self._contents(snapshot, stages, project, work)
        held |= models_in_git(lineage, snapshot, held)
        known = held.keys() | lineage.params.keys()
        ignored = git_ignored(snapshot, lineage.stages, known, work, self._git_ignores)
        return GitContents(held, ignored, recorded_listings(lineage.stages))

    def _contents(
        self, snapshot: Snapshot, stages: Iterable[Stage], project: _Project, work: WorkBudget
    ) -> "Mapping[str, Content]":
        # Imported here: reading a history needs no contents.
        from lineage_diff.dvc.contents.reader import ContentReader

        if self._content_reader is None:
            self._content_reader = ContentReader(self._limits)
        return self._content_reader.read(snapshot, stages, project.rules, work, project.root)

    def _project(
        self,
        snapshot: Snapshot,
        root: str,
        roots: Iterable[str],
        texts: Mapping[str, bytes],
        budget: ReadBudget,
    ) -> _Project:
        files = ProjectFiles(snapshot, root, roots, budget.work)
        project = _Project(root, files.rules)

        def collect(path: str) -> list[str]:
            try:
                text, oid = text_of(snapshot, path, texts)
                budget.take_text(text, path)
                if path.rpartition("/")[2] == PIPELINE:
                    stages = self._pipeline(
                        snapshot, files, project, path, oid, text, texts, budget
                    )
                else:
                    stages = [self._dvc_file(project, path, oid, text, budget)]
                budget.take_paths(stages)
            except TooMuchWorkError:
                raise
            except InputError as error:
                project.fail(error, path)
                return []
            project.stages += stages
            return [out.path for stage in stages for out in stage.outs]

        for _ in files.walk(collect):
            pass
        return project

    def _explained(
        self, error: InputError, path: str, snapshot: Snapshot, work: WorkBudget
    ) -> InputError:
        """Return the error of a file, or that of its conversion by Git."""
        # Imported here: most files read.
        from lineage_diff.dvc.contents.converted_files import ConvertedFiles

        if self._converted is None:
            self._converted = ConvertedFiles()
        return self._converted.explain(error, path, snapshot, work)

    def _dvc_file(
        self, project: _Project, path: str, oid: str, text: bytes, budget: ReadBudget
    ) -> Stage:
        known = self._dvc_files.get((path, oid))
        if known is None:
            known = self._dvc_files[path, oid] = read_dvc_file(text, path, budget.work)
        budget.take_outs((known[0],), path)
        project.problems += known[1]
        return known[0]

    def _pipeline(
        self,
        snapshot: Snapshot,
        files: ProjectFiles,
        project: _Project,
        path: str,
        oid: str,
        text: bytes,
        texts: Mapping[str, bytes],
        budget: ReadBudget,
    ) -> list[Stage]:
        lock_path, lock = self._lock_beside(snapshot, files, project, path, texts, budget)
        try:
            read = self._pipelines.read(
                snapshot, path, oid, text, project.root, budget.stages, budget.work
            )
        except MalformedError as error:
            variables = self._explained(error, error.file or path, snapshot, budget.work)
            if not isinstance(variables, ConvertedError) or error.file == path:
                raise
            read = self._pipelines.read_unfilled(
                path, text, variables, lock.entries, budget.stages, budget.work
            )
        budget.take_stages(len(read.stages) + len(read.datasets), path)
        budget.take_outs(read.stages, path)
        project.unread |= read.unread
        project.problems += (*read.problems, *lock.problems)
        pipeline, stages = self._join(read, lock, lock_path)
        project.pipelines.append(pipeline)
        project.files.append(read)
        if read.datasets:
            made = dataset_stages(path, read.datasets, lock.datasets)
            return [*stages, *map(self._share, made)]
        return stages

    def _lock_beside(
        self,
        snapshot: Snapshot,
        files: ProjectFiles,
        project: _Project,
        path: str,
        texts: Mapping[str, bytes],
        budget: ReadBudget,
    ) -> tuple[str | None, LockFile]:
        """Return the path of the lock beside a pipeline, `None` for none, and its content."""
        folder = folder_of(path)
        lock_path = join(folder, LOCK)
        if snapshot.entry(lock_path) is None or is_ignored(lock_path, False, files.rules(folder)):
            return None, LockFile()
        try:
            return lock_path, self._lock(snapshot, lock_path, texts, budget)
        except TooMuchWorkError:
            raise
        except InputError as error:
            found = self._explained(error, lock_path, snapshot, budget.work)
            project.problems.append(problems.unreadable_file(found, lock_path, None))
            return lock_path, LockFile()

    def _join(
        self, read: PipelineFile, lock: LockFile, lock_path: str | None
    ) -> tuple[Pipeline, list[Stage]]:
        """Join the stages of a file with their lock entries; the same two files are joined once."""
        known = self._joined.get(read.file)
        if known is not None and known[0] is read and known[1] is lock:
            return known[2], known[3]
        stages = [
            self._with_lock(stage, lock.entries.get(str(stage.name))) for stage in read.stages
        ]
        names = {stage.name for stage in stages}
        orphans = {n: lock.entries[n] for n in sorted(lock.entries.keys() - names)}
        ids = tuple(sorted(stage.id for stage in stages))
        pipeline = Pipeline(read.file, ids, lock_path, lock.schema, orphans)
        self._joined[read.file] = read, lock, pipeline, stages
        return pipeline, stages

    def _share(self, dataset: Stage) -> Stage:
        """Return the equal dataset read before, if there is one."""
        known = self._datasets.get(dataset.id)
        if known != dataset:
            known = self._datasets[dataset.id] = dataset
        return known

    def _lock(
        self, snapshot: Snapshot, path: str, texts: Mapping[str, bytes], budget: ReadBudget
    ) -> LockFile:
        text, oid = text_of(snapshot, path, texts)
        budget.take_text(text, path)
        known = self._lock_files.get((path, oid))
        if known is None:
            known = self._lock_files[path, oid] = self._locks.read(text, path, budget.work)
        return known

    def _with_lock(self, stage: Stage, entry: LockEntry | None) -> Stage:
        known = self._locked.get(stage.id)
        if known is not None and known[0] is stage and known[1] is entry:
            return known[2]
        locked = with_lock(stage, entry)
        self._locked[stage.id] = stage, entry, locked
        return locked


def _plot_source(path: str, file: str, snapshot: Snapshot) -> PlotSource:
    return PlotSource(path, file, entry.oid if (entry := snapshot.entry(path)) else None)


def _declarations(project: _Project) -> Declared:
    return Declared(
        project.root,
        _by_id(project.stages),
        tuple((file.file, path) for file in project.files for path in file.metrics),
        tuple((file.file, path) for file in project.files for path in file.params),
        tuple((file.file, path) for file in project.files for path in file.plots),
        tuple(artifact for file in project.files for artifact in file.artifacts),
        {key: value for file in project.files for key, value in file.tracked_vars.items()},
    )


def _by_id(stages: Iterable[Stage]) -> tuple[Stage, ...]:
    return tuple(sorted(stages, key=attrgetter("id")))


def _file_of(pipeline: Pipeline) -> str:
    return pipeline.file


def _problem_key(problem: Problem) -> tuple[str, int, str, str]:
    return problem.file, problem.line or 0, problem.rule, problem.message
