"""Find the stages of a project that DVC refuses as it loads them, beyond each file's schema.

The rules are those of `dvc.output.Output`, `dvc.parsing.DataResolver`, `dvc.ignore` and
`dvc.repo.graph.build_graph`.
"""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from lineage_diff.dvc import problems
from lineage_diff.dvc.project import SKIPPED_FOLDERS, Rules, is_hidden
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.graph import ancestors, inside
from lineage_diff.lineage.lineage import Problem
from lineage_diff.lineage.stage import Dep, Out, ParamDep, Stage

# What dvc.config_schema.REMOTE_SCHEMAS knows; `ds` names a dataset.
_SCHEMES = frozenset(
    (
        *("s3", "gs", "azure", "oss", "gdrive", "hdfs", "webhdfs", "ssh"),
        *("http", "https", "webdav", "webdavs", "remote", "ds"),
    )
)
_DATASET = "ds://"
_DVC_FILES = (".dvc", "dvc.yaml")
# Without these, no path of several, each between line ends, is wrong by itself.
_ODD_WRITTEN = ("\n\n", "://", ".dvc\n", "dvc.yaml\n")
_ODD_PATHS = ("\n\n", "\n.", "/.")
# The stages whose paths are looked at together.
_TOGETHER = 100
_ELSEWHERE = "Name another path: DVC refuses the whole repository."


def stage_refusals(
    stages: Sequence[Stage],
    root: str,
    snapshot: Snapshot,
    rules: Rules,
    ignore_files: list[str],
) -> list[Problem]:
    """Find the stages that DVC refuses in the project in the folder `root`.

    `ignore_files` are its `.dvcignore` files that DVC reads, sorted.
    """
    producers = {out.path: stage for stage in stages for out in stage.outs}
    found: list[Problem] = []
    for stage in stages if ignore_files else _in_doubt(stages, root, rules):
        found += (
            problems.refused(stage.file, f"{_describe(stage)}{what}", hint, stage.line)
            for what, hint in (
                *_paths(stage),
                *_outs(stage, root, snapshot, rules),
                *(_ignore_files(stage, ignore_files) if ignore_files else ()),
            )
        )
    return found + _enclosed_dvc_files(stages, producers)


def _in_doubt(stages: Sequence[Stage], root: str, rules: Rules) -> Iterator[Stage]:
    """Yield the stages that may have an error in a path: most have none, as a few searches tell."""
    above = f"{root}/" if root else ""
    for start in range(0, len(stages), _TOGETHER):
        some = stages[start : start + _TOGETHER]
        outs = [out for stage in some for out in stage.outs]
        written = [dep.declared for stage in some for dep in stage.deps]
        written += [param.declared for stage in some for param in stage.params]
        written += [out.declared for out in outs]
        paths = [out.path for out in outs]
        odd = any(map(_joined(written).__contains__, _ODD_WRITTEN)) or any(
            map(_joined(paths).__contains__, _ODD_PATHS)
        )
        inside = all(out.path.startswith(above) and not out.external for out in outs)
        folders = {path.rpartition("/")[0] for path in paths}
        if odd or not inside or not all(rules(folder).is_empty for folder in folders):
            yield from some


def _joined(paths: list[str]) -> str:
    return "\n".join(("", *paths, "")) if paths else ""


def _describe(stage: Stage) -> str:
    return f"stage `{stage.name}`: " if stage.name is not None else ""


def _paths(stage: Stage) -> Iterator[tuple[str, str]]:
    """Yield the errors in a path as written, independent of the files there."""
    items: tuple[tuple[str, tuple[Dep | ParamDep | Out, ...]], ...] = (
        ("dep", stage.deps),
        ("params file", stage.params),
        ("out", stage.outs),
    )
    for key, written in items:
        for item in written:
            path = item.declared
            if not path or path.endswith(_DVC_FILES) or "://" in path:
                yield from _path_errors(key, path)


def _path_errors(key: str, declared: str) -> Iterator[tuple[str, str]]:
    if not declared and key != "params file":
        yield f"an {key} has an empty path" if key == "out" else "a dep has no path", _ELSEWHERE
    elif declared.endswith(".dvc") or declared.rpartition("/")[2] == "dvc.yaml":
        yield f"the DVC file `{declared}` cannot be its {key}", _ELSEWHERE
    elif "://" in declared and (scheme := _unknown_scheme(declared)):
        yield f"DVC knows no `{scheme}://`, in the {key} `{declared}`", _ELSEWHERE


def _unknown_scheme(path: str) -> str | None:
    try:
        url = urlsplit(path)
    except ValueError:
        return None
    return url.scheme or None if url.netloc and url.scheme not in _SCHEMES else None


def _outs(stage: Stage, root: str, snapshot: Snapshot, rules: Rules) -> Iterator[tuple[str, str]]:
    above = f"{root}/" if root else ""
    for out in stage.outs:
        if _is_elsewhere(out, root, above):
            if out.cache and out.locked is not None and out.locked.hash is not None:
                yield (
                    f"DVC does not cache the out `{out.declared}`, which lies outside the project, "
                    "and ends at its entry in the lock file",
                    "Write it to a path inside, or set `cache: false` for it and run the stage.",
                )
        elif out.external or not out.declared:
            continue
        elif out.path == root and not stage.is_dvcfile:
            yield f"the out `{out.declared}` is the project's own folder", _ELSEWHERE
        elif _is_hidden(out, above, snapshot, rules):
            yield (
                f"DVC ignores the place of the out `{out.path}`",
                "Change the pattern in `.dvcignore`, or the path: DVC refuses the repository.",
            )


def _is_elsewhere(out: Out, root: str, above: str) -> bool:
    """Return whether an out lies outside the project, as `dvc.output.Output.is_in_repo` says.

    `above` is the start of the paths inside of `root`.
    """
    if not out.external and (out.path.startswith(above) or out.path == root):
        return False
    return bool(out.declared) and not out.declared.startswith(_DATASET)


def _is_hidden(out: Out, above: str, snapshot: Snapshot, rules: Rules) -> bool:
    path = out.path
    # DVC skips folders whose names begin with a dot.
    if path.startswith(".") or "/." in path:
        parts = path.removeprefix(above).split("/")
        if SKIPPED_FOLDERS.intersection(parts[:-1]) or parts[-1] == ".git":
            return True
    if rules(path.rpartition("/")[0]).is_empty:
        return False
    entry = snapshot.entry(path)
    return is_hidden(path, entry is not None and entry.kind == "directory", rules)


def _ignore_files(stage: Stage, ignore_files: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the ignore files inside folders that DVC hashes."""
    deps = [] if stage.frozen else [dep.path for dep in stage.deps]
    for folder in (*deps, *(out.path for out in stage.outs if not out.cache)):
        for path in inside(ignore_files, folder)[:1]:
            yield (
                f"`{path}` lies inside of `{folder}`, which DVC hashes",
                "Move its patterns to the `.dvcignore` of the project: DVC hashes no folder "
                "with one inside.",
            )


def _enclosed_dvc_files(stages: Sequence[Stage], producers: dict[str, Stage]) -> list[Problem]:
    """Find outs that contain a DVC file of the same project (`StagePathAsOutputError`)."""
    found: dict[str, Problem] = {}
    for file in dict.fromkeys(stage.file for stage in stages):
        for path in (file, *ancestors(file)):
            producer = producers.get(path)
            if producer is not None and file not in found:
                message = f"{_describe(producer)}its out `{path}` holds the DVC file `{file}`"
                found[file] = problems.refused(producer.file, message, _ELSEWHERE, producer.line)
    return list(found.values())
