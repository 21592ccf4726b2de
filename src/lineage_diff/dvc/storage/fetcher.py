"""Read the DVC-tracked files of two commits from storage, as far as the configuration allows."""

import dataclasses
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.dvc import unknown_reasons as unknown
from lineage_diff.dvc.lock.recorded_listings import deps_inside, with_folders
from lineage_diff.dvc.metrics_and_params import metrics_file, parts_of_patterns, select_params
from lineage_diff.dvc.plots.source import PlotSide
from lineage_diff.dvc.storage.listings import ListingReader
from lineage_diff.dvc.storage.objects import Objects, Unfetched
from lineage_diff.errors import InputError
from lineage_diff.limits import USUAL, Limits
from lineage_diff.lineage.dir_listing import Listing
from lineage_diff.lineage.graph import ancestors, value_around
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.outputs import Stored, is_within, kept_outs
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.lineage.version import Hash
from lineage_diff.parsing.values_file import parse_values, suffix_of
from lineage_diff.parsing.work_budget import WorkBudget


class Storage(Protocol):
    """The storage of a repository's DVC projects."""

    def of(self, root: str) -> Objects:
        """Return the objects of the project at a folder of the repository."""


@dataclass(slots=True)
class _CachedOuts:
    """The cached outs of a commit, each with its stored object."""

    lineage: Lineage
    roots: tuple[str, ...]
    kept: dict[str, Stored] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kept in kept_outs(self.lineage, self.roots):
            self.kept.setdefault(kept.out.path, kept.stored)


class _Values(Struct, frozen=True):
    """One side's metrics or params; `fetched` gives the failure of each requested file."""

    files: dict[str, ValuesFile]
    fetched: dict[str, str | None]


class Fetcher:
    """Reads the stored contents of commits; objects that both sides share are read once."""

    def __init__(self, storage: Storage, roots: Collection[str], limits: Limits = USUAL) -> None:
        self._storage = storage
        self._limits = limits
        self._roots = tuple(roots)
        self._listings = ListingReader()
        self._values: dict[tuple[Hash, str], Any] = {}
        self._work = WorkBudget()

    def fetch_values(self, base: Lineage, head: Lineage) -> tuple[Lineage, Lineage]:
        """Return both commits with the values of metrics and params that DVC keeps.

        Objects that are surely the same on both sides are not read, except the params of stages:
        these are compared with the locked values. For an unavailable object, the reason replaces
        its values.
        """
        old, new = _CachedOuts(base, self._roots), _CachedOuts(head, self._roots)
        metrics = self._metrics(old, new), self._metrics(new, old)
        params = self._params(old, new), self._params(new, old)
        return (
            replace(base, metrics=_as_far_as(*metrics), params=_as_kept(*params)),
            replace(head, metrics=_as_far_as(*metrics[::-1]), params=_as_kept(*params[::-1])),
        )

    def fetch_listings(
        self, base: Lineage, head: Lineage
    ) -> tuple[dict[str, Listing], dict[str, Listing]]:
        """Return the listings, by path, of directories that differ, or that contain a dep."""
        old, new = _CachedOuts(base, self._roots), _CachedOuts(head, self._roots)
        return self._read_listings(old, new), self._read_listings(new, old)

    def for_plots(self, side: PlotSide) -> PlotSide:
        """Return a commit whose DVC-tracked plots are read from the storage."""
        outs = _CachedOuts(side.lineage, self._roots)
        return dataclasses.replace(
            side,
            cached=self.cached(side.lineage),
            listed=lambda path: self._expand(path, outs),
        )

    def cached(self, lineage: Lineage) -> Callable[[str], bytes | None]:
        """Return a function that reads a DVC-tracked path of a commit, such as a plot.

        It returns `None` for a path that the commit lacks, and raises `InputError` with the reason
        for an unavailable file.
        """
        outs = _CachedOuts(lineage, self._roots)

        def read(path: str) -> bytes | None:
            found = self._find_stored(path, outs)
            if isinstance(found, str):
                raise InputError(found, hint="", file=path)
            if found is None:
                return None
            content = self._bytes(found)
            if isinstance(content, Unfetched):
                raise InputError(content.reason, hint="", file=path)
            return content

        return read

    def _metrics(self, side: _CachedOuts, other: _CachedOuts) -> _Values:
        found: dict[str, ValuesFile] = {}
        fetched: dict[str, str | None] = {}
        for path, file in side.lineage.metrics.items():
            if file.cached and _same(file.target or path, side, other):
                # The file is unchanged, so there is no need to read it.
                found[path] = replace(file, cached=False)
            elif file.cached or (file.unknown == unknown.ABSENT):
                for one in self._expand(path, side):
                    found[one], fetched[one] = self._file(one, side, file.target)
            else:
                found[path] = file
        return _Values(dict(sorted(found.items())), fetched)

    def _params(self, side: _CachedOuts, other: _CachedOuts) -> _Values:
        found: dict[str, ValuesFile] = {}
        fetched: dict[str, str | None] = {}
        taken = {param.path for stage in side.lineage.stages for param in stage.params}
        for path, file in side.lineage.params.items():
            if not file.cached or (path not in taken and _same(file.target or path, side, other)):
                found[path] = file
                continue
            for one in self._expand(path, side):
                read, fetched[one] = self._read(one, side, file.target)
                if read.unknown is None:
                    parts = parts_of_patterns(file.keys)
                    read = select_params(one, read.values, file.keys, self._work, parts)
                if read.unknown != unknown.ABSENT:
                    found[one] = read
        return _Values(dict(sorted(found.items())), fetched)

    def _expand(self, path: str, outs: _CachedOuts) -> Iterator[str]:
        """Yield a path; a directory is replaced by its DVC-tracked files."""
        folder = next((at for at in (path, *ancestors(path)) if at in outs.kept), None)
        if folder is None:
            inside = [out for out in outs.kept if out.startswith(f"{path}/")]
            found = [file for out in inside for file in self._expand(out, outs)]
        else:
            stored = outs.kept[folder]
            listed = self._listing(stored).files if stored.hash.is_dir else {}
            found = [file for name in listed if is_within(file := f"{folder}/{name}", path)]
        yield from found or [path]

    def _file(
        self, path: str, outs: _CachedOuts, target: str | None
    ) -> tuple[ValuesFile, str | None]:
        """Return a file's metrics, and the reason if it could not be fetched."""
        file, failed = self._read(path, outs, target)
        if file.unknown is None:
            file = metrics_file(path, file.values)
        return file, failed

    def _read(
        self, path: str, outs: _CachedOuts, target: str | None
    ) -> tuple[ValuesFile, str | None]:
        """Return a file's values, and the reason if it could not be fetched.

        `target` is the path to which a link leads from there.
        """
        stored = self._find_stored(path if target is None else target, outs)
        if stored is None:
            return ValuesFile(path, None, unknown.ABSENT), None
        if isinstance(stored, str):
            return ValuesFile(path, None, stored), stored
        key = stored.hash, suffix_of(path)
        if key not in self._values:
            content = self._bytes(stored)
            try:
                self._values[key] = (
                    content
                    if isinstance(content, Unfetched)
                    else parse_values(content, path, WorkBudget(self._limits))
                )
            except InputError as error:
                self._values[key] = error
        values = self._values[key]
        if isinstance(values, Unfetched):
            return ValuesFile(path, None, values.reason), values.reason
        if isinstance(values, InputError):
            return ValuesFile(path, None, unknown.unreadable(values), unreadable=True), None
        return ValuesFile(path, values), None

    def _find_stored(self, path: str, outs: _CachedOuts) -> Stored | str | None:
        """Return a file's stored object, `None` for none, or why it is unknown."""
        kept = outs.kept.get(path)
        if kept is not None:
            return self._listing(kept).unknown if kept.hash.is_dir else kept
        folder = next((at for at in ancestors(path) if at in outs.kept), None)
        if folder is None:
            return None
        stored = outs.kept[folder]
        listing = self._listing(stored)
        if listing.unknown is not None:
            return unknown.holds_no_listing(folder, listing.unknown)
        hash_ = listing.files.get(path[len(folder) + 1 :])
        return replace(stored, hash=hash_, files=None) if hash_ is not None else None

    def _read_listings(self, side: _CachedOuts, other: _CachedOuts) -> dict[str, Listing]:
        inside = deps_inside(side.lineage.stages)
        found: dict[str, Listing] = {}
        for path, stored in sorted(side.kept.items()):
            if stored.hash.is_dir and (path in inside or not _same(path, side, other)):
                found[path] = with_folders(self._listing(stored), inside.get(path, ()))
        return found

    def _listing(self, stored: Stored) -> Listing:
        if stored.files is not None:
            return Listing(dict(stored.files))
        return self._listings.read(self._storage.of(stored.root), stored.hash, stored.remote)

    def _bytes(self, stored: Stored) -> bytes | Unfetched:
        return self._storage.of(stored.root).read(stored.hash, stored.remote)


def _as_kept(side: _Values, other: _Values) -> dict[str, ValuesFile]:
    """Return one side's params; the history may still give those that were not fetched."""
    return {
        path: replace(file, cached=True) if path in side.fetched and file.unknown else file
        for path, file in _as_far_as(side, other).items()
    }


def _as_far_as(side: _Values, other: _Values) -> dict[str, ValuesFile]:
    """Return one side's metrics without those that could be fetched for this side alone.

    Otherwise the unknown metrics of the other side would look missing.
    """
    files = dict(side.files)
    failed = {path: reason for path, reason in other.fetched.items() if reason is not None}
    for path, reason in side.fetched.items():
        here = value_around(path, failed)
        if reason is None and here is not None:
            files[path] = ValuesFile(path, None, here)
    return files


def _same(path: str, side: _CachedOuts, other: _CachedOuts) -> bool:
    """Return whether the out at a path, or above it, has the same hash on both sides."""
    for at in (path, *ancestors(path)):
        if at in side.kept:
            return at in other.kept and side.kept[at].hash == other.kept[at].hash
    return False
