"""Find deps and outs whose freshness one commit cannot decide, but its history may."""

from collections.abc import Collection, Iterator, Mapping

from lineage_diff.lineage.dir_listing import Listing, enclosing_dir
from lineage_diff.lineage.evidence import GitContents
from lineage_diff.lineage.graph import folders_around
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Dep, Stage
from lineage_diff.lineage.version import Content, Version


def undecided_paths(
    lineage: Lineage, held: GitContents, listings: Mapping[str, Listing]
) -> dict[str, tuple[str, ...]]:
    """Return, by stage, the paths of undecided deps and outs, sorted.

    `held` is what Git holds at the commit; `listings` are those that it holds or that were fetched.

    A dep is undecided if it lies inside an out whose listing was not fetched from the cache,
    contains such outs, is in Git in a form without a DVC hash (with LFS pointers, submodules,
    links, ignored files), or is not tracked. A params file is undecided if DVC caches it, or if Git
    holds it in another form, which does not read.
    """
    outs = _ListedOuts(lineage, listings)
    unread = {
        path
        for path, file in lineage.params.items()
        if file.unknown is not None and (file.cached or file.converted)
    }
    found: dict[str, tuple[str, ...]] = {}
    for stage in lineage.stages:
        if stage.lock is not None:
            paths = list(_of_stage(stage, held.contents, outs))
            if unread:
                paths += _unread_params(stage, unread)
            if paths:
                found[stage.id] = tuple(sorted(set(paths)))
    return found


def has_fewer_files(content: Content, locked: Version) -> bool:
    """Whether Git has fewer files of a folder than DVC counted: some are ignored or deleted."""
    return locked.nfiles is not None and any(
        version.nfiles is not None and version.nfiles < locked.nfiles
        for version in content.versions
    )


def _of_stage(stage: Stage, contents: Mapping[str, Content], outs: "_ListedOuts") -> Iterator[str]:
    if not stage.frozen:
        for dep in stage.deps:
            if not dep.external and dep.locked is not None and dep.locked.hash is not None:
                content = contents.get(dep.path)
                if content is None:
                    if dep.reached not in outs.paths and not outs.is_listed(dep.reached):
                        yield dep.path
                elif _is_open(content, dep, outs):
                    yield dep.path
    for out in stage.outs:
        content = contents.get(out.path)
        if content is not None and content.unknown is not None and content.kind != "symlink":
            yield out.path


def _unread_params(stage: Stage, unread: Collection[str]) -> Iterator[str]:
    """Yield the params files of a stage whose values are `unread`: DVC or Git holds them so."""
    for param in stage.params if not stage.frozen else ():
        if param.locked is not None and param.path in unread:
            yield param.path


def _is_open(content: Content, dep: Dep, outs: "_ListedOuts") -> bool:
    if content.unknown is not None:
        if content.kind != "symlink":
            return True
        # The target of a link out of the repository changes without a commit.
        is_known = dep.reached in outs.paths or outs.is_listed(dep.reached)
        return dep.target is not None and not is_known
    if content.kind != "directory" or dep.locked is None:
        return False
    if any(version.hash == dep.locked.hash for version in content.versions):
        return False
    return has_fewer_files(content, dep.locked) or outs.lies_above(dep.path)


class _ListedOuts:
    """The outs of a lineage. The folders above them are indexed on first use."""

    def __init__(self, lineage: Lineage, listings: Mapping[str, Listing]) -> None:
        self.paths = {out.path for stage in lineage.stages for out in stage.outs}
        self._listings = {path: item for path, item in listings.items() if item.unknown is None}
        self._above: set[str] | None = None

    def is_listed(self, path: str) -> bool:
        """Whether the path lies inside a directory with a known listing."""
        return enclosing_dir(path, self._listings) is not None

    def lies_above(self, path: str) -> bool:
        """Whether an out lies below the path."""
        if self._above is None:
            self._above = folders_around(self.paths)
        return path in self._above
