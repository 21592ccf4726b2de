"""Read a `dvc.yaml`: its stages without their locks, and its top-level lists.

Also reads the `parsing` section of a project's `.dvc/config`: how templating writes dicts into
commands. No other setting of a commit's configuration is read: the commit may be untrusted.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from lineage_diff.dvc import problems
from lineage_diff.dvc.lock.datasets import datasets_of
from lineage_diff.dvc.pipeline.schema import section_errors, stage_error
from lineage_diff.dvc.pipeline.stage_builder import DefinitionError, build_stage
from lineage_diff.dvc.pipeline.template_files import TemplateFiles, oid_at
from lineage_diff.dvc.pipeline.templating import Definition, Resolved, is_templated, resolve
from lineage_diff.dvc.pipeline.text_cache import PipelineTexts
from lineage_diff.dvc.project import config_sections
from lineage_diff.dvc.read_budget import too_many_stages
from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.lineage import PlotDefinition, Problem, RegistryArtifact
from lineage_diff.lineage.paths import folder_of, join
from lineage_diff.lineage.stage import LockEntry, ParamDep, Stage
from lineage_diff.parsing.line_numbers import key_lines
from lineage_diff.parsing.work_budget import (
    PIPELINE_STEPS,
    PIPELINES,
    TEMPLATE_STEPS,
    LastTexts,
    WorkBudget,
)
from lineage_diff.parsing.yaml_loader import decode

# dvc.config_schema.SCHEMA["parsing"]
_ALLOWED = {"bool": ("store_true", "boolean_optional"), "list": ("nargs", "append")}
# Of a pipeline, its own `params.yaml` and those that it shares with its neighbours.
_VARS_FILES = 4


def parsing_config(files: TemplateFiles, path: str) -> dict[str, str]:
    """Return the valid settings of the section, or an empty mapping."""
    text = files.text(path)
    if text is None or "parsing" not in text:
        return {}
    section = (config_sections(text) or {}).get("parsing")
    if not isinstance(section, dict):
        return {}
    settings = {key: str(section[key]).strip("'\"").lower() for key in _ALLOWED if key in section}
    return {key: value for key, value in settings.items() if value in _ALLOWED[key]}


class PipelineFile(Struct, frozen=True):
    """The declarations of a `dvc.yaml`. Paths are relative to the repository's root.

    `reads` are the other files that its templates used, with their ids. `unread` are the ids of
    stages whose variables cannot be read.
    """

    file: str
    stages: tuple[Stage, ...] = ()
    artifacts: tuple[RegistryArtifact, ...] = ()
    metrics: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    plots: tuple[str, ...] = ()
    plot_definitions: "tuple[PlotDefinition, ...]" = ()
    tracked_vars: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    reads: Mapping[str, str | None] = field(default_factory=dict)
    datasets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()


class PipelineReader:
    """Reads `dvc.yaml` files; revisions share their unchanged parts."""

    def __init__(self) -> None:
        self._texts = PipelineTexts()
        self._vars_files = LastTexts[Any](_VARS_FILES)
        self._read: dict[tuple[str, str], tuple[PipelineFile, int | None]] = {}
        self._stages: dict[str, tuple[Definition, int | None, Stage]] = {}

    def read(
        self,
        snapshot: Snapshot,
        file: str,
        oid: str,
        text: bytes,
        root: str,
        most: int,
        work: WorkBudget | None = None,
    ) -> PipelineFile:
        """Parse and resolve one file of the project at `root`, with at most `most` stages.

        Raises `InputError` if no part of it can be used, or it has more stages.
        """
        known, allowed = self._read.get((file, oid), (None, None))
        if (
            known is not None
            and allowed in (None, most)
            and all(oid_at(snapshot, path) == before for path, before in known.reads.items())
        ):
            return known
        work = work or WorkBudget()
        read, is_whole = self._parse(snapshot, file, decode(text, file), root, most, work)
        # More stages may be allowed elsewhere.
        self._read[file, oid] = read, None if is_whole else most
        return read

    def _parse(
        self,
        snapshot: Snapshot,
        file: str,
        text: str,
        root: str,
        most: int,
        work: WorkBudget,
    ) -> tuple[PipelineFile, bool]:
        """Return a file, and whether all its templates were resolved."""
        # For DVC, an empty file has no stages (`dvc.utils.serialize`).
        work.spend(PIPELINE_STEPS, PIPELINES)
        data = self._texts.load(text, file, work) or {}
        if not isinstance(data, dict):
            raise _not_a_pipeline(file)
        declared = data.get("stages")
        if isinstance(declared, dict) and len(declared) > most:
            raise too_many_stages(len(declared), most, file)
        lines = key_lines(text)
        found, data = _valid_part(data, file, lines, text)
        files = TemplateFiles(snapshot, work, self._vars_files)
        if is_templated(text):
            # Imported here: many pipelines have no template.
            from lineage_diff.dvc.pipeline.usual_template import resolve_usual

            resolved = resolve_usual(data, file, files, most)
            if resolved is None:
                work.spend(TEMPLATE_STEPS, PIPELINES)
                config = parsing_config(files, join(root, ".dvc/config"))
                resolved = resolve(data, file, files, config, lines, most)
        else:
            stages = data.get("stages", {}).items()
            resolved = Resolved(tuple(Definition(name, body) for name, body in stages), data)
        found += resolved.failed
        found += _names(resolved.definitions, file, lines)
        found += _datasets(data, file, text)
        stages = self._stages_of(resolved, file, lines, found)
        read = _pipeline_file(file, text, stages, resolved, found, files.reads)
        return read, not resolved.failed

    def read_unfilled(
        self,
        file: str,
        text: bytes,
        variables: InputError,
        lock: Mapping[str, LockEntry],
        most: int,
        work: WorkBudget,
    ) -> PipelineFile:
        """Return a file without the values of variables, which the error's file would have.

        Its stages take that file as a whole as params. Raises `InputError`.
        """
        # Imported here: such a file is rare.
        from lineage_diff.dvc.pipeline.unfilled import plain_sections, unfilled_definitions

        written = decode(text, file)
        lines = key_lines(written)
        found, data = _valid_part(self._texts.load(written, file, work) or {}, file, lines, written)
        resolved = Resolved(
            unfilled_definitions(data.get("stages") or {}, lock, most), plain_sections(data)
        )
        params = tuple(ParamDep(path, path, ()) for path in (variables.file,) if path)
        stages = self._stages_of(resolved, file, lines, found)
        stages = [replace(stage, params=(*stage.params, *params)) for stage in stages]
        found.append(problems.unreadable_file(variables, file, file))
        read = _pipeline_file(file, written, stages, resolved, found, {})
        return replace(read, unread=frozenset(stage.id for stage in stages))

    def _stages_of(
        self, resolved: Resolved, file: str, lines: Mapping[str, int], found: list[Problem]
    ) -> list[Stage]:
        """Build the stages, and append to `found` a problem for each that DVC cannot build."""
        stages = []
        for definition in resolved.definitions:
            line = lines.get(definition.group or definition.name)
            try:
                stages.append(self._stage(file, definition, line))
            except DefinitionError as error:
                where = f"stage `{definition.name}`"
                name = definition.group or definition.name
                found.append(problems.invalid_pipeline(file, where, str(error), line, True, name))
        return stages

    def _stage(self, file: str, definition: Definition, line: int | None) -> Stage:
        known = self._stages.get(f"{file}:{definition.name}")
        if known is not None and known[0] == definition and known[1] == line:
            return known[2]
        stage = build_stage(file, definition.name, definition.body, definition.group, line)
        self._stages[stage.id] = definition, line, stage
        return stage


def _names(
    definitions: Sequence[Definition], file: str, lines: Mapping[str, int]
) -> Iterator[Problem]:
    """Yield the names by which DVC cannot look a stage up (`DataResolver.resolve_one`)."""
    generated = {definition.name for definition in definitions if definition.group is not None}
    for name, group in ((d.name, d.group) for d in definitions):
        key = name if group is None else name[len(group) + 1 :]
        if key and ("@" not in key or (group is None and name in generated)):
            continue
        what = "its name holds an `@`" if key else "it has an empty name"
        if group is not None:
            what = f"a name made from `{group}` holds a second `@`, or nothing behind the first"
        hint = "Give it another name: DVC cannot look it up, and ends."
        yield problems.refused(file, f"stage `{name}`: {what}", hint, lines.get(group or name))


def _datasets(data: Mapping[str, Any], file: str, text: str) -> Iterator[Problem]:
    # DVC goes through it, whatever it is.
    if isinstance(data.get("datasets", []), list | dict | str):
        return
    line = key_lines(text, None).get("datasets")
    yield problems.refused(file, "`datasets` must be a list", "Correct it, or remove it.", line)


def _valid_part(
    data: dict[Any, Any], file: str, lines: Mapping[str, int], text: str
) -> tuple[list[Problem], dict[str, Any]]:
    wrong = section_errors(data)
    tops = key_lines(text, None) if wrong else {}
    found = [
        problems.invalid_pipeline(file, f"`{key}`", what, tops.get(key), partial=True)
        for key, what in wrong.items()
    ]
    valid = {key: value for key, value in data.items() if str(key) not in wrong}
    stages: dict[str, Any] = {}
    for name, definition in valid.get("stages", {}).items():
        what = stage_error(definition) if isinstance(name, str) else "must have a name of text"
        if what is None:
            stages[name] = definition
        else:
            where, line = f"stage `{name}`", lines.get(str(name))
            found.append(problems.invalid_pipeline(file, where, what, line, True, str(name)))
    return found, {**valid, "stages": stages}


def _pipeline_file(
    file: str,
    text: str,
    stages: list[Stage],
    resolved: Resolved,
    found: list[Problem],
    reads: Mapping[str, str | None],
) -> PipelineFile:
    sections, folder = resolved.sections, folder_of(file)
    artifacts = sections.get("artifacts") or {}
    names = key_lines(text, "artifacts") if artifacts else {}
    return PipelineFile(
        file,
        tuple(stages),
        tuple(_artifacts(artifacts, file, names)),
        _paths(sections.get("metrics"), folder),
        _paths(sections.get("params"), folder),
        _plot_paths(sections.get("plots"), folder),
        tuple(_plot_definitions(sections.get("plots"), file)),
        {
            f"{file}:{definition.name}": definition.tracked
            for definition in resolved.definitions
            if definition.tracked
        },
        tuple(found),
        reads,
        datasets_of(sections.get("datasets")),
    )


def _artifacts(
    section: Mapping[str, Any], file: str, lines: Mapping[str, int]
) -> list[RegistryArtifact]:
    if not section:
        return []
    # Imported late: most pipelines declare no artifacts.
    from lineage_diff.dvc.pipeline.artifact_meta import meta_json

    return [
        RegistryArtifact(
            name,
            join(folder_of(file), str(item.get("path"))),
            file,
            item.get("type"),
            item.get("desc"),
            tuple(str(label) for label in item.get("labels") or ()),
            lines.get(name),
            meta_json(item.get("meta")),
        )
        for name, item in sorted(section.items())
        if isinstance(item, dict)
    ]


def _paths(items: Any, folder: str) -> tuple[str, ...]:
    return tuple(join(folder, item) for item in items or () if isinstance(item, str))


def _plot_definitions(items: Any, file: str) -> Iterator[PlotDefinition]:
    # If a name occurs twice, DVC uses the last one.
    found: dict[str, Mapping[str, Any]] = {}
    for item in items or ():
        for name, plot in item.items() if isinstance(item, dict) else ((item, None),):
            found[str(name)] = plot if isinstance(plot, dict) else {}
    for name, props in found.items():
        yield PlotDefinition(file, name, props)


def _plot_paths(items: Any, folder: str) -> tuple[str, ...]:
    """Return the data files of top-level plots (`dvc.repo.plots._collect_data_sources`)."""
    paths: dict[str, None] = {}
    for item in items or ():
        for name, plot in item.items() if isinstance(item, dict) else ((item, None),):
            plot = plot if isinstance(plot, dict) else {}
            axes = [axis for axis in (plot.get("x"), plot.get("y")) if isinstance(axis, dict)]
            sources = [source for axis in axes for source in axis] or [name]
            paths.update((join(folder, source), None) for source in sources)
    return tuple(paths)


def _not_a_pipeline(file: str) -> InputError:
    return InputError(
        "not a pipeline: no mapping at the top",
        hint="Declare stages under `stages:`, or remove the file.",
        file=file,
    )
