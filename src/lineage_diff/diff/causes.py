"""Find the candidate causes: changes at a stage itself, without those from upstream."""

from collections.abc import Iterator, Mapping, Set
from typing import Any, Literal

from msgspec import Struct, field

from lineage_diff.diff.params import ParamChanges
from lineage_diff.diff.stages import Pair
from lineage_diff.lineage.dir_listing import Listing
from lineage_diff.lineage.graph import Link
from lineage_diff.lineage.outputs import TrackedOutput, git_version
from lineage_diff.lineage.stage import Dep, Import, ParamDep, Stage
from lineage_diff.lineage.version import (
    Content,
    Version,
    hash_text,
    is_recorded,
    same_content,
    same_hash,
    same_version,
)
from lineage_diff.report.reasons import Cause, CauseKind

_DATA = frozenset(
    {"csv", "tsv", "json", "jsonl", "ndjson", "parquet", "feather", "arrow", "xlsx", "xls"}
    | {"txt", "npy", "npz", "pkl", "h5", "hdf5", "xml", "db", "sqlite", "zip", "gz", "tar"}
    | {"png", "jpg", "jpeg", "wav", "mp3", "geojson", "gpkg", "shp", "zst", "avro", "orc"}
)
_ENVIRONMENT = frozenset(
    {"dockerfile", "pyproject.toml", "poetry.lock", "uv.lock", "pdm.lock", "pipfile"}
    | {"pipfile.lock", "environment.yml", "environment.yaml", "conda-lock.yml", "pixi.lock"}
    | {"pixi.toml", "setup.py", "setup.cfg", "renv.lock", "description", "cargo.toml"}
    | {"cargo.lock", "package.json", "package-lock.json", "yarn.lock", "go.mod", "go.sum"}
)


def git_kind(path: str) -> CauseKind:
    """Classify a Git-tracked path as code, data or environment, by its name."""
    name = path.rpartition("/")[2].lower()
    requirements = name.startswith("requirements") and name.endswith((".txt", ".in"))
    if name in _ENVIRONMENT or requirements or name.startswith("dockerfile."):
        return "environment"
    return "data" if name.rpartition(".")[2] in _DATA else "code"


class Sides(Struct, frozen=True):
    """Outs, Git contents, params and listings of base and head, by path.

    `edited` are the paths with different Git contents.
    """

    old_outs: Mapping[str, TrackedOutput]
    new_outs: Mapping[str, TrackedOutput]
    old_contents: Mapping[str, Content]
    new_contents: Mapping[str, Content]
    params: ParamChanges
    edited: frozenset[str]
    old_listings: Mapping[str, Listing] = field(default_factory=dict)
    new_listings: Mapping[str, Listing] = field(default_factory=dict)


def edited_paths(old: Mapping[str, Content], new: Mapping[str, Content]) -> frozenset[str]:
    """Return the paths with different Git contents."""
    paths = old.keys() | new.keys()
    return frozenset(path for path in paths if not same_content(old.get(path), new.get(path)))


def is_quiet(pair: Pair, sides: Sides) -> bool:
    """Whether the stage itself surely has no cause: the reader shares equal stages."""
    stage = pair.new
    return (
        stage is not None
        and pair.old is stage
        and sides.params.differing.isdisjoint([param.path for param in stage.params])
        and sides.edited.isdisjoint([dep.path for dep in stage.deps])
        and sides.edited.isdisjoint([out.path for out in stage.outs])
    )


def own_causes(pair: Pair, sides: Sides, made: Set[str] = frozenset()) -> Iterator[Cause]:
    """Yield the changes of the stage itself: command, params, import and Git-tracked deps.

    Deps and params files that a stage or a `.dvc` file makes are left out: their causes come from
    upstream. `made` are the paths of those that overlap such an out.
    """
    old, new = pair.old, pair.new
    if old is None or new is None:
        if not pair.any.is_dvcfile or pair.any.cmd:
            yield Cause("structure", pair.id, "added" if old is None else "removed")
        return
    # If an import became plain data or vice versa, the cause is at its outs.
    if old.imported and new.imported and old.imported != new.imported:
        yield _import(old, new, old.imported, new.imported)
    if old.cmd != new.cmd:
        yield Cause("command", pair.id, "modified", _command(old.cmd), _command(new.cmd))
    elif old.lock and new.lock and old.lock.cmd != new.lock.cmd:
        before, after = _command(old.lock.cmd), _command(new.lock.cmd)
        yield Cause("command", pair.id, "modified", before, after)
    yield from _params(old, new, sides, made)
    before_deps = {dep.path: dep for dep in old.deps}
    after_deps = {dep.path: dep for dep in new.deps}
    renamed = _renamed(before_deps.keys() - after_deps, after_deps.keys() - before_deps, sides)
    for path in sorted(before_deps.keys() | after_deps.keys()):
        if path in renamed:
            yield Cause(_kind(path, sides), path, "renamed", renamed[path], path)
        elif path in renamed.values():
            continue
        elif path not in before_deps:
            yield Cause("structure", path, "added")
        elif path not in after_deps:
            yield Cause("structure", path, "removed")
        elif before_deps[path].absolute != after_deps[path].absolute:
            yield Cause("structure", after_deps[path].absolute or path, "added")
            yield Cause("structure", before_deps[path].absolute or path, "removed")
        elif old.imported is None:
            cause = _content(before_deps[path], after_deps[path], sides)
            if cause is not None:
                yield cause


def _renamed(gone: Set[str], added: Set[str], sides: Sides) -> dict[str, str]:
    """Pair each added dep with a removed one of the same content, in the order of paths."""
    held: dict[str, list[str]] = {}
    for path in sorted(gone, reverse=True):
        content = _content_id(path, sides.old_outs, sides.old_contents)
        if content is not None:
            held.setdefault(content, []).append(path)
    found: dict[str, str] = {}
    for path in sorted(added):
        content = _content_id(path, sides.new_outs, sides.new_contents)
        if content is not None and held.get(content):
            found[path] = held[content].pop()
    return found


def _content_id(
    path: str, outs: Mapping[str, TrackedOutput], contents: Mapping[str, Content]
) -> str | None:
    if path in outs:
        return hash_text(outs[path].version)
    return contents[path].oid if path in contents else None


def _kind(path: str, sides: Sides) -> CauseKind:
    return "data" if path in sides.new_outs else git_kind(path)


def _params(old: Stage, new: Stage, sides: Sides, made: Set[str]) -> Iterator[Cause]:
    if not old.params and not new.params:
        return
    before = {param.path: param for param in old.params}
    after = {param.path: param for param in new.params}
    for path in sorted(before.keys() | after.keys()):
        if path not in made:
            yield from param_causes(path, before.get(path), after.get(path), sides)
        for key in sorted(_keys(after, path) - _keys(before, path)):
            yield Cause("structure", f"{path}:{key}", "added")
        for key in sorted(_keys(before, path) - _keys(after, path)):
            yield Cause("structure", f"{path}:{key}", "removed")


def param_causes(
    path: str, old: ParamDep | None, new: ParamDep | None, sides: Sides
) -> Iterator[Cause]:
    """Yield the causes in the keys that a stage uses from one params file."""
    if sides.params.may_differ(path):
        yield Cause("param", path, "modified")
    for key, item in sides.params.of(old, new).items():
        subject = f"{path}:{key}" if key else path
        yield Cause("param", subject, item.change, item.old, item.new)


def _keys(params: Mapping[str, Any], path: str) -> set[str]:
    return set(params[path].keys) if path in params else set()


def _content(old: Dep, new: Dep, sides: Sides) -> Cause | None:
    path = new.path
    if path in sides.old_outs or path in sides.new_outs:
        return None
    before, after = sides.old_contents.get(path), sides.new_contents.get(path)
    kind = git_kind(path) if (before or after) else "data"
    if _is_only_a_link(old, before) and _is_only_a_link(new, after):
        return _link_cause(kind, old, new, sides)
    if not same_content(before, after):
        change: Literal["added", "removed", "modified"] = "modified"
        if before is None or after is None:
            change = "added" if before is None else "removed"
        return _versions(kind, path, change, _content_version(before), _content_version(after))
    return caught_up(kind, old, new) if before or after or new.external else None


def _is_only_a_link(dep: Dep, content: Content | None) -> bool:
    """Whether a path is only a link to outs of DVC, and Git holds nothing else there."""
    return dep.target is not None and (content is None or content.kind == "symlink")


def _link_cause(kind: CauseKind, old: Dep, new: Dep, sides: Sides) -> Cause | None:
    """Return the cause if links lead to another out now; changes of one out come from upstream."""
    was, now = (
        _version_behind_links(old, sides.old_outs),
        _version_behind_links(new, sides.new_outs),
    )
    if old.target == new.target or (is_recorded(was) and same_version(was, now)):
        return None
    return _versions(kind, new.path, "modified", was, now)


def _version_behind_links(dep: Dep, outs: Mapping[str, TrackedOutput]) -> Version | None:
    """Return the version of the out that links lead to from a dep."""
    made = outs.get(dep.reached)
    return made.version if made is not None else None


def caught_up(kind: CauseKind, old: Dep, new: Dep) -> Cause | None:
    """Return the cause of a new locked version of a dep whose content did not change.

    The run caught up with an older edit. `None` if the locked version is the same.
    """
    if old.locked is None or new.locked is None or same_version(old.locked, new.locked):
        return None
    return _versions(kind, new.path, "modified", old.locked, new.locked)


def _content_version(content: Content | None) -> Version | None:
    if content is None:
        return None
    return content.versions[0] if content.versions else git_version(content)


def _versions(
    kind: CauseKind,
    path: str,
    change: Literal["added", "removed", "modified"],
    old: Version | None,
    new: Version | None,
) -> Cause:
    return Cause(
        kind,
        path,
        change,
        hash_text(old),
        hash_text(new),
        size_old=old.size if old else None,
        size_new=new.size if new else None,
    )


def out_cause(path: str, sides: Sides) -> Cause | None:
    """Return the data cause for an out whose version differs, `None` if it does not.

    A version that is no longer recorded does not count as a different one.
    """
    old, new = sides.old_outs.get(path), sides.new_outs.get(path)
    if old is new:
        return None
    if old is None or new is None:
        if _moved_between_git_and_dvc(path, old, new, sides):
            return None
        change: Literal["added", "removed"] = "added" if old is None else "removed"
        before, after = (old.version if old else None), (new.version if new else None)
        return _versions("data", path, change, before, after)
    if not is_recorded(new.version) or same_version(old.version, new.version):
        return None
    return _versions("data", path, "modified", old.version, new.version)


def _moved_between_git_and_dvc(
    path: str, old: TrackedOutput | None, new: TrackedOutput | None, sides: Sides
) -> bool:
    """Whether Git has on one side the content that DVC tracks on the other."""
    made, held = (old, sides.new_contents) if new is None else (new, sides.old_contents)
    content = held.get(path)
    if made is None or content is None:
        return False
    return any(same_version(made.version, version) for version in content.versions)


def takes_same_files(link: Link, sides: Sides) -> bool:
    """Whether a dep lies inside added or imported data whose listings have the same there."""
    old, new = sides.old_outs.get(link.out), sides.new_outs.get(link.out)
    before, after = sides.old_listings.get(link.out), sides.new_listings.get(link.out)
    if before is None or after is None or not link.dep.startswith(f"{link.out}/"):
        return False
    if not all(made and made.stage.is_dvcfile and not made.stage.cmd for made in (old, new)):
        return False
    inner = link.dep[len(link.out) + 1 :]
    was, now = before.hash_of(inner), after.hash_of(inner)
    return was is not None and same_hash(was, now)


def _import(old: Stage, new: Stage, was: Import, now: Import) -> Cause:
    subject = new.outs[0].path if new.outs else new.id
    before: Any = hash_text(was.locked)
    after: Any = hash_text(now.locked)
    # A tag or branch says more than the commit that it was.
    named = was.rev is not None and now.rev is not None and was.rev != now.rev
    for name in (*(("rev",) if named else ()), "rev_lock", "rev", "source", "path"):
        if getattr(was, name) != getattr(now, name):
            before, after = getattr(was, name), getattr(now, name)
            break
    size_old = old.outs[0].locked.size if old.outs and old.outs[0].locked else None
    size_new = new.outs[0].locked.size if new.outs and new.outs[0].locked else None
    return Cause("import", subject, "modified", before, after, size_old=size_old, size_new=size_new)


def _command(cmd: str | tuple[str, ...] | None) -> Any:
    return list(cmd) if isinstance(cmd, tuple) else cmd
