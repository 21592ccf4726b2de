"""One commit as the source of plots: its files and, if requested, its DVC-tracked files."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice

from lineage_diff import limits
from lineage_diff.dvc import unknown_reasons as unknown
from lineage_diff.dvc.project import is_listed_as_data
from lineage_diff.errors import InputError
from lineage_diff.git.path_rules import GITIGNORE
from lineage_diff.git.snapshot import Entry, Snapshot
from lineage_diff.lineage.graph import ancestors, inside
from lineage_diff.lineage.lineage import Lineage

Cached = Callable[[str], bytes | None]
"""Returns the bytes of a DVC-tracked path, `None` if the commit has no such file. Raises
`InputError` if they are not available."""

Listed = Callable[[str], Iterable[str]]
"""Returns the paths of the files in a DVC-tracked folder, or the path itself."""


def _not_asked(path: str) -> bytes | None:
    raise InputError(unknown.CACHED, hint="", file=path)


def _not_listed(path: str) -> Iterable[str]:
    return (path,)


@dataclass(frozen=True, slots=True)
class PlotSide:
    """One commit. DVC-tracked files are available only through `cached` and `listed`."""

    snapshot: Snapshot
    lineage: Lineage
    cached: Cached = _not_asked
    listed: Listed = _not_listed
    _read: dict[str, bytes | None] = field(default_factory=dict)
    _kept: frozenset[str] = field(init=False, default=frozenset())
    _kept_paths: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        kept = {out.path for stage in self.lineage.stages for out in stage.outs if out.cache}
        object.__setattr__(self, "_kept", frozenset(kept))
        object.__setattr__(self, "_kept_paths", sorted(kept))

    def content(self, path: str) -> bytes | None:
        """Return a file's bytes, `None` if the commit has no such file. Raises `InputError`."""
        if self._file(path) is not None:
            return self.snapshot.read(path)
        if not self._is_kept(path):
            return None
        if path not in self._read:
            self._read[path] = self.cached(path)
        return self._read[path]

    def content_id(self, path: str) -> str | None:
        """Return an id of a file's bytes, `None` as for `content`. Raises `InputError`."""
        file = self._file(path)
        if file is not None:
            return file.oid
        content = self.content(path)
        return sha256(content).hexdigest() if content is not None else None

    def _file(self, path: str) -> Entry | None:
        target = self.snapshot.resolve(path)
        entry = self.snapshot.entry(target) if target is not None else None
        return entry if entry is not None and entry.kind in ("file", "executable") else None

    def files(self, path: str) -> Iterator[str]:
        """Yield the files in a folder, or the path itself if it is not a folder.

        Also those that DVC keeps there; as for DVC, its own files are none.
        """
        entry = self.snapshot.entry(path)
        kept = () if self._is_kept(path) else inside(self._kept_paths, path)
        if entry is None and self._is_kept(path):
            yield from list(self.listed(path))[: limits.PLOT_FILES]
        elif not path or ((entry is None or entry.kind != "directory") and not kept):
            yield path
        else:
            yield from self._below(path)
            found = (file for out in kept for file in self.listed(out))
            yield from islice(found, limits.PLOT_FILES)

    def _below(self, folder: str) -> Iterator[str]:
        pending, count = [folder], 0
        while pending and count < limits.PLOT_FILES:
            above = pending.pop(0)
            for name, item in self.snapshot.children(above):
                if item.kind == "directory":
                    pending.append(f"{above}/{name}")
                elif is_listed_as_data(name) and name != GITIGNORE:
                    count += 1
                    yield f"{above}/{name}"

    def _is_kept(self, path: str) -> bool:
        return path in self._kept or any(folder in self._kept for folder in ancestors(path))
