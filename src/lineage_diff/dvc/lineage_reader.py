"""Read a commit into its lineage; files that two commits share are read once.

`project_reader` reads the DVC files; this adds what the commit's other files say: values, refusals,
and contents in Git.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol

from msgspec.structs import replace

from lineage_diff.dvc.linked_data import Shared, with_targets
from lineage_diff.dvc.lock.blocks import Blocks
from lineage_diff.dvc.lock.recorded_listings import recorded_listings
from lineage_diff.dvc.metrics_and_params import ValuesReader
from lineage_diff.dvc.pipeline.dvc_file import DvcFiles
from lineage_diff.dvc.problems import graph_problems
from lineage_diff.dvc.project import Declared, ProjectRoots
from lineage_diff.dvc.project_reader import DvcTexts, Project, ProjectReader
from lineage_diff.dvc.read_budget import ReadBudget
from lineage_diff.dvc.refusals.config import config_problems
from lineage_diff.dvc.refusals.ignore import ignore_files, ignore_refusals
from lineage_diff.dvc.refusals.project import stage_refusals
from lineage_diff.dvc.refusals.values import default_params, values_refusals
from lineage_diff.errors import InputError
from lineage_diff.git.path_rules import GITATTRIBUTES, git_ignored
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.limits import USUAL, Limits
from lineage_diff.lineage.evidence import GitContents
from lineage_diff.lineage.graph import ancestors, folders_around
from lineage_diff.lineage.lineage import Lineage, Pipeline, PlotSource, Problem
from lineage_diff.lineage.paths import join
from lineage_diff.lineage.stage import Stage
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.lineage.version import Content
from lineage_diff.parsing.work_budget import PROJECT_STEPS, PROJECTS, WorkBudget
from lineage_diff.parsing.yaml_loader import collection_paused

if TYPE_CHECKING:
    from lineage_diff.dvc.contents.converted_files import ConvertedFiles
    from lineage_diff.dvc.contents.reader import ContentReader


class CommitReader(Protocol):
    """The interface of a Git repository for the reader."""

    def snapshot(self, commit: str) -> Snapshot:
        """Return the files of a commit."""


class LineageReader:
    """Reads lineages of one repository. Two commits share the objects of their equal parts."""

    def __init__(self, repository: CommitReader, bounds: Limits = USUAL) -> None:
        self._repository = repository
        self._limits = bounds
        converted = _Converted()
        self._project_reader = ProjectReader(converted.explain)
        self._values = ValuesReader(converted.explain)
        self._git_ignores: dict[str, bytes] = {}
        self._linked: Shared = {}
        self._content_reader: ContentReader | None = None

    @property
    def lock_blocks(self) -> Blocks:
        """The blocks of all locks that it read."""
        return self._project_reader.lock_blocks

    @property
    def dvc_files(self) -> DvcFiles:
        """The `.dvc` files that it read."""
        return self._project_reader.dvc_files

    def read(self, commit: str) -> Lineage:
        """Read a commit. An unreadable file becomes a problem of the lineage, not an exception."""
        with collection_paused():
            return self._read(self._repository.snapshot(commit), ReadBudget(self._limits))[0]

    def read_with_contents(
        self, commit: str, earlier: Sequence[Stage] = (), later: Sequence[Stage] = ()
    ) -> tuple[Lineage, GitContents]:
        """Read a commit, and the hashes of the deps and outs that Git tracks.

        Also of the deps of `earlier` stages, those of another commit, whose outs are tracked by
        `.dvc` files in this one, or lie in Git without a stage; and the params that no stage
        declares any more. Also of the deps of `later` stages, which another commit will bring.
        """
        with collection_paused():
            snapshot, budget = self._repository.snapshot(commit), ReadBudget(self._limits)
            lineage, projects = self._read(snapshot, budget)
            held = self._git_contents(lineage, snapshot, projects, earlier, later, budget.work)
            return lineage, held

    def _read(self, snapshot: Snapshot, budget: ReadBudget) -> "tuple[Lineage, list[Project]]":
        roots = ProjectRoots(snapshot)
        # The first one is there in nearly all commits.
        budget.work.spend(PROJECT_STEPS * max(0, len(roots.roots) - 1), PROJECTS)
        texts = DvcTexts(snapshot, budget)
        projects = [self._project_reader.read(texts, root, roots) for root in roots.roots]
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
        self, project: Project, roots: ProjectRoots, snapshot: Snapshot, work: WorkBudget
    ) -> Iterator[Problem]:
        """Yield the problems at which DVC commands end: all of them, or those that load a stage."""

        def load(path: str) -> Any:
            return self._values.load(snapshot, path, work)

        yield from config_problems(snapshot, join(project.root, ".dvc/config"), work)
        outs = {out.path for stage in project.stages for out in stage.outs}
        ignoring = ignore_files(project.root, roots, project.rules)
        yield from ignore_refusals(ignoring, outs, snapshot, work)
        yield from stage_refusals(project.stages, project.root, snapshot, project.rules, ignoring)
        defaults = default_params(pipeline.file for pipeline in project.pipelines)
        self._values.read_ahead(snapshot, defaults, work)
        yield from values_refusals(defaults, project.stages, snapshot, load, work)
        read = _files_read(project).union(defaults)
        if not snapshot.is_on_disk and _has_attributes(read, snapshot):
            # Imported here: most projects have no attributes.
            from lineage_diff.dvc.refusals.encoding import encoding_refusals

            yield from encoding_refusals(read, snapshot, work)

    def _values_files(
        self, snapshot: Snapshot, projects: list[Project], work: WorkBudget
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
        projects: list[Project],
        earlier: Sequence[Stage],
        later: Sequence[Stage],
        work: WorkBudget,
    ) -> GitContents:
        # Imported here: reading a history needs no contents.
        from lineage_diff.dvc.contents.reader import models_in_git

        before = None
        if earlier:
            # Imported here: only to compare needs it.
            from lineage_diff.dvc.left_behind import EarlierStages

            before = EarlierStages(earlier, lineage.stages, snapshot)
        held: dict[str, Content] = {}
        dropped: dict[str, ValuesFile] = {}
        for project in projects:
            left = before.left_to(project.stages, project.root) if before is not None else ()
            coming = (
                replace(s, outs=()) for s in later if project.root in ("", *ancestors(s.file))
            )
            stages = _by_id((*project.stages, *left, *coming))
            held |= self._contents(snapshot, stages, project, work)
            users = before.params_users(project.stages, left) if before is not None else ()
            if users:
                declared = Declared(project.root, _by_id(users))
                dropped |= self._values.params(snapshot, declared, project.rules, work)
        held |= models_in_git(lineage, snapshot, held)
        known = held.keys() | lineage.params.keys()
        ignored = git_ignored(snapshot, lineage.stages, known, work, self._git_ignores)
        return GitContents(held, ignored, recorded_listings(lineage.stages), dropped)

    def _contents(
        self, snapshot: Snapshot, stages: Iterable[Stage], project: Project, work: WorkBudget
    ) -> "Mapping[str, Content]":
        # Imported here: reading a history needs no contents.
        from lineage_diff.dvc.contents.reader import ContentReader

        if self._content_reader is None:
            self._content_reader = ContentReader(self._limits)
        return self._content_reader.read(snapshot, stages, project.rules, work, project.root)


class _Converted:
    """Explains the errors of files by their conversion by Git.

    It knows no reader: a circle of objects would keep all that was read until the process ends.
    """

    def __init__(self) -> None:
        self._files: ConvertedFiles | None = None

    def explain(
        self, error: InputError, path: str, snapshot: Snapshot, work: WorkBudget
    ) -> InputError:
        """Return the error of a file, or that of its conversion by Git."""
        # Imported here: most files read.
        from lineage_diff.dvc.contents.converted_files import ConvertedFiles

        if self._files is None:
            self._files = ConvertedFiles()
        return self._files.explain(error, path, snapshot, work)


def _files_read(project: Project) -> set[str]:
    """Return the files of a project that DVC parses."""
    found = {stage.file for stage in project.stages}
    found.update([param.path for stage in project.stages for param in stage.params])
    for pipeline in project.pipelines:
        found.update((pipeline.file, pipeline.lock_file or pipeline.file))
    return found


def _has_attributes(paths: Iterable[str], snapshot: Snapshot) -> bool:
    """Whether a `.gitattributes` may say something of one of the paths."""
    folders = folders_around(paths) | {""}
    files = snapshot.files()
    return any((f"{at}/{GITATTRIBUTES}" if at else GITATTRIBUTES) in files for at in folders)


def _plot_source(path: str, file: str, snapshot: Snapshot) -> PlotSource:
    return PlotSource(path, file, entry.oid if (entry := snapshot.entry(path)) else None)


def _declarations(project: Project) -> Declared:
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
