"""Read the DVC files of one project: each `dvc.yaml` with the lock beside it, and `.dvc` files.

Files and stages that two commits share are read and joined once.
"""

from msgspec import Struct, field

from lineage_diff import limits
from lineage_diff.dvc import problems
from lineage_diff.dvc.lock.blocks import Blocks
from lineage_diff.dvc.lock.datasets import dataset_stages
from lineage_diff.dvc.lock.lock_file import LockFile, LockReader
from lineage_diff.dvc.metrics_and_params import Explain
from lineage_diff.dvc.pipeline.dvc_file import DvcFiles, read_dvc_file
from lineage_diff.dvc.pipeline.dvc_yaml import PipelineFile, PipelineReader
from lineage_diff.dvc.pipeline.stage_builder import with_lock
from lineage_diff.dvc.project import (
    LOCK,
    PIPELINE,
    ProjectFiles,
    ProjectRoots,
    Rules,
    is_lineage_file,
)
from lineage_diff.dvc.read_budget import ReadBudget
from lineage_diff.errors import ConvertedError, InputError, MalformedError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.lineage import Pipeline, Problem
from lineage_diff.lineage.paths import folder_of, join
from lineage_diff.lineage.stage import LockEntry, Stage
from lineage_diff.parsing.ignore_patterns import is_ignored
from lineage_diff.parsing.work_budget import DVC_FILE_STEPS, PARSING, TooMuchWorkError


class DvcTexts:
    """The texts of a commit's DVC files, read in one batch and counted against its budget."""

    def __init__(self, snapshot: Snapshot, budget: ReadBudget) -> None:
        self.snapshot = snapshot
        self.budget = budget
        self._by_oid = _read_ahead(snapshot)

    def read(self, path: str) -> tuple[bytes, str]:
        """Return a file's bytes and blob id. Raises `InputError` if it cannot be read."""
        target = self.snapshot.resolve(path)
        entry = self.snapshot.entry(target) if target is not None else None
        oid = entry.oid if entry is not None else ""
        text = self._by_oid.get(oid)
        if text is None:
            text = self.snapshot.read(path)
        self.budget.take_text(text, path, oid)
        return text, oid


def _read_ahead(snapshot: Snapshot) -> dict[str, bytes]:
    """Return the DVC files of a commit by blob id, up to `limits.DVC_BYTES`."""
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


class Project(Struct):
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


class ProjectReader:
    """Reads the projects of one repository. Two commits share the objects of their equal parts.

    `explain` gets the error of a file and its path, and returns it, or a better one.
    """

    def __init__(self, explain: Explain) -> None:
        self._explain = explain
        self._pipelines = PipelineReader()
        self._locks = LockReader()
        self._lock_files: dict[tuple[str, str], LockFile] = {}
        self._dvc_files: dict[tuple[str, str | None], tuple[Stage, tuple[Problem, ...]]] = {}
        self._locked: dict[str, tuple[Stage, LockEntry | None, Stage]] = {}
        self._joined: dict[str, tuple[PipelineFile, LockFile, Pipeline, list[Stage]]] = {}
        self._datasets: dict[str, Stage] = {}

    @property
    def lock_blocks(self) -> Blocks:
        """The blocks of all locks that it read."""
        return self._locks.blocks

    @property
    def dvc_files(self) -> DvcFiles:
        """The `.dvc` files that it read."""
        return self._dvc_files

    def read(self, texts: DvcTexts, root: str, roots: ProjectRoots) -> Project:
        """Read all DVC files of the project at a root, one of the `roots` of all projects.

        An unreadable file becomes a problem of the project. Raises `TooMuchWorkError`.
        """
        files = ProjectFiles(texts.snapshot, root, roots, texts.budget.work)
        project = Project(root, files.rules)

        def collect(path: str) -> list[str]:
            try:
                stages = self._stages(project, texts, path)
                texts.budget.take_paths(stages)
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

    def _stages(self, project: Project, texts: DvcTexts, path: str) -> list[Stage]:
        text, oid = texts.read(path)
        if path.rpartition("/")[2] == PIPELINE:
            return self._pipeline(project, texts, path, oid, text)
        return [self._dvc_file(project, texts.budget, path, oid, text)]

    def _dvc_file(
        self, project: Project, budget: ReadBudget, path: str, oid: str, text: bytes
    ) -> Stage:
        known = self._dvc_files.get((path, oid))
        if known is None:
            budget.work.spend(DVC_FILE_STEPS, PARSING)
            known = self._dvc_files[path, oid] = read_dvc_file(text, path, budget.work)
        budget.take_outs((known[0],), path)
        project.problems += known[1]
        return known[0]

    def _pipeline(
        self, project: Project, texts: DvcTexts, path: str, oid: str, text: bytes
    ) -> list[Stage]:
        budget = texts.budget
        lock_path, lock = self._lock_beside(project, texts, path)
        try:
            read = self._pipelines.read(
                texts.snapshot, path, oid, text, project.root, budget.stages, budget.work
            )
        except MalformedError as error:
            variables = self._explain(error, error.file or path, texts.snapshot, budget.work)
            if not isinstance(variables, ConvertedError) or error.file == path:
                raise
            read = self._pipelines.read_unfilled(
                path, text, variables, lock.entries, budget.stages, budget.work
            )
        budget.take_stages(read.stages, len(read.datasets), path)
        budget.take_artifacts(len(read.artifacts), path)
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
        self, project: Project, texts: DvcTexts, path: str
    ) -> tuple[str | None, LockFile]:
        """Return the path of the lock beside a pipeline, `None` for none, and its content."""
        folder = folder_of(path)
        lock_path = join(folder, LOCK)
        is_there = texts.snapshot.entry(lock_path) is not None
        if not is_there or is_ignored(lock_path, False, project.rules(folder)):
            return None, LockFile()
        try:
            return lock_path, self._lock(texts, lock_path)
        except TooMuchWorkError:
            raise
        except InputError as error:
            found = self._explain(error, lock_path, texts.snapshot, texts.budget.work)
            project.problems.append(problems.unreadable_file(found, lock_path, None))
            return lock_path, LockFile()

    def _lock(self, texts: DvcTexts, path: str) -> LockFile:
        text, oid = texts.read(path)
        known = self._lock_files.get((path, oid))
        if known is None:
            known = self._lock_files[path, oid] = self._locks.read(text, path, texts.budget.work)
        return known

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

    def _with_lock(self, stage: Stage, entry: LockEntry | None) -> Stage:
        known = self._locked.get(stage.id)
        if known is not None and known[0] is stage and known[1] is entry:
            return known[2]
        locked = with_lock(stage, entry)
        self._locked[stage.id] = stage, entry, locked
        return locked
