"""Models of which DVC says nothing any more: what made them is gone, or looks away, beside an edit.

Kept small, so that it is sure: the DVC files of `main` are put on the files of the merge. If DVC
then says that an input of a model is modified, if the model is there as it was, and if no lock
records the new input, the merge hides a stale model.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fuzz.pull_request.answers import Answer, Dvc
from fuzz.pull_request.project import LOCK, PIPELINE, Project

_READ = (PIPELINE, LOCK, ".dvcignore", ".gitignore", ".gitattributes")


def left_behind(project: Project, dvc: Dvc, main: Answer, after: Answer) -> dict[str, Any]:
    """Return the models that the merge hides an edit of, each with what changed."""
    if main.refused is not None or _same_declarations(project):
        return {}
    stays = {path for path in main.models() if _stays(project, path, main, after)}
    if not stays:
        return {}
    recorded = _recorded(project, "merged")
    project.at("merged")
    outs = [out for stage in main.stages.values() for out in stage.outs.items()]
    kept = {path for path, out in outs if not out.cached}
    mine = {f"{path}.dvc" for path, _ in outs}
    listed = set(_paths(project, "main"))
    for path in _paths(project, "merged"):
        # A new `.dvc` file of an input keeps it.
        is_new = path.endswith(".dvc") and path not in listed | mine
        if _declares(path) and not is_new:
            project.drop(path)
    held = [path for path in _paths(project, "main") if _declares(path) or path in kept]
    project.repo.git("checkout", "-q", "-f", "main", "--", *held)
    said = dvc.ask(project.root)
    project.repo.git("checkout", "-q", "-f", "merged", "--", ".")
    if said.refused is not None:
        return {}
    before = _recorded(project, "main")
    found = dict[str, Any]()
    for path in stays & said.makers().keys():
        edits = {
            name: edits
            for name, changes in said.red(said.makers()[path]).items()
            if (edits := _edits(changes, recorded, before))
        }
        if edits:
            found[path] = edits
    return found


def _declares(path: str) -> bool:
    return path.rpartition("/")[2] in _READ or path.endswith(".dvc")


def _paths(project: Project, revision: str) -> list[str]:
    listed = project.repo.git("ls-tree", "-r", "-z", "--name-only", revision).split("\0")
    return [path for path in listed if path and not path.startswith(".dvc/")]


def _same_declarations(project: Project) -> bool:
    changed = project.repo.git("diff", "--name-only", "-z", "main", "merged").split("\0")
    return not any(_declares(path) for path in changed)


def _stays(project: Project, path: str, main: Answer, after: Answer) -> bool:
    """Whether a model is there as it was, and green by DVC or of no stage any more."""
    made = after.models().get(path)
    known = main.models()[path].hash
    if made is not None or after.refused is not None:
        return made is not None and made.hash == known
    listed = project.repo.git("ls-tree", "main", path), project.repo.git("ls-tree", "merged", path)
    return bool(listed[0]) and listed[0] == listed[1]


def _recorded(project: Project, revision: str) -> dict[str, set[str]]:
    """Return the hashes and values that the locks of a revision record, by the name of the file."""
    found = dict[str, set[str]]()
    for path in _paths(project, revision):
        if path.rpartition("/")[2] != LOCK:
            continue
        for key, value in _entries(project, revision, path):
            found.setdefault(key, set()).add(value)
    return found


def _entries(project: Project, revision: str, path: str) -> Iterator[tuple[str, str]]:
    data = project.loaded(project.repo.git("show", f"{revision}:{path}"))
    for entry in (data.get("stages") or {}).values():
        for dep in entry.get("deps", []):
            yield Path(dep["path"]).name, str(dep.get("md5"))
        for file, values in (entry.get("params") or {}).items():
            yield Path(file).name, repr(values)


def _edits(
    changes: dict[str, str], recorded: dict[str, set[str]], before: dict[str, set[str]]
) -> dict[str, str]:
    """Return the deps that are modified, and which no run has seen so."""
    found = dict[str, str]()
    for change, how in changes.items():
        path = change.removeprefix("changed deps ")
        name = Path(path).name
        seen = recorded.get(name, set()) - before.get(name, set())
        if path != change and "modified" in how and not seen:
            found[path] = how
    return found
