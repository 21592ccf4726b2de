"""Versions of data: the outs of stages and of `.dvc` files that differ.

Follows `dvc diff` (`dvc.repo.diff`, `dvc_data.index.diff`) at the level of outs: a rename is an
out that is gone and a new one with the same hash, matched in the order of their paths. An out
that never ran is listed without a hash. Unlike `dvc diff` it lists outs with `cache: false`
(`tracked_by` is `git`), and calls `rehashed` what differs in the hash's name only.
"""

from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Literal

from lineage_diff.compare.change import DataChange
from lineage_diff.compare.made import Made
from lineage_diff.compare.versions import same_version, side
from lineage_diff.lineage.version import Version


def data_changes(old: Mapping[str, Made], new: Mapping[str, Made]) -> tuple[DataChange, ...]:
    """List the outs whose version differs, by path."""
    found: list[DataChange] = []
    gone: dict[str, deque[str]] = defaultdict(deque)
    for path in sorted(old.keys() - new.keys()):
        gone[_key(old[path].version) or path].append(path)
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
        key = _key(new[path].version)
        if key is not None and gone.get(key):
            source = gone[key].popleft()
            matched.add(source)
            found.append(_change(path, "renamed", old[source], new[path], source))
        else:
            found.append(_change(path, "added", None, new[path]))
    removed = old.keys() - new.keys() - matched
    found.extend(_change(path, "removed", old[path], None) for path in removed)
    return tuple(sorted(found, key=lambda change: change.path))


def _key(version: Version | None) -> str | None:
    return str(version.hash) if version and version.hash else None


def _change(
    path: str,
    change: Literal["added", "removed", "modified", "renamed", "rehashed"],
    before: Made | None,
    after: Made | None,
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


def _tracked_by(made: Made) -> Literal["stage", "dvc", "git"]:
    if not made.out.cache:
        return "git"
    return "dvc" if made.stage.is_dvcfile else "stage"
