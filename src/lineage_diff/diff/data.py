"""Compare the outs of stages and `.dvc` files, and the files inside directories.

Follows `dvc diff` (`dvc.repo.diff`, `dvc_data.index.diff`) at the level of outs: a removed out and
a new one with the same hash are a rename, matched in the order of their paths. An out that never
ran is listed without a hash. Unlike `dvc diff`, outs with `cache: false` are listed (`tracked_by`
is `git`), and an out whose hash differs only in its algorithm's name is `rehashed`.

The files inside DVC-tracked directories follow `dvc diff` too: a removed file and a new one with
the same hash are a rename, in any directory or as an out by itself, matched in the order of their
paths. Outs are matched with each other first.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from lineage_diff.lineage.dir_listing import Listing
from lineage_diff.lineage.outputs import TrackedOutput
from lineage_diff.lineage.version import hash_text, same_version
from lineage_diff.report.change import DataChange, FileChange, FilesChange, Side, side


def data_changes(
    old: Mapping[str, TrackedOutput], new: Mapping[str, TrackedOutput]
) -> tuple[DataChange, ...]:
    """List the outs whose version differs, by path."""
    found: list[DataChange] = []
    gone: dict[str, deque[str]] = defaultdict(deque)
    for path in sorted(old.keys() - new.keys()):
        gone[hash_text(old[path].version) or path].append(path)
    for path in sorted(old.keys() & new.keys()):
        before, after = old[path], new[path]
        if before is after or before.version is after.version:
            continue
        if not same_version(before.version, after.version):
            found.append(_change(path, "modified", before, after))
        elif before.version and after.version and before.version.hash != after.version.hash:
            found.append(_change(path, "rehashed", before, after))
    matched: set[str] = set()
    for path in sorted(new.keys() - old.keys()):
        key = hash_text(new[path].version)
        if key is not None and gone.get(key):
            source = gone[key].popleft()
            matched.add(source)
            found.append(_change(path, "renamed", old[source], new[path], source))
        else:
            found.append(_change(path, "added", None, new[path]))
    removed = old.keys() - new.keys() - matched
    found.extend(_change(path, "removed", old[path], None) for path in removed)
    return tuple(sorted(found, key=lambda change: change.path))


def _change(
    path: str,
    change: Literal["added", "removed", "modified", "renamed", "rehashed"],
    before: TrackedOutput | None,
    after: TrackedOutput | None,
    source: str | None = None,
) -> DataChange:
    tracked: Literal["stage", "dvc", "git"] = "stage"
    for made in (before, after):
        if made is not None:
            tracked = _tracked_by(made)
    return DataChange(
        path,
        change,
        side(before.version) if before else None,
        side(after.version) if after else None,
        tracked,
        source,
    )


def _tracked_by(made: TrackedOutput) -> Literal["stage", "dvc", "git"]:
    if not made.out.cache:
        return "git"
    return "dvc" if made.stage.is_dvcfile else "stage"


EXAMPLES = 3
"""Examples of each kind of change: an illustration, not a full listing."""

Listings = Mapping[str, Listing]


class _Files(Struct):
    """The files of all changed directories at base and head: hash and directory by path.

    An out that is a file has `""` as directory.
    """

    old: dict[str, tuple[str, str]] = field(default_factory=dict)
    new: dict[str, tuple[str, str]] = field(default_factory=dict)


def with_files(
    changes: tuple[DataChange, ...], old: Listings, new: Listings
) -> tuple[DataChange, ...]:
    """Return the changes with the changed files of directories that have listings."""
    if not old and not new:
        return changes
    files = _Files()
    by_out: dict[str, list[FileChange]] = {}
    unknown: dict[str, str] = {}
    for change in changes:
        source = change.renamed_from or change.path
        if _is_open(change.old, old.get(source)) or _is_open(change.new, new.get(change.path)):
            continue
        sides = [
            listing
            for listing in (old.get(source), new.get(change.path))
            if listing is not None and change.change != "rehashed"
        ]
        reasons = [listing.unknown for listing in sides if listing.unknown is not None]
        if reasons:
            unknown[change.path] = reasons[0]
        elif sides:
            by_out[change.path] = []
            _add(files.old, source, change.path, old.get(source))
            _add(files.new, change.path, change.path, new.get(change.path))
    for change in changes:
        if change.tracked_by != "git" and change.change == "removed":
            _add_out(files.old, change.path, change.old)
        if change.tracked_by != "git" and change.change == "added":
            _add_out(files.new, change.path, change.new)
    for out, item in _changes(files):
        if out:
            by_out[out].append(item)
    return tuple(
        replace(change, files=_sum_up(by_out[change.path]))
        if change.path in by_out
        else replace(change, files=FilesChange(unknown=unknown[change.path]))
        if change.path in unknown
        else change
        for change in changes
    )


def _is_open(side: Side | None, listing: Listing | None) -> bool:
    """Whether one side is a directory whose files are not listed."""
    return bool(side and side.hash and side.hash.endswith(".dir")) and listing is None


def _add(files: dict[str, tuple[str, str]], folder: str, out: str, listing: Listing | None) -> None:
    if listing is not None:
        files |= {f"{folder}/{name}": (h.value, out) for name, h in listing.files.items()}


def _add_out(files: dict[str, tuple[str, str]], path: str, side: Side | None) -> None:
    if side is not None and side.hash is not None and not side.hash.endswith(".dir"):
        files[path] = side.hash.partition(":")[2], ""


def _changes(files: _Files) -> Iterator[tuple[str, FileChange]]:
    """Yield the changed files, each with the out under which it is reported."""
    gone: dict[str, deque[str]] = defaultdict(deque)
    for path in sorted(files.old.keys() - files.new.keys(), key=_parts):
        gone[files.old[path][0]].append(path)
    for path in files.old.keys() & files.new.keys():
        if files.old[path][0] != files.new[path][0]:
            yield files.new[path][1], FileChange(path, "modified")
    for path in sorted(files.new.keys() - files.old.keys(), key=_parts):
        value, out = files.new[path]
        if gone[value]:
            source = gone[value].popleft()
            yield out or files.old[source][1], FileChange(path, "renamed", source)
        else:
            yield out, FileChange(path, "added")
    for paths in gone.values():
        for path in paths:
            yield files.old[path][1], FileChange(path, "removed")


def _parts(path: str) -> list[str]:
    return path.split("/")


def _sum_up(changes: Iterable[FileChange]) -> FilesChange:
    kinds: dict[str, list[FileChange]] = defaultdict(list)
    for item in sorted(changes, key=lambda change: change.path):
        kinds[item.change].append(item)
    shown = (item for name in sorted(kinds) for item in kinds[name][:EXAMPLES])
    return FilesChange(
        added=len(kinds["added"]),
        removed=len(kinds["removed"]),
        modified=len(kinds["modified"]),
        renamed=len(kinds["renamed"]),
        examples=tuple(sorted(shown, key=lambda item: item.path)),
    )
